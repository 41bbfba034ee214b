"""Who pays for whom, on members' records (C-25)."""

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Action, Badge, Column, Fact, Link, Row, Table
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.queries import next_charge
from paidthru.membership.queries.paying import paid_for_by
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party


def payer_facts(visit: Visit, current: Membership | None) -> tuple[Fact, ...]:
    """Who pays for a member, where that is somebody else."""
    if current is None or current.payer is None or current.state == "ended":
        return ()
    return (Fact("Paid by", Link(current.payer.name, member_url(visit, current.payer.id))),)


def payer_action(visit: Visit, party: Party, current: Membership | None) -> tuple[Action, ...]:
    """The way to say who pays."""
    if not visit.may("renew") or current is None or current.state == "ended":
        return ()
    return (Action("Paid by", f"{member_url(visit, party.id)}payer/"),)


def paid_for_section(visit: Visit, party: Party, policies: Policies) -> tuple[Section, ...]:
    """For whom a party pays, and what is asked next; nothing for whoever pays for nobody."""
    found = paid_for_by(visit.organization.id, party.id)
    if not found:
        return ()
    rows = []
    for one in found:
        coming = next_charge(one, policies, visit.desk.today)
        way = Badge("AutoPay", "info") if one.autopay else Badge("By invoice")
        member = Link(one.party.name, member_url(visit, one.party_id))
        amount = Money(coming.amount_minor, coming.currency) if coming else None
        rows.append(Row((member, one.plan.name, coming.on if coming else None, amount, way)))
    columns = (
        Column("member", visit.words.titled("member"), "link"),
        Column("plan", visit.words.titled("plan")),
        Column("on", "Next on", "date"),
        Column("amount", "Amount", "money"),
        Column("way", "Collected", "badge"),
    )
    return (Section("pays-for", "Pays for", Table(columns, tuple(rows), "Pays for")),)
