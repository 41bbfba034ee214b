"""What membership decides, without a database: terms, prices, who a run bills, and what a status is called.

Dates are the organization's local dates, terms half-open `[start, end)`, amounts minor units of the plan's
currency. Nothing here reads the clock or writes anything.
"""
