"""Policies of collecting: when a payment is tried, how often, and with what."""

from paidthru.organizations.rules.catalogue.key import SCOPES, Numbers, call, key

_WITHIN_THE_HOUR = call("charge_within", 60)

COLLECTING = (
    key(
        "collect.submit",
        "Whether invoices of members on autopay are submitted on their due date, or by staff. Where it isn't set, who"
        " starts billing (billing.trigger) submits as well.",
        "I-25 I-23 I-71 X1",
        words=("daily", "by_hand"),
        says={"daily": "on their due date", "by_hand": "by staff"},
        title="Submitting to autopay",
        default="daily",
        by_preset={"association": "by_hand"},
        follows=("billing.trigger", {"auto": "daily", "staff_run": "by_hand"}),
    ),
    key(
        "collect.cadence_owner",
        "Who decides when a failed payment is tried again: this product by collect.offsets, the processor (nothing"
        " is tried here but the offsets that are set, and reminders go on), or staff.",
        "X5 C-45 A-45",
        words=("product", "processor", "staff"),
        says={"product": "this product", "processor": "the processor", "staff": "staff"},
        scopes=("plan", "organization"),
        title="Who decides about retries",
        default="processor",
        by_preset={"association": "staff", "coworking": "product", "recommended": "product"},
    ),
    key(
        "collect.offsets",
        "When a payment is tried by itself: days after the previous failure, 0 being the same day. The first"
        " number is the first try, on the due date; [0] tries once.",
        "A-45 P-05 X5",
        numbers=Numbers(items=9, most=60, first=0, example=(0, 1, 3, 3)),
        scopes=("plan", "organization"),
        title="Days of the tries",
        default=[0],
        by_preset={"coworking": [0, 1, 3, 3], "recommended": [0, 1, 3, 5, 7]},
    ),
    key(
        "collect.max_attempts",
        "How often a payment may be tried with one payment method.",
        "I-26 I-44",
        low=1,
        high=9,
        title="Tries with one payment method",
        default=4,
        by_preset={"association": 3, "recommended": 5},
    ),
    key(
        "collect.async_clock",
        "From when the next try of a bank debit is counted: from the bank's notice that it failed.",
        "P-18 X22",
        words=("from_notice",),
        says={"from_notice": "from the bank's notice"},
        title="Retries of bank debits",
        default="from_notice",
    ),
    key(
        "collect.expired_card",
        "A card that has expired: is tried once and then held, counts like any other, is left to the processor (nothing"
        " here holds it), or is not charged before the member was asked for a new one.",
        "I-28 I-29",
        words=("once", "counts", "processor", "ask_first"),
        says={
            "once": "tried once, then held",
            "counts": "counts like any other",
            "processor": "left to the processor",
            "ask_first": "not charged; the member is asked",
        },
        title="An expired card",
        default="processor",
        by_preset={"association": "once", "coworking": "counts", "recommended": "ask_first"},
    ),
    key(
        "collect.on_method_update",
        "A new payment method while something is past due: charges it within so many minutes, at the next"
        " billing hour, or when it is submitted again.",
        "P-15 I-31 X9",
        words=("next_slot", "release"),
        also={"release_to_submit": "release", "charge_within": _WITHIN_THE_HOUR},
        calls={"charge_within": (1440,)},
        says={
            "charge_within": "charged within so many minutes",
            "next_slot": "charged at the next billing hour",
            "release": "released, to be submitted again",
        },
        asks={"charge_within": ("Minutes",)},
        scopes=("plan", "organization"),
        title="A new payment method while past due",
        default="next_slot",
        by_preset={
            "association": "release",
            "coworking": _WITHIN_THE_HOUR,
            "recommended": _WITHIN_THE_HOUR,
        },
    ),
    key(
        "collect.arrears",
        "An earlier term that is still unpaid when a new one falls due: is no longer collected by itself"
        " (staff resolve it), goes before the new one, is collected beside it, or is carried on to the new bill.",
        "I-38 X10",
        words=("current_only", "oldest_first", "all_open", "carry_balance"),
        also={"current": "current_only"},
        says={
            "current_only": "left to staff",
            "oldest_first": "goes first",
            "all_open": "collected beside it",
            "carry_balance": "carried on to the new bill",
        },
        title="An earlier term still unpaid",
        default="current_only",
        by_preset={
            "ams_nonprofit": "all_open",
            "ams_hoa": "oldest_first",
            "recommended": "oldest_first",
        },
    ),
    key(
        "collect.part_payments",
        "Whether members can pay a part of an invoice in their pages. What is left stays open, and is collected or"
        " reminded of as the whole was.",
        "C-43",
        words=("on", "off"),
        says={"on": "members can pay a part", "off": "an invoice is paid whole"},
        title="Paying a part",
        default="on",
    ),
    key(
        "collect.reconcile_timeout_days",
        "Days after which an attempt without a final answer is flagged, a bank debit too. It is not tried again, and a"
        " late answer still counts.",
        "I-36 I-37 X22",
        low=1,
        high=30,
        unit="days",
        title="Unanswered attempts",
        default=5,
    ),
    key(
        "collect.action_days",
        "Days in which a member can confirm a payment that needs it; then it is canceled.",
        "C-15",
        low=1,
        high=30,
        unit="days",
        title="Time to confirm a payment",
        default=7,
    ),
    key(
        "collect.on_exhausted",
        "What comes when everything was tried and it is still unpaid: the membership lapses so many days after it"
        " was due, moves to the default plan, stays past due, waits for staff, ends, or goes on being billed for so"
        " many terms before it waits for staff.",
        "X3 A-49 P-04 I-34",
        words=("downgrade", "stay_past_due", "staff_queue", "cancel"),
        calls={"lapse": (365,), "keep_invoicing": (24,)},
        also={"lapse": call("lapse", 30)},
        says={
            "lapse": "it lapses so many days after the due date",
            "downgrade": "it moves to the default plan",
            "stay_past_due": "it stays past due",
            "staff_queue": "it waits for staff",
            "cancel": "it ends",
            "keep_invoicing": "it is billed for so many more terms",
        },
        asks={"lapse": ("Days after the due date",), "keep_invoicing": ("Terms",)},
        scopes=SCOPES,
        title="After the last try",
        default=call("lapse", 30),
        by_preset={
            "ams_hoa": "stay_past_due",
            "community": "stay_past_due",
            "association": "staff_queue",
            "coworking": "downgrade",
        },
    ),
)
