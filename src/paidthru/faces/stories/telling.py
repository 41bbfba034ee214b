"""A story while it is being told: its throw-away organization, and what the names and numbers in it stand for."""

from dataclasses import dataclass, field
from uuid import UUID

from paidthru.actions.add_party import add_party
from paidthru.actions.save_method import save_method
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import nth_invoice
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import parse_amount, plain
from paidthru.ledger.models import Batch
from paidthru.ledger.queries import batches_called
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries import membership_of, plan_named
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import MethodKind
from paidthru.payments.models import Payment
from paidthru.payments.queries import active_method, payment_numbered
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft
from paidthru.people.queries import party_named
from paidthru.runs import Desk
from paidthru.timeline.operations import Actor
from paidthru.wiring import processor_of

from .values import AmountText, YearMonth

STAFF = Actor("staff", "Story staff")


def address_of(name: str) -> str:
    """The e-mail address of somebody in a story of whom none is told; no mail leaves a story."""
    return f"{''.join(sign for sign in name.lower() if sign.isalnum()) or 'somebody'}@example.org"


@dataclass(slots=True)
class Telling:
    """The organization that a story is told in, and its desk. Everything else is looked up as it is needed.

    `joiners` are those who join in the course of the story: they may be named before they do. `mail_read` is the
    last mail that was written before the block. `households` are the names that members belong to, `autopay` is what
    the setup said of somebody's.
    """

    organization: Organization
    desk: Desk
    joiners: frozenset[str] = frozenset()
    mail_read: UUID | None = None
    autopay: dict[str, bool] = field(default_factory=dict)
    households: frozenset[str] = frozenset()

    @property
    def policies(self) -> Policies:
        """The organization's policies as they are now."""
        return policies_of(self.organization)

    @property
    def bills_by_calendar(self) -> bool:
        """Whether the preset or a policy lets the calendar bill."""
        return self.policies.word("billing.trigger") == "auto"

    def pays_by_itself(self, party: Party) -> bool:
        """Whether somebody's home is on autopay: as the setup says, else who has a method, where the calendar bills."""
        said = self.autopay.get(party.name)
        return said if said is not None else self.bills_by_calendar and active_method(party.id) is not None

    def money(self, amount: AmountText) -> tuple[int, str]:
        """An amount in minor units and its currency, the organization's unless written. Refused as `parse_amount`."""
        return self.money_in(amount, self.organization.currency)

    def money_in(self, amount: AmountText, currency: str) -> tuple[int, str]:
        """As `money`, with another currency where none is written."""
        currency = amount.currency or currency
        return parse_amount(amount.text, currency), currency

    def shown(self, amount_minor: int, currency: str) -> str:
        """An amount as stories write it."""
        text = plain(amount_minor, currency)
        return text if currency == self.organization.currency else f"{text} {currency}"

    def find_party(self, name: str) -> Party | None:
        """The person of that name, if the story has named them before."""
        return party_named(self.organization.id, name)

    def party(self, name: str) -> Party:
        """The person of that name. Refused `member_unknown`."""
        found = self.find_party(name)
        if found is None:
            raise Refused(
                "member_unknown",
                f"Nobody in this story is called “{name}”.",
                field="member",
                value=name,
                fix=f"Add a line 'member {name}' to the setup, or let {name} join.",
            )
        return found

    def newcomer(self, name: str) -> Party:
        """The person of that name, who comes in now if it is somebody who joins later. Refused as `party`."""
        if self.find_party(name) is None and name in self.joiners:
            add_party(
                self.organization,
                PartyDraft(name=name, email=address_of(name)),
                actor=Actor("member", name),
                now=self.desk.clock.now(),
            )
        return self.party(name)

    def membership(self, name: str) -> Membership:
        """The membership of the person of that name. Refused `member_unknown`, `not_a_member`."""
        found = membership_of(self.party(name).id)
        if found is None:
            raise Refused(
                "not_a_member",
                f"{name} has no membership.",
                field="member",
                value=name,
                fix=f"Let {name} join a plan first.",
            )
        return found

    def plan(self, name: str) -> Plan:
        """The plan of that name. Refused `plan_unknown`."""
        found = plan_named(self.organization.id, name)
        if found is None:
            raise Refused(
                "plan_unknown",
                f"There is no plan called “{name}”.",
                field="plan",
                value=name,
                fix=f"Add a line 'plan {name}: AMOUNT every year' to the setup.",
            )
        return found

    def invoice(self, number: int) -> Invoice:
        """The invoice of that number, drafts counted in the order they came. Refused `invoice_unknown`."""
        found = nth_invoice(self.organization.id, number)
        if found is None:
            raise Refused(
                "invoice_unknown",
                f"There is no invoice {number} yet.",
                field="invoice",
                value=number,
                fix="Invoices are numbered from 1, in the order they came.",
            )
        return found

    def payment(self, number: int) -> Payment:
        """The payment of that number. Refused `payment_unknown`."""
        found = payment_numbered(self.organization.id, number)
        if found is None:
            raise Refused(
                "payment_unknown",
                f"There is no payment {number} yet.",
                field="payment",
                value=number,
                fix="Payments are numbered from 1, in the order they came.",
            )
        return found

    def batch(self, named: int | str) -> Batch:
        """The batch of that number or name; of several with one name the latest. Refused `batch_unknown`."""
        found = batches_called(self.organization.id, named)
        if not found:
            raise Refused(
                "batch_unknown",
                f"There is no batch {named} yet.",
                field="batch",
                value=named,
                fix="Batches are numbered from 1, in the order they were opened.",
            )
        return found[-1]

    def save_method(
        self, party_id: UUID, kind: MethodKind, *, actor: Actor, expires: YearMonth | None = None
    ) -> None:
        """A member enters a card or a bank account into the processor's own fields, which give us its token."""
        until = (expires.year, expires.month) if expires else None
        saved = processor_of(self.organization).save_method(str(party_id), kind, "ok", expires=until)
        save_method(
            self.organization, party_id, saved, gateway="sandbox", actor=actor, now=self.desk.clock.now()
        )
