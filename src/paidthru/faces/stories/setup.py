"""The setup lines done: the organization, its policies and plans, and the members it has."""

from collections.abc import Callable, Iterable, Mapping
from datetime import time, timedelta
from typing import Any

from paidthru.actions.add_billing_cycle import add_billing_cycle
from paidthru.actions.add_fee import add_fee
from paidthru.actions.add_party import add_party
from paidthru.actions.add_plan import PlanDraft, add_plan
from paidthru.actions.add_prorate_table import add_prorate_table
from paidthru.actions.bring_in import bring_in
from paidthru.actions.set_policy import set_policy
from paidthru.actions.switch_own_autopay import switch_own_autopay
from paidthru.kernel.clock import local_instant
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import exponent
from paidthru.ledger.rules.chart import CHART
from paidthru.membership.rules.existing import Existing
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import create_organization
from paidthru.organizations.rules.policies import Value, parse
from paidthru.people.operations import PartyDraft
from paidthru.wiring import desk_for

from .forms import SetupLine
from .giving_steps import GIVING_SETTERS
from .grammar import Story
from .home_steps import HOME_SETTERS
from .household_steps import Belongs, belongs
from .invoice_steps import set_tax
from .joining_forms import BillingContactSetup, MemberJoinsThroughLink
from .joining_steps import SETTERS
from .setup_forms import (
    BillingCycleSetup,
    FeeSetup,
    MemberSetup,
    OrganizationSetup,
    PlanSetup,
    PolicySetup,
    ProrateSetup,
    TaxSetup,
    UnitSetup,
)
from .step_forms import MemberJoins
from .telling import STAFF, Telling, address_of
from .ticket_steps import TICKET_SETTERS
from .visit_steps import VISIT_SETTERS

DEFAULT_CURRENCY, DEFAULT_ZONE, DEFAULT_LOCALE = "USD", "UTC", "en_US"


def begin(story: Story) -> Telling:
    """Makes the story's organization, with its clock at 00:00 of `starts`, else of the first date line.

    Refused as `create_organization`, and `date_missing` when nothing says what day it is.
    """
    line = story.organization
    first = line.starts or (story.blocks[0].on if story.blocks else None)
    if first is None:
        raise Refused(
            "date_missing",
            "The story has no date line, and the organization no 'starts'.",
            field="starts",
            fix="Add a date line, such as 2026-01-01, with what happens below it.",
        )
    zone = line.zone or DEFAULT_ZONE
    now = local_instant(first, time.min, zone)
    organization = create_organization(
        name=line.name,
        preset=line.preset,
        currency=line.currency or DEFAULT_CURRENCY,
        zone=zone,
        locale=line.locale or DEFAULT_LOCALE,
        mode=Organization.Mode.SANDBOX,
        now=now,
        slug=f"story-{new_id().hex}",
    )
    joiners = frozenset(
        item.member
        for block in story.blocks
        for item in block.items
        if isinstance(item, MemberJoins | MemberJoinsThroughLink)
    )
    households = frozenset(
        line.household for line in story.setup if isinstance(line, MemberSetup) and line.household
    )
    return Telling(organization, desk_for(organization), joiners, households=households)


def set_policies(
    telling: Telling, lines: Iterable[SetupLine], before: Mapping[str, Value] | None = None
) -> None:
    """Sets all policies of the setup together, after those of `before`: in which order they stand doesn't matter.
    Refused as `set_policy`."""
    values: dict[str, Value] = dict(before or {})
    for line in lines:
        if isinstance(line, PolicySetup):
            values[line.key] = parse(line.key, line.value.text)
        elif isinstance(line, OrganizationSetup) and line.fiscal_year_starts is not None:
            values["term.first_month"] = line.fiscal_year_starts
    if values:
        set_policy(telling.organization, values, actor=STAFF, now=telling.desk.clock.now())


