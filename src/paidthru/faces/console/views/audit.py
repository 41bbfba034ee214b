"""The audit log: who did what, when and why; searched, taken along, and proved by its chain (field-notes E.5)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from functools import partial

from django.db.models import QuerySet
from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url, subject_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import PAGE, day_in, id_in, onward_pages, query_of, text_in
from paidthru.faces.console.pages import Problem, RecordPage
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Filter,
    Link,
    ListPage,
    Row,
    with_query,
)
from paidthru.faces.console.sentences import sentence, who
from paidthru.kernel.clock import local_date, local_instant
from paidthru.kernel.formats import reader_text
from paidthru.people.models import Party
from paidthru.people.queries import found_by
from paidthru.timeline.models import Event
from paidthru.timeline.queries.audit import broken_chain, last_seal, sealed_entries
from paidthru.timeline.queries.audit_log import SEARCHED, audit_log, search_back
from paidthru.wiring import audit_keys

_COLUMNS = (
    Column("at", "When", "date"),
    Column("who", "Who"),
    Column("what", "What", "prose"),
    Column("why", "Why", "prose"),
    Column("about", "About", "link"),
)
_PARTIES = 200  # of those whom a search finds, so many are looked for in the log


@staff_page("audit")
def log(visit: Visit) -> HttpResponseBase:
    """All that happened, the newest first."""
    request, zone = visit.request, visit.organization.zone
    text, start, through = text_in(request, "q"), day_in(request, "from"), day_in(request, "to")
    of_days = partial(
        audit_log,
        visit.organization.id,
        start=local_instant(start, time.min, zone) if start else None,
        end=local_instant(through + timedelta(days=1), time.min, zone) if through else None,
    )
    every = of_days()
    page = ListPage(
        title="Audit log",
        columns=_COLUMNS,
        rows=(),
        empty=EmptyState("Nothing has happened yet", "Whatever anybody does here is written down and stays."),
        intro="Everything that anybody, or the calendar, has done. Nothing in it is ever changed or deleted.",
        filters=(
            Filter("q", "Who, what, why, or a name", "search", text),
            Filter("from", "From", "date", text_in(request, "from")),
            Filter("to", "To", "date", text_in(request, "to")),
        ),
        actions=(Action("Verify", visit.url("audit/verify/")),),
        noun=("entry", "entries"),
    )
    matching = every
    if text:
        named = Party.objects.filter(found_by(text), organization=visit.organization)
        ids = list(named.values_list("id", flat=True)[:_PARTIES])
        matching = of_days(text=text, party_ids=ids)
        if "export" not in request.GET:
            return _searched(visit, page, every, matching)
    return listed(
        visit,
        matching,
        lambda events: _rows(visit, events),
        page,
        current="audit",
        sorts=["id"],
        default="-id",
        file="audit-log",
    )


def _searched(
    visit: Visit, page: ListPage, every: QuerySet[Event], matching: QuerySet[Event]
) -> HttpResponseBase:
    """What a search finds, a stretch of the log at a time."""
    query = query_of(visit.request)
    found = search_back(every, matching, below=id_in(visit.request, "after"), limit=PAGE)
    next_url, previous_url = onward_pages(visit.request, str(found.next) if found.next else None)
    title, way_on = "Nothing in the log matches", "Try fewer words, or other dates."
    if found.reached:
        title, way_on = "Nothing here matches", "Next goes on with what is older."
        reached = day_text(local_date(found.reached, visit.organization.zone), visit.organization.locale)
        page = replace(
            page,
            intro=f"Looked through {SEARCHED:,} entries, back to {reached}. {way_on}",
        )
    return visit.page(
        replace(
            page,
            rows=tuple(_rows(visit, found.events)),
            empty=EmptyState(title, way_on),
            next_url=next_url,
            previous_url=previous_url,
            query=query,
            export_url=with_query(query, export="csv"),
        ),
        "audit",
    )


def _rows(visit: Visit, events: Sequence[Event]) -> list[Row]:
    locale = visit.organization.locale
    names = dict(
        Party.objects.filter(
            organization=visit.organization, id__in={one.party_id for one in events}
        ).values_list("id", "name")
    )
    rows = []
    for one in events:
        href = subject_url(visit, one.subject_kind, one.subject_id)
        about = Link(one.subject_kind.replace("_", " ").capitalize(), href) if href else None
        if one.party_id in names:
            about = Link(names[one.party_id], member_url(visit, one.party_id))
        rows.append(Row((one.at, who(one), sentence(one, locale), reader_text(one.why, locale), about)))
    return rows


@staff_page("audit")
def verify(visit: Visit) -> HttpResponseBase:
    """Reads the whole chain of seals over the log, and says whether all stands as it was written."""
    broken = broken_chain(visit.organization.id, audit_keys())
    head = last_seal(visit.organization.id)
    kept = "Keep number and digest elsewhere: they show whether the end was cut off (paidthru audit verify --head)."
    problem = Problem(
        "The log isn’t as it was written",
        " ".join(broken),
        way_out="Ask who had access to the database, and compare with a backup.",
        code="audit_chain",
    )
    return visit.page(
        RecordPage(
            title="The audit log’s chain",
            badges=(Badge("Broken", "bad") if broken else Badge("Stands", "good"),),
            intro="The worker seals what happened, each seal over the one before, with a key that is not in the"
            " database: whoever changes, removes or slips in an entry there breaks the chain from that place on.",
            facts=(
                Fact("Entries under seals", sealed_entries(visit.organization.id)),
                Fact("The last seal", head.number if head else None),
                Fact("Sealed at", head.sealed_at if head else None),
                Fact("Its digest", head.digest if head else None, kept if head else ""),
            ),
            warning=problem if broken else None,
            crumbs=(Link("Audit log", visit.url("audit/")),),
        ),
        "audit",
    )
