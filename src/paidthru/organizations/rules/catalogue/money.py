"""Policies of money: the books, credit, what is carried on, and from which amount on a refund is approved."""

from paidthru.organizations.rules.catalogue.key import AMOUNT, ORGANIZATION, call, key

MONEY = (
    key(
        "accounting.method",
        "Income when billed (accrual) or when received (cash).",
        "G-10 G-11",
        words=("accrual", "cash"),
        says={"accrual": "when it is billed", "cash": "when it is received"},
        title="Accounting method",
        default="accrual",
        by_preset={"association": "cash", "ams_nonprofit": "cash", "community": "cash"},
    ),
    key(
        "accounting.defer",
        "Which income is spread over its term (accrual).",
        "field-notes D.4 D.5",
        words=("future_terms", "all", "none"),
        says={
            "future_terms": "that of terms that haven't begun",
            "all": "all of it",
            "none": "none",
        },
        title="Deferred income",
        default="future_terms",
    ),
    key(
        "balance.carry_previous",
        "Whether what is left unpaid is added to the next bill (cash accounting; never what is voluntary), and a"
        " member's credit is shown on it.",
        "G-40 to G-44",
        words=("on", "off"),
        says={"on": "added to the next bill", "off": "stays with its own bill"},
        scopes=ORGANIZATION,
        title="Previous balance",
        default="off",
        by_preset={"association": "on"},
    ),
    key(
        "credit.apply",
        "Whether a member's credit pays the next invoice by itself.",
        "stories: Money in",
        words=("auto", "ask"),
        says={"auto": "it does, by itself", "ask": "staff are asked"},
        title="A member's credit",
        default="auto",
    ),
    key(
        "payment.allocation",
        "What money pays that staff record without saying for which invoice: the oldest that is owed first, the newest"
        " first, or nothing, so that staff apply it by hand.",
        "stories: Money in",
        words=("oldest_first", "newest_first", "on_account"),
        says={
            "oldest_first": "the oldest first",
            "newest_first": "the newest first",
            "on_account": "nothing: it stays on account",
        },
        scopes=ORGANIZATION,
        title="What money pays",
        default="oldest_first",
    ),
    key(
        "tax.rounding",
        "Where tax is rounded: on each line, or once for all lines of an invoice under the same rate and then shared"
        " out over them to the cent. Half up in either case.",
        "A-14 stories: Money in",
        words=("per_line", "per_invoice"),
        says={"per_line": "on each line", "per_invoice": "once an invoice"},
        scopes=ORGANIZATION,
        title="Rounding of tax",
        default="per_line",
    ),
    key(
        "reversal.paid_through",
        "What becomes of a member's paid-through date when the payment behind it is returned, reversed or lost"
        " in a dispute: it goes back to the last term that is paid, or stays.",
        "I-65 field-notes B.4",
        words=("roll_back", "keep"),
        says={"roll_back": "it goes back", "keep": "it stays"},
        scopes=("plan", "organization"),
        title="Paid through after a return",
        default="roll_back",
    ),
    key(
        "refund.approve_above",
        "With staff.separation on: refunds up to this amount (in the currency's smallest units) need nobody"
        " else; 0 has every refund approved, and so is every one in another currency. Without separation a"
        " refund is approved by whoever asks for it.",
        "A-34 field-notes E.3",
        low=0,
        high=10**12,
        unit="the currency's smallest units, such as cents,",
        title="Refunds that need nobody else",
        default=0,
    ),
    key(
        "visits.collect",
        "When visits that a plan doesn't include are billed and charged: at once, or together when the cycle is over.",
        "C-03 C-28",
        words=("at_once", "at_cycle_end"),
        says={"at_once": "at once", "at_cycle_end": "together, when the cycle is over"},
        title="Visits beyond the plan",
        default="at_once",
    ),
    key(
        "giving",
        "Whether the pages of giving are there: campaigns, donations and gifts, in the console, the portal and on each"
        " campaign's own page. What was given stays.",
        "A-19",
        words=("off", "on"),
        says={"off": "hidden", "on": "shown"},
        title="Giving",
        default="off",
        by_preset={"ams_nonprofit": "on", "association": "on", "recommended": "on"},
    ),
    key(
        "giving.receipts",
        "Whether a donation, or an instalment of a pledge, that is paid has a tax receipt by itself; money that goes"
        " back voids it.",
        "A-25",
        words=("automatic", "off"),
        says={"automatic": "by itself, when it is paid", "off": "none"},
        title="Tax receipts",
        default="off",
        by_preset={"ams_nonprofit": "automatic"},
    ),
    key(
        "late_fee",
        "What is charged on an assessment or a levy that stays unpaid: nothing, an amount once after so many days of"
        " grace, or an amount every month from then on until all of them come to a cap.",
        "A-33",
        words=("off",),
        calls={"once": (AMOUNT, 365), "monthly": (AMOUNT, 365, AMOUNT)},
        says={"off": "nothing", "once": "an amount, once", "monthly": "an amount every month, up to a cap"},
        asks={"once": ("Amount", "Days of grace"), "monthly": ("Amount", "Days of grace", "At most in all")},
        title="Late fee",
        default="off",
        by_preset={"ams_hoa": call("once", "25.00", 30)},
    ),
    key(
        "transfer.arrears",
        "Who owes what is open of a home that changes hands: it stays with whom it was billed to, or it follows the"
        " home and is asked of the new owner.",
        "A-32",
        words=("stay", "follow"),
        says={"stay": "stays with the former owner", "follow": "follows the home"},
        title="Arrears of a home that changes hands",
        default="stay",
    ),
)
