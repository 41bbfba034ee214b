"""The catalogue of policies: what each decides, what it can be, and what every preset decides at first.

The keys and their values are those of requirements A3 and A4. Values are JSON: a word, a whole number, a list of whole
numbers, or a call such as ``{"call": "day", "args": [14]}``, written ``day(14)`` by people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

Value = str | int | list[int] | dict[str, object]
PRESETS = ("recommended", "ams_nonprofit", "ams_hoa", "community", "association", "coworking")
SCOPES = ("subscription", "plan", "customer", "organization")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of whole numbers that a policy can be: at most so many, from 0 to `most` each, the first always `first`
    where that is said; `example` shows one."""

    items: int
    most: int
    example: tuple[int, ...]
    first: int | None = None

    def allows(self, value: Sequence[object]) -> bool:
        """Whether a list is one of these."""
        return (
            0 < len(value) <= self.items
            and (self.first is None or value[0] == self.first)
            and all(
                isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= self.most for one in value
            )
        )

    def expected(self) -> str:
        """In words."""
        begins = "" if self.first is None else f" that begins with {self.first}"
        listed = ", ".join(str(one) for one in self.example)
        return f"a list of 1 to {self.items} whole numbers from 0 to {self.most}{begins}, such as [{listed}]"


@dataclass(frozen=True, slots=True)
class Key:
    """A policy: its name, what it decides (one sentence), and its allowed values.

    `words` are the bare words allowed; `calls` the calls, with the largest whole number that each argument can be;
    `low` and `high` bound a whole number (both inclusive) of `unit`; `numbers` is the list it can be. `also` are other
    ways to write a word. `defaults` are by preset, '' being every other preset.
    """

    name: str
    sentence: str
    rows: str
    words: tuple[str, ...] = ()
    calls: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    low: int | None = None
    unit: str = ""
    high: int | None = None
    numbers: Numbers | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("organization",)
    defaults: Mapping[str, Value] = field(default_factory=dict)

    def default(self, preset: str) -> Value:
        """The preset's value."""
        return self.defaults.get(preset, self.defaults[""])

    def expected(self) -> str:
        """What may be written, in words: for errors and for the docs."""
        parts = list(self.words)
        parts += [
            f"{name}({', '.join(f'0-{most}' for most in limits)})" for name, limits in self.calls.items()
        ]
        if self.low is not None:
            of = f" of {self.unit}" if self.unit else ""
            parts.append(f"a whole number{of} from {self.low} to {self.high}")
        if self.numbers is not None:
            parts.append(self.numbers.expected())
        return ", ".join(parts)


def _key(name: str, sentence: str, rows: str, *, default: Value, **rest: object) -> Key:
    by_preset = rest.pop("by_preset", {})
    assert isinstance(by_preset, dict)
    return Key(name, sentence, rows, defaults={"": default, **by_preset}, **rest)  # type: ignore[arg-type]


_DAY_14: Value = {"call": "day", "args": [14]}
_WITHIN_THE_HOUR: Value = {"call": "charge_within", "args": [60]}

