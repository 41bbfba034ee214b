"""Pages that reckon with every member: of a large organization they say so at once, and come when they are ready."""

from dataclasses import replace

from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit
from paidthru.faces.console.listing import query_of
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import with_query
from paidthru.people.models import Party

MANY = 5_000  # members from which on a reader would wonder whether anything happens


def has_many(visit: Visit) -> bool:
    """Whether the organization has so many members that what looks at each takes seconds."""
    return Party.objects.filter(organization=visit.organization)[MANY:].exists()


def late(visit: Visit, page: RecordPage, current: str, *, saying: str) -> HttpResponseBase | None:
    """The page that stands there until `page` (its head alone) is reckoned; None when it is time to do so: at once in
    a small organization, and when the waiting page asks for it."""
    query = query_of(visit.request)
    if ("now", "1") in query or not has_many(visit):
        return None
    part = Section("late", page.title, text=saying, load_url=with_query(query, now="1"), loads_page=True)
    return visit.page(replace(page, sections=(part,)), current)
