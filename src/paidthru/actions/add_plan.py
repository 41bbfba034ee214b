"""Add a plan: what a member can belong to, and its price."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Tax
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent, plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.kernel.texts import checked_name
from paidthru.ledger.operations import open_account
from paidthru.membership.models import Fee, Plan, ProrateTable
from paidthru.membership.rules.included_visits import checked_included_visits
from paidthru.membership.rules.pricing import checked_price
from paidthru.membership.rules.seats import checked_seats
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record

LONGEST_TRIAL = 730
LONGEST_INTERVAL = 120
KINDS = ("subscription", "prepaid", "pay_as_you_go", "non_recurring", "free")


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan to be made. `amount_minor` is the price of one interval in minor units of `currency`; a plan without one
    can't be billed until it gets one (A-04). `override_months` is the product level of G-08."""

    name: str
    amount_minor: int | None = None
    kind: str = "subscription"
    currency: str = ""
    interval_count: int = 1
    interval_unit: str = "year"
    override_months: int | None = None
    prorate: str = ""
    prorate_table: str = ""
    income_code: str = "Income:Dues"
    fund: str = ""
    tax: str = ""
    is_default: bool = False
    closed: bool = False
    trial_days: int = 0
    included_visits: int | None = None
    seats: int | None = None


def add_plan(
    organization: Organization, draft: PlanDraft, *, actor: Actor, now: datetime, key: str | None = None
) -> UUID:
    """Writes a plan with its primary fee and opens its income account; returns its id. With the same `key` it is one.

    The currency is the organization's unless given. Refused: `name_missing`, `plan_name_taken`, `plan_kind_unknown`,
    `currency_unknown`, `interval_invalid`, `amount_invalid`, `trial_invalid`, `seats_invalid`,
    `prorate_table_unknown`, `tax_unknown`, `default_plan_taken`.
    """
    name = checked_name(draft.name, field="name", most=100)
    currency = draft.currency or organization.currency
    if draft.kind not in KINDS:
        raise Refused(
            "plan_kind_unknown",
            f"There is no kind of plan called “{draft.kind}”.",
            field="kind",
            value=draft.kind,
            fix=f"Choose one of: {', '.join(KINDS)}.",
        )
    exponent(currency)
    Interval(draft.interval_count, Unit(draft.interval_unit))
    if draft.interval_count > LONGEST_INTERVAL:
        raise Refused("interval_invalid", f"An interval of {draft.interval_count} is too long.", field="interval",
                      value=draft.interval_count, fix=f"Use {LONGEST_INTERVAL} at most.")  # fmt: skip
    if draft.amount_minor is not None:
        checked_price(draft.amount_minor)
    checked_included_visits(draft.included_visits)
    if not 0 <= draft.trial_days <= LONGEST_TRIAL or (draft.trial_days and draft.kind != "subscription"):
        raise Refused(
            "trial_invalid",
            f"A trial lasts up to {LONGEST_TRIAL} days, and only a plan that renews has one.",
            field="trial_days",
            value=draft.trial_days,
            fix="Leave it out, or choose another number of days.",
        )
    checked_seats(draft.seats)

    def act() -> dict[str, str]:
        _refuse_taken(organization, draft, name)
        plan = Plan.objects.create(
            organization=organization,
            name=name,
            kind=draft.kind,
            currency=currency,
            interval_count=draft.interval_count,
            interval_unit=draft.interval_unit,
            override_months=draft.override_months,
            prorate="table" if draft.prorate_table else draft.prorate,
            prorate_table=_table(organization, draft.prorate_table),
            income_code=draft.income_code,
            fund=draft.fund,
            tax=_tax(organization, draft.tax),
            is_default=draft.is_default,
            closed=draft.closed,
            trial_days=draft.trial_days,
            included_visits=draft.included_visits,
            seats=draft.seats,
            created_at=now,
        )
        open_account(organization.id, draft.income_code, currency)
        if draft.amount_minor is not None and draft.kind != "free":
            Fee.objects.create(
                organization=organization,
                plan=plan,
                name=name,
                amount_minor=draft.amount_minor,
                is_primary=True,
            )
        price = "" if draft.amount_minor is None else plain(draft.amount_minor, currency)
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "plan_added",
                    "plan",
                    plan.id,
                    facts={"plan": name, "price": price, "currency": currency},
                )
            ],
        )
        return {"plan": str(plan.id)}

    done = once(organization.id, key, "add_plan", asdict(draft), now, act)
    return UUID(done["plan"])


def _refuse_taken(organization: Organization, draft: PlanDraft, name: str) -> None:
    Organization.objects.select_for_update(no_key=True).get(id=organization.id)  # two at once: one name
    if Plan.objects.filter(organization=organization, name=name).exists():
        raise Refused(
            "plan_name_taken",
            f"There is already a plan called “{name}”.",
            field="name",
            value=name,
            fix="Give it another name.",
        )
    if draft.is_default and Plan.objects.filter(organization=organization, is_default=True).exists():
        raise Refused(
            "default_plan_taken",
            "Another plan is the default already.",
            field="default",
            value=name,
            fix="An organization has one default plan.",
        )


def _tax(organization: Organization, name: str) -> Tax | None:
    if not name:
        return None
    tax = Tax.objects.filter(organization=organization, name__iexact=name).first()
    if tax is None:
        raise Refused(
            "tax_unknown",
            f"There is no tax named {name}.",
            field="tax",
            value=name,
            fix="Add it to the taxes first.",
        )
    return tax


def _table(organization: Organization, name: str) -> ProrateTable | None:
    if not name:
        return None
    table = ProrateTable.objects.filter(organization=organization, name=name).first()
    if table is None:
        raise Refused(
            "prorate_table_unknown",
            f"There is no prorate table called “{name}”.",
            field="prorate",
            value=name,
            fix="Define the table first (G-38).",
        )
    return table
