"""What joining a plan means: its price in words, the first charge and the next, computed now."""

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from paidthru.actions.join import preview_join
from paidthru.faces.portal.pages import Fact
from paidthru.kernel.money import Money, plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import Plan
from paidthru.membership.queries import plan_for
from paidthru.membership.rules.joining import FirstTerm, priced
from paidthru.membership.rules.settings import PlanFacts, interval_of
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries import credit_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as it is offered today. `due_minor` is charged when joining, in minor units of `currency`; `then_minor`
    for each further term that bills by itself, 0 where none does."""

    plan: str
    organization: str
    currency: str
    first: FirstTerm
    due_minor: int
    price_minor: int
    every: str
    then_minor: int
    credit_minor: int = 0

    @property
    def needs_method(self) -> bool:
        """Whether a way to pay has to be saved before joining."""
        return self.due_minor > 0 or self.then_minor > 0

    @property
    def digest(self) -> str:
        """Stands for what was read: what is agreed to must still be so when it is done."""
        read = f"{self.plan} {self.first.period} {self.due_minor} {self.then_minor} {self.every}"
        return hashlib.sha256(read.encode()).hexdigest()[:16]

    @property
    def consent(self) -> str:
        """What whoever joins agrees to, in one sentence."""
        due, then = plain(self.due_minor, self.currency), plain(self.then_minor, self.currency)
        if not self.needs_method:
            return f"I want to join {self.plan} at {self.organization}."
        first = f"{due} {self.currency} now" if self.due_minor else "nothing now"
        on = self.first.period.start if self.first.billing == "later" else self.first.period.end
        later = f", and from {on.isoformat()} {then} {self.currency} {self.every} until I cancel,"
        return (
            f"I want to join {self.plan}. {self.organization} may charge {first}"
            f"{later if self.then_minor else ''} to the payment method that I save."
        )

    def facts(self) -> tuple[Fact, ...]:
        """The same for reading."""
        first, found = self.first, []
        if self.price_minor:
            found.append(Fact("Price", Money(self.price_minor, self.currency), self.every))
        else:
            found.append(Fact("Price", "Free"))
        if first.billing != "never":
            found.append(Fact("First term", first.period))
        if self.due_minor or self.price_minor:
            why = " ".join(str(line.derivation["text"]) for line in first.lines)
            if self.credit_minor:
                why += f" {plain(self.credit_minor, self.currency)} {self.currency} of your credit is used for it."
            found.append(Fact("Charged now", Money(self.due_minor, self.currency), why))
        if self.then_minor:
            on = first.period.start if first.billing == "later" else first.period.end
            found.append(
                Fact("Charged next", Money(self.then_minor, self.currency), f"{self.every}, by itself")
            )
            found.append(Fact("Charged next on", on))
        return tuple(found)


def offer_of(plan: Plan, today: date, *, party_id: UUID | None = None) -> Offer:
    """What joining the plan on the local date would mean, for somebody known or (None) new; writes nothing. Refused
    `no_price`."""
    organization = plan.organization
    facts, policies = plan_for(organization.id, plan.id, party_id), policies_of(organization)
    first = preview_join(organization, party_id, plan.id, today)
    voluntary = {fee.id for fee in facts.fees if fee.voluntary}

    def owed(lines: tuple[object, ...]) -> int:
        return sum(line.amount_minor for line in lines if line.fee_id not in voluntary)  # type: ignore[attr-defined]

    interval = interval_of(facts, policies, subscription=None, customer=None)[0]
    whole = owed(priced(facts, first.period, interval, None)) if first.billing != "never" else 0
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
        then_minor=whole if _by_itself(facts, policies) else 0,
        credit_minor=credit,
    )


def _by_itself(plan: PlanFacts, policies: Policies) -> bool:
    return plan.kind == "subscription" and policies.word("billing.trigger") == "auto"


def every(plan: PlanFacts, interval: Interval) -> str:
    """How often a price is charged, in words."""
    many = f"{interval.count} {interval.unit}s" if interval.count > 1 else str(interval.unit)
    if interval.unit == Unit.MONTH and interval.count % 12 == 0:
        many = "year" if interval.count == 12 else f"{interval.count // 12} years"
    return {"subscription": f"every {many}", "prepaid": f"once, for one {many}"}.get(plan.kind, "once")
