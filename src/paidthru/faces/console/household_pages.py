"""Households and companies on members' records: who belongs to them, who is covered, and the seats."""

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Action, Badge, Column, EmptyState, Fact, Link, Row, Table
from paidthru.membership.queries.covering import covered_people, covers_of, holding
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party
from paidthru.people.queries import belongings_of
from paidthru.people.rules.belonging import GROUPS

KINDS = {"household": "Household", "organization": "Company"}


def household_facts(visit: Visit, party: Party, policies: Policies) -> tuple[Fact, ...]:
    """What a person belongs to today, and whose membership covers them; of a group, its seats."""
    today = visit.desk.today
    if party.kind in GROUPS:
        held = holding(party.id, today)
        used = belongings_of(visit.organization.id, on=today).filter(group=party).count()
        if held is None or held.plan.seats is None:
            return (Fact("People", str(used)),) if used else ()
        return (Fact("Seats", f"{used} of {held.plan.seats} used"),)
    stays = list(belongings_of(visit.organization.id, on=today).filter(party=party))
    if not stays:
        return ()
    covers = [
        f"{one.membership.party.name}, {one.membership.plan.name}"
        for one in covers_of(visit.organization.id, party.id, policies, today)
        if one.holds and one.membership.party_id != party.id
    ]
    return (
        *(
            Fact(KINDS[stay.group.kind], Link(stay.group.name, member_url(visit, stay.group_id), stay.role))
            for stay in stays
        ),
        Fact("Covered by", "; ".join(covers) or "None of these"),
    )


def people_section(
    visit: Visit, party: Party, policies: Policies, limit: int, more: str
) -> tuple[Section, ...]:
    """Who belongs to a household or company, belonged or is to; nothing on a person's record."""
    if party.kind not in GROUPS:
        return ()
    today, may = visit.desk.today, visit.may("renew")
    covered = covered_people(visit.organization.id, policies, today, groups=[party.id])
    rows = []
    found = list(
        belongings_of(visit.organization.id).filter(group=party).order_by("-from_on", "-id")[: limit + 1]
    )
    for stay in found[:limit]:
        over = stay.until_on is not None and stay.until_on <= today
        seat = (
            Badge("Covered", "good")
            if (party.id, stay.party_id) in covered and not over
            else Badge("Not covered")
        )
        if over:
            seat = Badge("Gone")
        elif stay.from_on > today:
            seat = Badge("To come", "info")
        end = (
            Link("Let go", f"{member_url(visit, party.id)}people/{stay.id}/end/")
            if may and not over
            else None
        )
        person = Link(stay.party.name, member_url(visit, stay.party_id))
        rows.append(Row((person, stay.role or None, stay.from_on, stay.until_on, seat, end)))
    columns = (
        Column("person", "Person", "link"),
        Column("role", "Role"),
        Column("from", "From", "date"),
        Column("until", "Gone from", "date"),
        Column("covered", "Today", "badge"),
        Column("end", "", "link"),
    )
    add = Action("Add a person", f"{member_url(visit, party.id)}people/add/")
    return (
        Section(
            "people",
            "People",
            Table(columns, tuple(rows), "People", empty=EmptyState("Nobody belongs to it yet.")),
            actions=(add,) if may else (),
            more=Link("All people", f"{more}#people") if len(found) > limit else None,
        ),
    )
