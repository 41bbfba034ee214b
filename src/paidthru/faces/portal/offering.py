"""What joining a plan means: its price in words, the first charge and the next, computed now."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from paidthru.actions.join import preview_join
from paidthru.faces.portal.pages import Fact
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import amount_said
from paidthru.faces.portal.spoken import every as often
from paidthru.faces.portal.spoken import once_for
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Interval, Period, Unit, nth_period
from paidthru.membership.models import Plan
from paidthru.membership.queries import plan_for
from paidthru.membership.queries.discounts import offered_by_code
from paidthru.membership.rules.joining import FirstTerm, priced
from paidthru.membership.rules.pricing import Fee, after_a_term, for_good, without_discounts
from paidthru.membership.rules.settings import PlanFacts, interval_of, untaxed
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import credit_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as it is offered today. `due_minor` is charged when joining, in minor units of `currency`; `then_minor`
    for the next term (`bills_next`: whether there is one), `later_minor` for each once the discounts
    that end by themselves are over. `list_minor` is the price without any."""

    plan: str
    organization: str
    currency: str
    first: FirstTerm
    due_minor: int
    price_minor: int
    every: str
    then_minor: int
    later_minor: int = 0
    list_minor: int = 0
    bills_next: bool = False
    credit_minor: int = 0

    @property
    def needs_method(self) -> bool:
        """Whether a way to pay has to be saved before joining."""
        return self.due_minor > 0 or (self.bills_next and max(self.then_minor, self.later_minor) > 0)

    @property
    def next_on(self) -> date:
        """When the next term begins."""
        first = self.first
        return first.period.start if first.billing in ("later", "trial") else first.period.end

    @property
    def digest(self) -> str:
        """Stands for what was read: what is agreed to must still be so when it is done."""
        read = f"{self.plan} {self.first.period} {self.due_minor} {self.then_minor} {self.every}"
        read += f" {self.later_minor}" if self.later_minor != self.then_minor else ""
        return hashlib.sha256(read.encode()).hexdigest()[:16]

    @property
    def consent(self) -> str:
        """What whoever joins agrees to, in one sentence."""
        due, then, later = (
            amount_said(one, self.currency) for one in (self.due_minor, self.then_minor, self.later_minor)
        )
        if not self.needs_method:
            said = _("I want to join {plan} at {organization}.")
        elif not self.bills_next:
            said = _(
                "I want to join {plan}. {organization} may charge {due} now to the payment method that I save."
            )
        elif self.later_minor == self.then_minor:
            said = self._charged_alike()
        else:
            said = self._charged_less_at_first()
        return said.format(
            plan=self.plan,
            organization=self.organization,
            due=due,
            then=then,
            later=later,
            every=self.every,
            day=self.next_on.isoformat(),
        )

    def _charged_alike(self) -> str:
        if not self.due_minor:
            return _(
                "I want to join {plan}. {organization} may charge nothing now, and from {day} {then} {every} until I"
                " cancel, to the payment method that I save."
            )
        return _(
            "I want to join {plan}. {organization} may charge {due} now, and from {day} {then} {every} until I cancel,"
            " to the payment method that I save."
        )

    def _charged_less_at_first(self) -> str:
        if not self.due_minor:
            return _(
                "I want to join {plan}. {organization} may charge nothing now, on {day} {then}, and {later} {every}"
                " once the discount is over, until I cancel, to the payment method that I save."
            )
        return _(
            "I want to join {plan}. {organization} may charge {due} now, on {day} {then}, and {later} {every} once the"
            " discount is over, until I cancel, to the payment method that I save."
        )

    def facts(self) -> tuple[Fact, ...]:
        """The same for reading."""
        first, found = self.first, []
        said = self.every
        if self.price_minor != self.list_minor:
            said = _instead(said, self.list_minor, self.currency)
        if self.price_minor or self.list_minor:
            found.append(Fact(_("Price"), Money(self.price_minor, self.currency), said))
        else:
            found.append(Fact(_("Price"), _("Free")))
        if first.billing != "never":
            found.append(Fact(_("First term"), first.period))
        if self.due_minor or self.price_minor or self.list_minor:
            why = " ".join(reworded(str(line.derivation["text"])) for line in first.lines)
            if self.credit_minor:
                used = amount_said(self.credit_minor, self.currency)
                why += " " + _("{amount} of your credit is used for it.").format(amount=used)
            found.append(Fact(_("Charged now"), Money(self.due_minor, self.currency), why))
        if self.bills_next and (self.then_minor or self.later_minor):
            said = _("{every}, by itself").format(every=self.every)
            if self.later_minor != self.then_minor:
                later = amount_said(self.later_minor, self.currency)
                said = _("{every}, by itself; {amount} once the discount is over").format(
                    every=self.every, amount=later
                )
            found.append(Fact(_("Charged next"), Money(self.then_minor, self.currency), said))
            found.append(Fact(_("Charged next on"), self.next_on))
        return tuple(found)


