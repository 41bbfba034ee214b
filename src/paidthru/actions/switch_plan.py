"""Switch a member to another plan: now, billed at once, or from the next renewal on (X15, P-27 to P-31).

Now: the old membership ends as switched today, its terms are cut there, and a new membership goes on from it with a
term that starts today, which is its anchor; policies of the old one alone hold for it too. What is unpaid for days that
the switch takes away is owed no more; what was paid for them becomes credit only by `switch.credit`. A payment of the
old term that is under way is left to end: what it brings pays what is still owed of it, and the rest is credit.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Receivable
from paidthru.invoicing.operations import write_off_receivables
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Period
from paidthru.ledger.operations import open_batch
from paidthru.membership.models import Membership, Plan, Term
from paidthru.membership.operations.billing import bill_now
from paidthru.membership.operations.ending import end_memberships
from paidthru.membership.operations.moving import cancel_term, end_term, recount
from paidthru.membership.operations.renewal_dates import refuse_under_way
from paidthru.membership.queries import as_for, interval_of_membership, plan_facts
from paidthru.membership.queries.changing import current_membership, receivables_of_term
from paidthru.membership.queries.paying import refuse_paid_by_another
from paidthru.membership.rules.changing import said_unused, unused_share
from paidthru.membership.rules.pricing import PricedLine
from paidthru.membership.rules.settings import PlanFacts
from paidthru.membership.rules.switching import Standing, When, credits_unused, first_term_of, when_switched
from paidthru.notices.operations import announce, tell_of_purchase
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import hand_on_policies
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.operations.unused import credit_unused, paid_for
from paidthru.timeline.operations import Actor, Happening, once, record


@dataclass(frozen=True, slots=True)
class Switched:
    """What a switch made: the membership that goes on, and the invoice of its first term if it was billed now."""

    membership_id: UUID
    invoice_id: UUID | None


@dataclass(frozen=True, slots=True)
class SwitchPreview:
    """What a switch would do. `when` as in rules/switching.py. Billed are `lines` for `period` on `bills_on` (None:
    nothing is billed by itself), in minor units of `currency`; `unused_minor` of what was paid becomes credit, counted
    as `counted` says; `owed_no_more_minor` is taken back of what is unpaid."""

    when: When
    plan: PlanFacts
    bills_on: date | None
    period: Period | None
    lines: tuple[PricedLine, ...]
    currency: str
    unused_minor: int = 0
    owed_no_more_minor: int = 0
    counted: tuple[str, ...] = ()

    @property
    def amount_minor(self) -> int:
        """What the new term costs."""
        return sum(line.amount_minor for line in self.lines)


def switch_plan(
    organization: Organization,
    party_id: UUID,
    plan_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
    key: str | None = None,
) -> Switched:
    """Changes a party's plan as the policy for whoever acts says (`switch.effective.staff`, `.member`); the caller
    collects the invoice, if one was made. Chosen for the next renewal, it is undone by switching back.

    Refused: `not_a_member`, `membership_ending`, `same_plan`, `plan_closed`, `currency_mismatch`, `no_price`,
    `payment_in_progress`, `key_reused`; `paid_by_another` to members for whom somebody else pays.
    """

    def act() -> dict[str, str | None]:
        switch = _switch(organization, party_id, plan_id, actor, now)
        invoice_id = None
        if switch.when == "now":
            membership_id, invoice_id = _begin(switch, why)
        else:
            membership_id = _choose(switch, why)
        return {"membership": str(membership_id), "invoice": str(invoice_id) if invoice_id else None}

    inputs = {"party": party_id, "plan": plan_id, "by": actor.kind}
    found = once(organization.id, key, "switch_plan", inputs, now, act)
    return Switched(UUID(found["membership"]), UUID(found["invoice"]) if found["invoice"] else None)


def preview_switch(
    organization: Organization, party_id: UUID, plan_id: UUID, *, actor: Actor, now: datetime
) -> SwitchPreview:
    """What `switch_plan` would do, with the derivation of every figure; writes nothing. Refused as it is."""
    with transaction.atomic():
        switch = _switch(organization, party_id, plan_id, actor, now)
        to, old = switch.to, switch.membership
        if switch.when != "now":
            bills_on = _renewal_date(old, to) if switch.when != "at_once" else None
            if switch.when == "at_once" and to.kind == "subscription":
                bills_on = old.next_bill_on
            return SwitchPreview(switch.when, to, bills_on, None, (), to.currency)
        first = switch.first()
        unused, dropped, counted = 0, 0, list[str]()
        for share in switch.shares():
            unused += share.paid_minor if switch.credits else 0
            dropped += share.open_minor
            counted.append(share.said)
        return SwitchPreview(
            "now",
            to,
            switch.today if first else None,
            first[0] if first else None,
            first[1] if first else (),
            to.currency,
            unused,
            dropped,
            tuple(counted),
        )


@dataclass(frozen=True, slots=True)
class _Share:
    """What of a receivable falls to days that are not used, in minor units: paid, and still open."""

    receivable: Receivable
    paid_minor: int
    open_minor: int
    said: str


@dataclass(frozen=True, slots=True)
class _Switch:
    """Whose membership changes to what, when, by which policies."""

    organization: Organization
    membership: Membership
    to: PlanFacts
    when: When
    policies: Policies
    today: date
    actor: Actor
    now: datetime

    @property
    def credits(self) -> bool:
        """Whether what is paid and unused becomes credit."""
        return credits_unused(self.to, self.policies)

    def first(self) -> tuple[Period, tuple[PricedLine, ...]] | None:
        """The new plan's first term and its lines."""
        interval = interval_of_membership(self.membership, self.policies, self.to)
        return first_term_of(self.to, interval, self.policies, self.today)

    def terms(self) -> list[Term]:
        """The old plan's terms that reach beyond today."""
        found = Term.objects.filter(membership=self.membership, canceled=False, end_on__gt=self.today)
        return list(found.order_by("start_on"))

    def shares(self) -> list[_Share]:
        """The unused parts of what was billed for those terms. A voluntary line was given, and stays."""
        found: list[_Share] = []
        for term in self.terms():
            period = Period(term.start_on, term.end_on)
            for one in receivables_of_term(term):
                if one.voluntary or one.state not in ("open", "settled"):
                    continue
                # not what was credited, or paid and given back since
                cost = one.balance_minor + paid_for(one.id)
                unused = unused_share(cost, period, self.today)
                if not unused:
                    continue
                open_minor = min(one.balance_minor, unused)
                said = said_unused(cost, unused, period, self.today, one.currency)
                found.append(_Share(one, unused - open_minor, open_minor, said))
        return found


