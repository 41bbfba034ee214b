"""Planned changes of policy in the order of their days: what was due before a change is done by what held until then.

On any other day nothing is left of the days before. After days without a worker there is: terms that began before the
change are billed, tries that were due are made and cases that would have been opened are opened by the old policies,
and only then the change is made; what is due from its day on follows by the new ones.
"""

from collections.abc import Callable
from datetime import date, time, timedelta

from paidthru.actions.make_planned_changes import make_planned_changes
from paidthru.actions.mark_missed import mark_missed
from paidthru.organizations.queries import planned_changes, policies_of
from paidthru.runs.desk import Desk, at
from paidthru.runs.dunning import follow_up_due
from paidthru.runs.ending import end_what_is_over
from paidthru.runs.renewals import bill_due
from paidthru.runs.trying import collect_due
from paidthru.timeline.operations import SCHEDULE


def change_policies(desk: Desk, send: Callable[[Desk], object], *, whole: bool) -> None:
    """Makes the planned changes whose day has come, each after what was due before it; without `whole` (a database that
    may forget) nothing is billed or collected on the way."""
    for day in sorted({one.comes_on for one in planned_changes(desk.organization.id, by=desk.today)}):
        if whole:
            _catch_up_before(desk, day, send)
        make_planned_changes(desk.organization, today=day, actor=SCHEDULE, now=desk.clock.now())


def _catch_up_before(desk: Desk, day: date, send: Callable[[Desk], object]) -> None:
    """In the order of a worker's round; of a case's mails still only the latest by now leaves."""
    if collect_due(desk, before=at(desk, day, time.min)):
        send(desk)
    follow_up_due(desk, before=day)  # nobody is billed for a term that they had lost by then
    if policies_of(desk.organization).word("billing.trigger") == "auto":
        bill_due(desk, before=day)
    mark_missed(desk.organization, today=day, actor=SCHEDULE, now=desk.clock.now())
    end_what_is_over(desk, on=day - timedelta(days=1))
    follow_up_due(desk, before=day)