def offer_of(plan: Plan, today: date, *, party_id: UUID | None = None, code: str = "") -> Offer:
    """What joining the plan on the local date would mean, for somebody known or (None) new, with what a code takes off;
    writes nothing. Refused `no_price`, `code_unknown`."""
    organization = plan.organization
    also = offered_by_code(organization.id, code, plan, on=today, party_id=party_id)
    facts, policies = plan_for(organization.id, plan.id, party_id, also=also), policies_of(organization)
    first = preview_join(organization, party_id, plan.id, today, also=also)
    voluntary = {fee.id for fee in facts.fees if fee.voluntary}

    def owed(lines: tuple[object, ...]) -> int:
        return sum(line.amount_minor for line in lines if line.fee_id not in voluntary)  # type: ignore[attr-defined]

    interval = interval_of(facts, policies, subscription=None, customer=None)[0]
    has_terms = first.billing != "never"

    def costs(fees: tuple[Fee, ...], period: Period) -> int:
        return owed(priced(replace(facts, fees=fees), period, interval, None)) if has_terms else 0

    whole = costs(facts.fees, first.period)
    after, then = nth_period(first.period.end, interval, 0), whole
    if first.billing not in ("later", "trial"):
        billed = first.billing == "now"
        then = costs(after_a_term(facts.fees, first.period.start) if billed else facts.fees, after)
    # Whoever saves a way to pay is on autopay from then on, whether the calendar bills or a run of staff's (I-13).
    goes_on = facts.kind == "subscription"
    due = owed(first.lines) if first.billing == "now" else 0
    credit = 0
    if party_id and policies.word("credit.apply") == "auto":
        credit = min(due, credit_of(party_id).get(facts.currency, 0))
    return Offer(
        plan=facts.name,
        organization=organization.name,
        currency=facts.currency,
        first=first,
        due_minor=due - credit,
        price_minor=whole,
        every=every(facts, interval),
        then_minor=then if goes_on else 0,
        later_minor=costs(for_good(facts.fees), after) if goes_on else 0,
        list_minor=costs(without_discounts(facts.fees), first.period),
        bills_next=goes_on,
        credit_minor=credit,
    )


def every(plan: PlanFacts, interval: Interval) -> str:
    """How often a price is charged, in words."""
    if interval.unit == Unit.MONTH and interval.count % 12 == 0:
        interval = Interval(interval.count // 12, Unit.YEAR)
    if plan.kind == "subscription":
        return often(interval)
    return once_for(interval) if plan.kind == "prepaid" else _("once")


def _instead(said: str, listed_minor: int, currency: str) -> str:
    """How often, with the list price beside which something comes off."""
    return _("{every}, instead of {amount}").format(every=said, amount=amount_said(listed_minor, currency))


def own_price(plan: PlanFacts, on: date) -> tuple[Money | str, str] | None:
    """What the plan's own price is for a payer whose plan it is (`as_for`), before tax, and how often; beside the list
    price where something comes off. None where it has no price."""
    primary = tuple(fee for fee in plan.fees if fee.primary)
    if not primary:
        return None
    period, untaxed_plan = nth_period(on, plan.interval, 0), untaxed(replace(plan, fees=primary))
    own, listed = (
        sum(line.amount_minor for line in priced(one, period, plan.interval, None))
        for one in (untaxed_plan, replace(untaxed_plan, fees=without_discounts(untaxed_plan.fees)))
    )
    if not listed:
        return _("Free"), ""
    said = every(plan, plan.interval)
    if own != listed:
        said = _instead(said, listed, plan.currency)
    return Money(own, plan.currency), said
