"""Policies: what an organization may decide, the presets that decide it at first, and where a value came from.

A policy is resolved subscription > plan > customer > organization > preset (G-09); the effective value always says its
source. The keys and their values are those of requirements A3 and A4. Values are JSON: a word, a whole number, a list
of whole numbers, or a call such as ``{"call": "day", "args": [14]}``, written ``day(14)`` by people.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from paidthru.kernel.errors import Refused

Value = str | int | list[int] | dict[str, object]
PRESETS = ("recommended", "ams_nonprofit", "ams_hoa", "community", "association", "coworking")
SCOPES = ("subscription", "plan", "customer", "organization")


@dataclass(frozen=True, slots=True)
class Key:
    """A policy: its name, what it decides (one sentence), and its allowed values.

    `words` are the bare words allowed; `calls` the calls, with the largest whole number that each argument can be;
    `low` and `high` bound a whole number (both inclusive). `defaults` are by preset, '' being every other preset.
    """

    name: str
    sentence: str
    rows: str
    words: tuple[str, ...] = ()
    calls: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    low: int | None = None
    high: int | None = None
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
            parts.append(f"a whole number from {self.low} to {self.high}")
        return ", ".join(parts)


def _key(name: str, sentence: str, rows: str, *, default: Value, **rest: object) -> Key:
    by_preset = rest.pop("by_preset", {})
    assert isinstance(by_preset, dict)
    return Key(name, sentence, rows, defaults={"": default, **by_preset}, **rest)  # type: ignore[arg-type]


_DAY_14: Value = {"call": "day", "args": [14]}

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
                "collect.reconcile_timeout_days",
                "Days after which an unanswered attempt is flagged.",
                "I-36 I-37",
                low=1,
                high=30,
                default=5,
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
        )
    }
)

# Named in requirements A3 and A4; each comes with the part of the product that obeys it.
LATER = frozenset(
    [
        "billing.subject",
        "billing.slot",
        "billing.past_date",
        "collect.offsets",
        "collect.cadence_owner",
        "collect.expired_card",
        "collect.on_method_update",
        "collect.arrears",
        "collect.async_clock",
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

_CALL = re.compile(r"^([a-z_]+)\((.*)\)$")


def parse(key: str, text: str) -> Value:
    """The value that a person wrote for a policy.

    Raises Refused: `policy_unknown`, `not_built`, `policy_value_invalid`.
    """
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        value: Value = int(text)
    elif match := _CALL.match(text):
        arguments = [part.strip() for part in match[2].split(",") if part.strip()]
        value = {
            "call": match[1],
            "args": [int(part) if re.fullmatch(r"-?\d+", part) else part for part in arguments],
        }
    else:
        value = text
    return checked(key, value)


def checked(key: str, value: Value) -> Value:
    """The value, if the policy allows it; otherwise Refused as in `parse`."""
    known = CATALOGUE.get(key)
    if known is None:
        if key in LATER:
            raise Refused(
                "not_built",
                f"not built yet: policy {key}",
                field=key,
                fix="docs/policies.md lists those that can be set.",
            )
        raise Refused(
            "policy_unknown",
            f"There is no policy called “{key}”.",
            field=key,
            value=str(value),
            fix="The policies are listed in docs/policies.md.",
        )
    if isinstance(value, dict):
        arguments, limits = value.get("args", []), known.calls.get(str(value.get("call")))
        allowed = (
            isinstance(arguments, list)
            and limits is not None
            and len(limits) == len(arguments)
            and all(
                isinstance(argument, int) and 0 <= argument <= most
                for argument, most in zip(arguments, limits, strict=True)
            )
        )
    elif isinstance(value, bool) or not isinstance(value, str | int):
        allowed = False
    elif isinstance(value, int):
        allowed = known.low is not None and known.high is not None and known.low <= value <= known.high
    else:
        allowed = value in known.words
    if not allowed:
        raise Refused(
            "policy_value_invalid",
            f"{key} can't be “{shown(value)}”.",
            field=key,
            value=shown(value),
            fix=f"It can be: {known.expected()}.",
        )
    return value


def shown(value: Value) -> str:
    """A value as people write it."""
    if isinstance(value, dict):
        arguments = value.get("args", [])
        listed = ", ".join(str(argument) for argument in arguments) if isinstance(arguments, list) else ""
        return f"{value.get('call')}({listed})"
    return str(value)


@dataclass(frozen=True, slots=True)
class Effective:
    """A policy's value and where it came from: subscription, plan, customer, organization or preset."""

    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class Policies:
    """An organization's policies, resolved. `settings` are rows (scope, scope_id, key, value)."""

    preset: str
    settings: Mapping[tuple[str, str, str], Value]

    @classmethod
    def of(cls, preset: str, rows: Iterable[tuple[str, str, str, Value]]) -> "Policies":
        """From stored rows; `scope_id` is '' for the organization."""
        return cls(
            preset, MappingProxyType({(scope, scope_id, key): value for scope, scope_id, key, value in rows})
        )

    def effective(self, key: str, *, subscription: str = "", plan: str = "", customer: str = "") -> Effective:
        """The value for a subscription, plan and customer (ids as text), the most specific one that is set."""
        for scope, scope_id in (("subscription", subscription), ("plan", plan), ("customer", customer)):
            if scope_id and (scope, scope_id, key) in self.settings:
                return Effective(self.settings[scope, scope_id, key], scope)
        if ("organization", "", key) in self.settings:
            return Effective(self.settings["organization", "", key], "organization")
        return Effective(CATALOGUE[key].default(self.preset), f"preset {self.preset}")

    def word(self, key: str) -> str:
        """The organization's value as a word (`off`, `day(14)`, `12`)."""
        return shown(self.effective(key).value)

    def number(self, key: str) -> int:
        """The organization's value of a policy that is a whole number."""
        value = self.effective(key).value
        if not isinstance(value, int):
            raise Refused("policy_value_invalid", f"{key} is “{shown(value)}” and not a number.", field=key)
        return value

    def conflicts(self) -> tuple[Refused, ...]:
        """Settings that exclude each other, each with the source's reason."""
        found = []
        joined = self.effective("proration.join")
        if (
            self.word("term.basis") == "anniversary"
            and joined.value in ("months", "table")
            and (joined.source == "organization")
        ):
            found.append(
                Refused(
                    "policy_conflict",
                    "Prorating by months or by a table needs annual terms: with anniversary terms "
                    "everybody has a full term.",
                    field="proration.join",
                    value=self.word("proration.join"),
                    fix="Set proration.join = none, or term.basis = annual. (G-34, G-35)",
                )
            )
        paid = self.effective("paid_through.on")
        if self.word("accounting.method") == "cash" and paid.value in ("line_paid", "billed"):
            found.append(
                Refused(
                    "policy_conflict",
                    f"paid_through.on = {shown(paid.value)} exists with accrual accounting only.",
                    field="paid_through.on",
                    value=shown(paid.value),
                    fix="Set paid_through.on = paid or primary_paid, or accounting.method = accrual."
                    " (G-12, G-15, G-16)",
                )
            )
        late = self.word("term.late_payment")
        if late != "keep_anchor" and (
            self.word("accounting.method") != "cash" or self.word("term.basis") != "anniversary"
        ):
            found.append(
                Refused(
                    "policy_conflict",
                    "A late payer's term begins again with cash accounting and anniversary terms only.",
                    field="term.late_payment",
                    value=late,
                    fix="Set term.late_payment = keep_anchor, or accounting.method = cash and term.basis ="
                    " anniversary. (G-30)",
                )
            )
        return tuple(found)
