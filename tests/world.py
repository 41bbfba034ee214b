"""A small organization to test on, built through the product's own operations."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from paidthru.actions.change_price import change_price
from paidthru.actions.save_method import save_method
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.membership.models import Fee, Membership, Plan, Term
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import create_organization, set_policy
from paidthru.organizations.rules.policies import parse
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.runs import Desk
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for, processor_of

STAFF = Actor("staff", "Pat Treasurer")
NOW = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)


@dataclass
class World:
    """An organization with its desk and its sandbox processor's levers."""

    organization: Organization
    desk: Desk

    @property
    def processor(self) -> SandboxDesk:
        """The levers of the sandbox processor."""
        return SandboxDesk(self.organization.id, self.desk.clock)

    def plan(self, name: str = "Regular", amount_minor: int | None = 10_000, **columns: object) -> Plan:
        """A plan with its price in minor units, yearly unless said; None leaves it without a price."""
        defaults: dict[str, object] = {
            "kind": "subscription",
            "currency": self.organization.currency,
            "created_at": NOW,
        }
        plan = Plan.objects.create(organization=self.organization, name=name, **(defaults | columns))
        if amount_minor is not None:
            Fee.objects.create(
                organization=self.organization,
                plan=plan,
                name=name,
                amount_minor=amount_minor,
                is_primary=True,
            )
        return plan

    def price(self, plan: Plan, amount_minor: int) -> None:
        """Gives a plan its price."""
        change_price(self.organization, plan.id, amount_minor, actor=STAFF, now=self.desk.clock.now())

    def party(self, name: str, **columns: object) -> UUID:
        """A person."""
        draft = PartyDraft(name=name, **columns)  # type: ignore[arg-type]
        add_parties(self.organization.id, [draft], now=NOW)
        return draft.id

    def member(
        self,
        name: str,
        plan: Plan,
        *,
        paid_through: date | None,
        card: bool = False,
        autopay: bool = False,
        customer_type: str = "",
        **columns: object,
    ) -> Membership:
        """A member whose present term was paid before Paidthru."""
        party_id = self.party(name, customer_type=customer_type)
        start = date(2025, 1, 1)
        membership = Membership.objects.create(
            organization=self.organization,
            party_id=party_id,
            plan=plan,
            state="active",
            joined_on=start,
            anchor_on=start,
            autopay=autopay,
            created_at=NOW,
            renewed_through=paid_through,
            paid_through=paid_through,
            next_bill_on=paid_through + timedelta(days=1) if paid_through else None,
            **columns,
        )
        if paid_through:
            Term.objects.create(
                organization=self.organization,
                membership=membership,
                plan=plan,
                start_on=start,
                end_on=paid_through + timedelta(days=1),
                amount_minor=0,
                source="import",
                paid_on=paid_through,
            )
        if card:
            self.card(party_id)
        return membership

    def card(self, party_id: UUID, test_code: str = "ok") -> None:
        """Saves a sandbox card for a party."""
        saved = processor_of(self.organization).save_method(str(party_id), "card", test_code)
        save_method(
            self.organization, party_id, saved, gateway="sandbox", actor=STAFF, now=self.desk.clock.now()
        )


def a_world(
    preset: str = "association",
    *,
    currency: str = "USD",
    zone: str = "America/New_York",
    now: datetime = NOW,
    name: str = "Maple Club",
    **policies: str,
) -> World:
    """A sandbox organization of a preset; policies by key with `__` for the dot."""
    organization = create_organization(
        name=name, preset=preset, currency=currency, zone=zone, locale="en_US", mode="sandbox", now=now
    )
    for key, text in policies.items():
        key = key.replace("__", ".")
        set_policy(organization, key, parse(key, text), actor="Pat Treasurer", now=now)
    return World(organization, desk_for(organization))


def party_named(world: World, name: str) -> Party:
    """The party of that name."""
    return Party.objects.get(organization=world.organization, name=name)