def _plan(telling: Telling, line: PlanSetup) -> None:
    default = line.currency or telling.organization.currency
    amount, currency = telling.money_in(line.price, default) if line.price else (None, default)
    kinds = {
        "free": line.price is None,
        "prepaid": line.prepaid,
        "pay_as_you_go": line.pay_as_you_go,
        "non_recurring": line.non_recurring,
    }
    add_plan(
        telling.organization,
        PlanDraft(
            name=line.name,
            amount_minor=amount,
            kind=next((kind for kind, given in kinds.items() if given), "subscription"),
            currency=currency,
            interval_count=line.every.count if line.every else 1,
            interval_unit=line.every.unit if line.every else "year",
            override_months=line.interval_months,
            prorate=line.prorate or "",
            prorate_table=line.prorate_table or "",
            income_code=_income(line.income),
            fund=line.fund or "",
            tax=line.tax or "",
            is_default=line.default,
            closed=line.closed,
            trial_days=line.trial_days or 0,
            included_visits=line.included_visits,
            seats=line.seats,
        ),
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _income(account: str | None) -> str:
    if account is None:
        return "Income:Dues"
    return account if account in CHART or account.startswith("Income:") else f"Income:{account}"


def _fee(telling: Telling, line: FeeSetup) -> None:
    plan = telling.plan(line.plan)
    amount_minor, currency = telling.money_in(line.amount, plan.currency)
    if currency != plan.currency:
        raise Refused(
            "currency_mismatch",
            f"{plan.name} is billed in {plan.currency}.",
            field="amount",
            value=currency,
            fix="A fee has the currency of its plan.",
        )
    add_fee(
        telling.organization,
        plan.id,
        line.name,
        amount_minor,
        voluntary=line.voluntary,
        complimentary=line.complimentary,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _prorate(telling: Telling, line: ProrateSetup) -> None:
    add_prorate_table(
        telling.organization, line.name, line.factors, actor=STAFF, now=telling.desk.clock.now()
    )


def _billing_cycle(telling: Telling, line: BillingCycleSetup) -> None:
    add_billing_cycle(telling.organization, line.name, line.types, actor=STAFF, now=telling.desk.clock.now())


def _member(telling: Telling, line: MemberSetup) -> None:
    if line.currency is not None:
        exponent(line.currency)
    now = telling.desk.clock.now()
    kind = "household" if line.name in telling.households else "person"
    draft = PartyDraft(
        name=line.name, kind=kind, email=line.email or address_of(line.name), customer_type=line.type or ""
    )
    add_party(telling.organization, draft, actor=STAFF, now=now)
    has_method = line.method in ("card", "bank account") or line.card_expires is not None
    if has_method:
        given = "bank" if line.method == "bank account" else "card"
        telling.save_method(draft.id, given, actor=STAFF, expires=line.card_expires)  # type: ignore[arg-type]
    if line.autopay is not None:
        telling.autopay[line.name] = line.autopay
    if line.plan is None:
        if line.autopay:
            switch_own_autopay(telling.organization, draft.id, on=True, actor=STAFF, now=now)
        return
    plan = telling.plan(line.plan)
    if line.currency is not None and line.currency != plan.currency:
        raise Refused(
            "currency_mismatch",
            f"{plan.name} is billed in {plan.currency}.",
            field="currency",
            value=line.currency,
            fix="A member is billed in the currency of their plan.",
        )
    autopay = line.autopay
    if autopay is None:
        autopay = has_method and plan.kind == "subscription" and telling.bills_by_calendar
    bring_in(
        telling.organization,
        draft.id,
        plan.id,
        _known(line, plan.kind),
        autopay=autopay,
        override_months=line.interval_months,
        actor=STAFF,
        now=now,
    )


def _known(line: MemberSetup, kind: str) -> Existing:
    """What the line says of the membership; with no date of a payment or a cycle it is pending."""
    through, renewal = line.paid_through, line.next_renewal
    if renewal is not None:
        if through is not None and through + timedelta(days=1) != renewal:
            raise Refused(
                "dates_contradict",
                f"Paid through {through} and next renewal {renewal} can't both be so.",
                field="next_renewal",
                value=renewal.isoformat(),
                fix="Give one of them.",
            )
        through = renewal - timedelta(days=1)
    never_paid = through is None and line.cycle_started is None and kind in ("subscription", "prepaid")
    return Existing(line.joined, through, line.cycle_started, "pending" if never_paid else None)


_DOERS: dict[type[SetupLine], Callable[[Telling, Any], None]] = {
    PlanSetup: _plan,
    FeeSetup: _fee,
    ProrateSetup: _prorate,
    TaxSetup: set_tax,
    BillingCycleSetup: _billing_cycle,
    MemberSetup: _member,
    Belongs: belongs,
    **SETTERS,
    **HOME_SETTERS,
    **VISIT_SETTERS,
    **GIVING_SETTERS,
    **TICKET_SETTERS,
}
_DONE_BEFORE = (OrganizationSetup, PolicySetup)
#: What later lines refer to is made first, wherever it stands.
_ORDER = (
    TaxSetup,
    ProrateSetup,
    PlanSetup,
    FeeSetup,
    BillingCycleSetup,
    MemberSetup,
    Belongs,
    BillingContactSetup,
    UnitSetup,
)


def in_order(lines: Iterable[SetupLine]) -> list[SetupLine]:
    """The lines that `set_up` does, each after those it may refer to, members in the order in which they stand."""
    rest = [line for line in lines if not isinstance(line, _DONE_BEFORE)]
    rest += [
        Belongs(line=one.line, text=one.text, member=one.name, household=one.household)
        for one in rest
        if isinstance(one, MemberSetup) and one.household
    ]
    return sorted(rest, key=lambda line: _ORDER.index(type(line)) if type(line) in _ORDER else -1)


def set_up(telling: Telling, line: SetupLine) -> None:
    """Does one line of the setup. Raises Refused."""
    _DOERS[type(line)](telling, line)
