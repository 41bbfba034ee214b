"""Visits on members' records: how many of those that the plan includes are used."""

from paidthru.actions.record_visit import covered_by
from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.parts import Fact
from paidthru.people.models import Party
from paidthru.visits.queries import prices_of


def visit_facts(visit: Visit, party: Party) -> tuple[Fact, ...]:
    """The visits of the present cycle, where the organization has a price for some and a membership includes some."""
    if not prices_of(visit.organization.id):
        return ()
    covered = covered_by(visit.organization, party.id, visit.desk.today)
    if covered is None or not covered.allowance.included:
        return ()
    until = day_text(covered.cycle.through, visit.organization.locale)
    used = f"{covered.allowance.used} of {covered.allowance.included} used"
    return (Fact("Visits of this cycle", used, f"The cycle ends on {until}."),)