def _switch(
    organization: Organization, party_id: UUID, plan_id: UUID, actor: Actor, now: datetime
) -> _Switch:
    membership, plans = current_membership(organization, party_id), plan_facts(organization.id)
    policies, today = policies_of(organization), local_date(now, organization.zone)
    to, old = as_for(plans[plan_id], organization.id, party_id), plans[membership.plan_id]
    if membership.state == "ending":
        raise Refused(
            "membership_ending",
            f"This membership ends on {membership.last_day}.",
            field="member",
            fix="Undo the cancellation first.",
        )
    chosen = plans[membership.next_plan_id] if membership.next_plan_id else None
    if to.id == (chosen or old).id:
        raise Refused(
            "same_plan",
            f"{membership.party.name} is on {to.name} already."
            if chosen is None
            else f"{to.name} is chosen for the next renewal already.",
            field="plan",
            value=to.name,
            fix="Choose another plan.",
        )
    if to.id != old.id and Plan.objects.get(id=plan_id).closed:
        raise Refused(
            "plan_closed",
            f"{to.name} takes no new members.",
            field="plan",
            value=to.name,
            fix="Choose another plan.",
        )
    refuse_paid_by_another(membership, actor.kind)
    if to.currency != old.currency:
        raise Refused(
            "currency_mismatch",
            f"{to.name} is billed in {to.currency}, {old.name} in {old.currency}.",
            field="plan",
            value=to.name,
            fix="Choose a plan of the same currency, or let the member join anew.",
        )
    covered = membership.renewed_through is not None and membership.renewed_through >= today
    standing = Standing(old, chosen, covered or membership.next_bill_on is not None)
    when = when_switched(standing, to, policies, by_member=actor.kind == "member")
    return _Switch(organization, membership, to, when, policies, today, actor, now)


def _renewal_date(membership: Membership, to: PlanFacts) -> date | None:
    """The date from which the plan bills: the renewal date, or the day after what is covered."""
    if to.kind != "subscription":
        return None
    if membership.next_bill_on is not None or membership.renewed_through is None:
        return membership.next_bill_on
    return date.fromordinal(membership.renewed_through.toordinal() + 1)