CATALOGUE: Mapping[str, Key] = MappingProxyType(
    {
        key.name: key
        for key in (
            _key(
                "billing.trigger",
                "Who starts billing: the calendar, or staff with a renewal run.",
                "X1 I-02 P-01",
                words=("auto", "staff_run"),
                default="auto",
                by_preset={"association": "staff_run"},
            ),
            _key(
                "term.basis",
                "Terms are the same for all (annual) or counted from each member's own date.",
                "G-17 G-22",
                words=("annual", "anniversary"),
                default="anniversary",
                by_preset={"association": "annual", "ams_hoa": "annual"},
            ),
            _key(
                "term.first_month",
                "First month of the fiscal year; 0 leaves it open.",
                "G-19 G-20 G-21",
                low=0,
                high=12,
                default=1,
            ),
            _key(
                "term.interval_months",
                "Standard billing interval in months; 0 takes each plan's own.",
                "G-06 to G-09",
                low=0,
                high=120,
                default=0,
                scopes=("organization", "customer"),
            ),
            _key(
                "term.new_from",
                "Where a new member's first term starts.",
                "G-25",
                words=("first_of_month", "join_date"),
                default="join_date",
                by_preset={"association": "first_of_month"},
            ),
            _key(
                "term.advance_as_of",
                "From this day of the month on, a new member starts on the first of the next.",
                "G-24 to G-29",
                words=("off",),
                low=0,
                high=28,
                default="off",
            ),
            _key(
                "term.late_payment",
                "What becomes of a renewed term that is paid late (cash accounting and anniversary terms): it stays,"
                " or begins again after so many months of grace, from that day of the month on with the next month,"
                " or at the payment.",
                "G-30 to G-33 X16",
                words=("keep_anchor", "restart_at_payment"),
                calls={"restart_after_grace": (24, 28)},
                default="keep_anchor",
            ),
            _key(
                "proration.join",
                "How the first fee of a fixed term is reduced for those who join during it.",
                "G-34 to G-38 X14",
                words=("none", "months", "days", "table"),
                default="none",
                by_preset={"recommended": "months"},
            ),
            _key(
                "paid_through.on",
                "What moves a member's paid-through date.",
                "I-19 G-13 G-15 G-16 X18",
                words=("paid", "primary_paid", "line_paid", "billed"),
                default="paid",
                by_preset={"association": "primary_paid", "recommended": "primary_paid"},
            ),
            _key(
                "paid_through.complimentary",
                "When a no-charge item moves it: at billing, or with the payment.",
                "G-14",
                words=("billing", "payment"),
                default="billing",
            ),
            _key(
                "accounting.method",
                "Income when billed (accrual) or when received (cash).",
                "G-10 G-11",
                words=("accrual", "cash"),
                default="accrual",
                by_preset={"association": "cash", "ams_nonprofit": "cash", "community": "cash"},
            ),
            _key(
                "accounting.defer",
                "Which income is spread over its term (accrual).",
                "field-notes D.4 D.5",
                words=("future_terms", "all", "none"),
                default="future_terms",
            ),
            _key(
                "invoice.review",
                "Whether a run's invoices must be reviewed before they are submitted.",
                "I-20 X23",
                words=("none", "must_approve"),
                default="none",
                by_preset={"association": "must_approve"},
            ),
            _key(
                "batch.post",
                "Whether batches post by themselves at the end of the day, or by hand.",
                "I-17 X23",
                words=("auto", "manual"),
                default="auto",
                by_preset={"association": "manual"},
            ),
            _key(
                "collect.submit",
                "Whether invoices of members on autopay are submitted on their due date, or by staff.",
                "I-25 I-23",
                words=("daily", "by_hand"),
                default="daily",
                by_preset={"association": "by_hand"},
            ),
            _key(
                "collect.max_attempts",
                "How often a payment may be tried with one payment method.",
                "I-26 I-44",
                low=1,
                high=9,
                default=4,
                by_preset={"association": 3, "recommended": 5},
            ),
            _key(
                "collect.offsets",
                "When a payment is tried by itself: days after the previous failure, 0 being the same day. The first"
                " number is the first try, on the due date; [0] tries once.",
                "A-45 P-05 X5",
                numbers=Numbers(items=9, most=60, first=0, example=(0, 1, 3, 3)),
                default=[0],
                by_preset={"coworking": [0, 1, 3, 3], "recommended": [0, 1, 3, 5, 7]},
            ),
            _key(
                "collect.async_clock",
                "From when the next try of a bank debit is counted: from the bank's notice that it failed.",
                "P-18 X22",
                words=("from_notice",),
                default="from_notice",
            ),
            _key(
                "collect.expired_card",
                "A card that has expired: is tried once and then held, counts like any other, or is not charged before"
                " the member was asked for a new one.",
                "I-28 I-29",
                words=("once", "counts", "ask_first"),
                default="once",
                by_preset={"coworking": "counts", "recommended": "ask_first"},
            ),
            _key(
                "collect.on_method_update",
                "A new payment method while something is past due: charges it within so many minutes, at the next"
                " billing hour, or when it is submitted again.",
                "P-15 I-31 X9",
                words=("next_slot", "release"),
                also={"release_to_submit": "release"},
                calls={"charge_within": (1440,)},
                default="next_slot",
                by_preset={
                    "association": "release",
                    "coworking": _WITHIN_THE_HOUR,
                    "recommended": _WITHIN_THE_HOUR,
                },
            ),
            _key(
                "collect.arrears",
                "An earlier term that is still unpaid when a new one falls due: is no longer collected by itself"
                " (staff resolve it), goes before the new one, or is collected beside it.",
                "I-38 X10",
                words=("current_only", "oldest_first", "all_open"),
                also={"current": "current_only"},
                default="current_only",
                by_preset={
                    "ams_nonprofit": "all_open",
                    "ams_hoa": "oldest_first",
                    "recommended": "oldest_first",
                },
            ),
            _key(
                "collect.reconcile_timeout_days",
                "Days after which an unanswered attempt is flagged.",
                "I-36 I-37",
                low=1,
                high=30,
                default=5,
            ),
            _key(
                "collect.action_days",
                "Days in which a member can confirm a payment that needs it; then it is canceled.",
                "C-15",
                low=1,
                high=30,
                default=7,
            ),
            _key(
                "status.past_due_at",
                "When an unpaid membership is called past due.",
                "X6 C-31",
                words=("first_failure", "never"),
                calls={"day": (365,)},
                default="first_failure",
                by_preset={"association": "never", "ams_nonprofit": _DAY_14, "ams_hoa": _DAY_14},
            ),
            _key(
                "status.grace_months",
                "Months after paid through before an association's member is inactive.",
                "G-32",
                low=0,
                high=24,
                default=0,
            ),
            _key(
                "credit.apply",
                "Whether a member's credit pays the next invoice by itself.",
                "stories: Money in",
                words=("auto", "ask"),
                default="auto",
            ),
            _key(
                "reversal.paid_through",
                "What becomes of a member's paid-through date when the payment behind it is returned, reversed or lost"
                " in a dispute: it goes back to the last term that is paid, or stays.",
                "I-65 field-notes B.4",
                words=("roll_back", "keep"),
                default="roll_back",
            ),
            _key(
                "staff.separation",
                "Whether what moves money out (a refund, the answer to an open question) needs a second person: nobody"
                " approves their own. Organizations with one person leave it off.",
                "field-notes E.3",
                words=("on", "off"),
                default="off",
            ),
            _key(
                "refund.approve_above",
                "With staff.separation on: refunds up to this amount (in the currency's smallest units) need nobody"
                " else; 0 has every refund approved, and so is every one in another currency. Without separation a"
                " refund is approved by whoever asks for it.",
                "A-34 field-notes E.3",
                low=0,
                high=10**12,
                unit="the currency's smallest units, such as cents,",
                default=0,
            ),
        )
    }
)

# Named in requirements A3 and A4; each comes with the part of the product that obeys it.
LATER = frozenset(
    [
        "billing.subject",
        "billing.slot",
        "billing.past_date",
        "collect.cadence_owner",
        "collect.on_exhausted",
        "invoice.on_failed_attempt",
        "status.labels",
        "dunning.mail_days",
        "dunning.catch_up",
        "access.restrict",
        "cancel.effective",
        "cancel.then",
        "switch.effective.staff",
        "switch.effective.member",
        "switch.credit",
        "balance.carry_previous",
        "autopay.scope",
        "staff.may_enter_payment_details",
        "rejoin.mode",
        "late_fee",
        "external_payment.ui",
    ]
)
