"""Policies of mail: what is told ahead, and at which hours."""

from paidthru.organizations.rules.catalogue.key import TIME, Numbers, Value, key

_NONE: list[int] = []
_BY_PRESET: dict[str, Value] = {"recommended": 14}
_ATTACHED: dict[str, Value] = {"recommended": "both"}

MAIL = (
    key(
        "renewal.notice_days",
        "How many days before a renewal the member is told of it, with the date, the amount and how it is paid; several"
        " are several notices. It can be declined, and whoever has canceled gets none. An empty list is no notice.",
        "A-53",
        low=1,
        high=365,
        unit="days",
        numbers=Numbers(items=4, most=365, example=(30, 7), least=0),
        scopes=("plan", "organization"),
        title="Notice before a renewal",
        default=_NONE,
    ),
    key(
        "card.notice_days",
        "How many days before a charge a member on autopay is told that the card on file will have expired by then; 0"
        " tells nobody.",
        "A-53",
        low=0,
        high=90,
        unit="days",
        scopes=("plan", "organization"),
        title="Notice before a card expires",
        default=0,
        by_preset=_BY_PRESET,
    ),
    key(
        "mail.hours",
        "The hours of the day, in the organization's zone, in which mail is sent. What somebody waits for (a receipt, a"
        " link they asked for, a payment to confirm) is sent at once all the same.",
        "A-53",
        words=("always",),
        calls={"between": (TIME, TIME)},
        says={"always": "at any hour", "between": "between two hours"},
        asks={"between": ("From", "Until")},
        title="Hours of mail",
        default="always",
    ),
    key(
        "mail.attach",
        "What goes with a mail as PDF: the invoice with the mail that asks for it (with a renewal bill, its notice),"
        " the receipt with the mail that says thanks, both, or nothing. A document that can't be drawn never holds its"
        " mail up.",
        "A-15",
        words=("none", "invoice", "receipt", "both"),
        says={
            "none": "nothing",
            "invoice": "invoices",
            "receipt": "receipts",
            "both": "invoices and receipts",
        },
        title="PDFs with mails",
        default="none",
        by_preset=_ATTACHED,
    ),
)