def _choose(switch: _Switch, why: str) -> UUID:
    """The plan is noted for the next renewal, taken back, or changed at once without a bill."""
    old, to = switch.membership, switch.to
    bills_on = _renewal_date(old, to)
    changes: dict[str, object] = {"next_bill_on": bills_on}
    if switch.when == "next_renewal":
        changes["next_plan_id"] = to.id
    else:
        changes |= {"plan_id": to.id, "next_plan_id": None}
        if switch.when == "at_once":  # without a renewal date nothing is billed until staff set one (P-27)
            bills_on = old.next_bill_on if to.kind == "subscription" else None
            changes["next_bill_on"] = bills_on
    Membership.objects.filter(id=old.id).update(**changes)
    verb = {"undone": "switch_undone", "next_renewal": "switch_chosen"}.get(switch.when, "plan_switched")
    facts = {"from": old.plan.name, "to": to.name, "on": bills_on.isoformat() if bills_on else None}
    happening = Happening(verb, "membership", old.id, old.party_id, why, facts)
    record(switch.organization.id, switch.actor, switch.now, [happening])
    return old.id


def _begin(switch: _Switch, why: str) -> tuple[UUID, UUID | None]:
    """The old membership ends today and the new one begins, billed; credit is used as on every invoice."""
    organization, old, to, on = switch.organization, switch.membership, switch.to, switch.today
    first = switch.first()
    happenings = _cut(switch)
    said = why or f"Switched to {to.name}."
    happenings += end_memberships(
        organization, [old.id], because="switched", on=on, why=said, actor=switch.actor, now=switch.now
    )
    new = Membership.objects.create(
        organization=organization,
        party_id=old.party_id,
        payer_id=old.payer_id,
        plan_id=to.id,
        joined_on=old.joined_on,
        anchor_on=on,
        override_months=old.override_months,
        autopay=old.autopay,
        follows=old,
        created_at=switch.now,
        state="active" if first is None or old.state != "pending" else "pending",
    )
    hand_on_policies(organization, scope="subscription", before=old.id, after=new.id)
    facts = {"from": old.plan.name, "to": to.name, "on": on.isoformat()}
    happenings.append(Happening("plan_switched", "membership", new.id, old.party_id, why, facts))
    record(organization.id, switch.actor, switch.now, happenings)
    announce(organization.id, happenings, now=switch.now)
    if first is None:
        return new.id, None
    return new.id, _bill(switch, new, *first)


def _cut(switch: _Switch) -> list[Happening]:
    """The old terms end today: what is unpaid for the days after is owed no more, what is paid is credit by policy."""
    organization, on, now = switch.organization, switch.today, switch.now
    shares, terms = switch.shares(), switch.terms()
    if switch.credits:
        refuse_under_way([share.receivable.id for share in shares if share.open_minor])
    batch = open_batch(organization.id, "adjustments", on, now=now) if shares else None
    happenings: list[Happening] = []
    paid = {share.receivable: share.paid_minor for share in shares if share.paid_minor}
    if batch and paid and switch.credits:
        credit = credit_unused(
            organization.id,
            paid,
            batch_id=batch.id,
            reason=f"Unused time of {switch.membership.plan.name} from {on}",
            actor=switch.actor,
            on=on,
            now=now,
        )
        if credit:
            facts = {
                "amount": plain(credit, switch.to.currency),
                "currency": switch.to.currency,
                "from": on.isoformat(),
                "plan": switch.membership.plan.name,
            }
            why = " ".join(share.said for share in shares if share.paid_minor)
            happenings.append(
                Happening(
                    "unused_credited",
                    "membership",
                    switch.membership.id,
                    switch.membership.party_id,
                    why,
                    facts,
                )
            )
    dropped = {share.receivable.id: share.open_minor for share in shares if share.open_minor}
    if batch and dropped:
        happenings += write_off_receivables(
            organization.id,
            list(dropped),
            batch=lambda: batch.id,
            on=on,
            why=f"The days from {on} on are not used: switched to {switch.to.name}.",
            now=now,
            amounts=dropped,
        )
    for term in terms:
        if term.start_on >= on:
            cancel_term(term)
        else:
            end_term(term, on)
    recount(switch.membership)
    return happenings


def _bill(switch: _Switch, new: Membership, period: Period, lines: tuple[PricedLine, ...]) -> UUID:
    organization, to = switch.organization, switch.to
    billed = bill_now(
        organization,
        new,
        to,
        period,
        lines,
        source="switch",
        why=f"Switched to {to.name}",
        policies=switch.policies,
        actor=switch.actor,
        on=switch.today,
        now=switch.now,
    )
    tell_of_purchase(organization.id, billed, buyer=switch.membership.party.name, now=switch.now)
    return billed.invoice_id
