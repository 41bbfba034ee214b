"""Note how far a course of a rehearsal has got."""

from typing import Any

from paidthru.organizations.models import Course
from paidthru.organizations.rules.rehearsing import COURSE


def note_course(course: Course, event: str, **values: Any) -> None:
    """Moves a course on (`COURSE`), with what is known now: fork_id, figures, problem. Refused `illegal_transition`,
    also where somebody else, who threw it away, was first."""
    course.refresh_from_db(fields=["state"])
    before, after = course.state, COURSE.next(course.state, event)
    if "problem" in values:
        values["problem"] = values["problem"][:500]
    if not Course.objects.filter(id=course.id, state=before).update(state=after, **values):
        course.refresh_from_db(fields=["state"])
        COURSE.next(course.state, event)
    course.refresh_from_db()
