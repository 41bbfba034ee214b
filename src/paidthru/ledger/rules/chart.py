"""The chart of accounts that every organization starts with (field-notes D.2), by the names that rules use."""

from types import MappingProxyType

CHART = MappingProxyType(
    {
        "Bank": ("1000", "asset"),
        "Undeposited": ("1010", "asset"),
        "Clearing": ("1100", "asset"),
        "Exchange": ("1150", "asset"),
        "Receivable": ("1200", "asset"),
        "Pledges": ("1210", "asset"),
        "Disputes": ("1220", "asset"),
        "Memo billed": ("1290", "memo"),
        "Memo contra": ("2990", "memo"),
        "Credit": ("2000", "liability"),
        "Refunds payable": ("2010", "liability"),
        "Deferred": ("2100", "liability"),
        "Tax": ("2200", "liability"),
        "Suspense": ("2900", "liability"),
        "Income:Dues": ("4000", "income"),
        "Income:Assessments": ("4050", "income"),
        "Income:Fees": ("4100", "income"),
        "Income:Donations": ("4200", "income"),
        "Income:Visits": ("4250", "income"),
        "Income:Tickets": ("4260", "income"),
        "Income:Other": ("4300", "income"),
        "Adjustments": ("4905", "income"),
        "Returns": ("4910", "income"),
        "Processor fees": ("5000", "expense"),
        "Dispute fees": ("5010", "expense"),
        "Bad debt": ("5100", "expense"),
    }
)
