"""The rows behind figures of the overview that no other list shows: what moved, whose terms ended, what homes were
asked for. Each list is counted by the rule of its figure (A-40, A-42, X24)."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponseBase

from paidthru.assessments.queries import due_of_homes
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url, payment_url, refund_url
from paidthru.faces.console.formats import period_text
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import day_in, merged, page_of_all, query_of, text_in
from paidthru.faces.console.parts import (
    Badge,
    Column,
    EmptyState,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    with_query,
)
from paidthru.faces.console.row_exports import cells_of, lines_csv
from paidthru.faces.console.views.homes import home_url
from paidthru.invoicing.models import Receivable
from paidthru.kernel.formats import money_text
from paidthru.kernel.money import EXPONENTS, Money
from paidthru.kernel.periods import Period
from paidthru.membership.models import Membership
from paidthru.membership.queries.health import DEFINITION, ended_in, renewed_between
from paidthru.payments.models import Payment, Refund, Reversal
from paidthru.payments.queries.revenue import collected_between, moves
from paidthru.people.models import Unit

_DAY = timedelta(days=1)
_MOVED = (
    Column("on", "Day", "date", "day"),
    Column("what", "What", "link"),
    Column("who", "Member", "link"),
    Column("amount", "Amount", "money"),
)
_ENDED = (
    Column("name", "Member", sort_key="name"),
    Column("last", "Last day", "date"),
    Column("state", "It is", "badge"),
)
_DUE = (
    Column("due", "Due", "date", "due_on"),
    Column("home", "Home", "link"),
    Column("who", "Asked of", "link"),
    Column("amount", "Asked for", "money"),
    Column("settled", "Settled", "money"),
)
_BACK = {"reversal": "Taken back", "return": "Returned by the bank", "dispute": "Lost in a dispute",
         "reinstated": "Came back after a dispute"}  # fmt: skip


class _Span:
    """The days and the currency that the address names, this year so far where it names none."""

    def __init__(self, visit: Visit) -> None:
        today, currency = visit.desk.today, text_in(visit.request, "currency")
        self.first = day_in(visit.request, "from") or date(today.year, 1, 1)
        self.last = max(day_in(visit.request, "to") or today, self.first)
        self.end = self.last + _DAY
        self.currency = currency if currency in EXPONENTS else visit.organization.currency
        self.said = period_text(Period(self.first, self.end), visit.organization.locale)
        self.crumbs = (Link("Overview", visit.url("overview/")),)
        self.filters = (
            Filter("from", "From", "date", self.first.isoformat()),
            Filter("to", "To", "date", self.last.isoformat()),
        )


@staff_page("view")
def collected_list(visit: Visit) -> HttpResponseBase:
    """What came, was given back and was taken back on the days: together what the overview calls collected (A-40)."""
    span = _Span(visit)
    found = moves(visit.organization.id, span.currency, span.first, span.end)
    if "export" in visit.request.GET:
        return lines_csv("collected", _MOVED, merged(found, "day", lambda part: _moved_lines(visit, part)))
    page, sort = page_of_all(found, visit.request, "day", "-day")
    sums = collected_between(visit.organization.id, span.currency, span.first, span.end)

    def figure(label: str, amount_minor: int) -> Figure:
        return Figure(label, money_text(Money(amount_minor, span.currency), visit.organization.locale))

    return visit.page(
        ListPage(
            title=f"Collected, {span.said}",
            intro="Money received, less what was given back or taken back, by the day on which it moved.",
            columns=_MOVED,
            rows=tuple(_moved(visit, page.rows)),
            empty=EmptyState("No money moved on these days."),
            figures=(
                figure("Received", sums.received_minor),
                figure("Given back", sums.refunded_minor),
                figure("Taken back", sums.taken_back_minor),
                figure("Collected", sums.net_minor),
            ),
            filters=span.filters,
            next_url=page.next_url,
            previous_url=page.previous_url,
            query=query_of(visit.request),
            sort=sort,
            export_url=with_query(query_of(visit.request), export="csv"),
            crumbs=span.crumbs,
        ),
        "overview",
    )


def _moved(visit: Visit, moved: Sequence[Payment | Refund | Reversal]) -> list[Row]:
    return [_move(visit, one) for one in moved]


def _moved_lines(visit: Visit, moved: Sequence[Payment | Refund | Reversal]) -> list[list[object]]:
    return [cells_of(_MOVED, row) for row in _moved(visit, moved)]


def _move(visit: Visit, one: Payment | Refund | Reversal) -> Row:
    who = Link(one.party.name, member_url(visit, one.party_id))
    if isinstance(one, Payment):
        what, sign = Link(f"Payment {one.number}", payment_url(visit, one.id)), 1
    elif isinstance(one, Refund):
        what, sign = Link(f"Refund {one.number}", refund_url(visit, one.id)), -1
    else:
        said = f"{_BACK[one.kind]}: payment {one.payment.number}"
        what, sign = Link(said, payment_url(visit, one.payment_id)), 1 if one.kind == "reinstated" else -1
    day: date = one.day  # type: ignore[union-attr]
    return Row((day, what, who, Money(sign * one.amount_minor, one.currency)))


@staff_page("view")
def renewals_list(visit: Visit) -> HttpResponseBase:
    """The memberships whose paid term had its last day on the days, and whether they went on: those that the renewal
    rate counts (A-42)."""
    span, show = _Span(visit), text_in(visit.request, "show")
    found = ended_in(visit.organization.id, span.first, span.end).select_related("party", "plan")
    counts = renewed_between(visit.organization.id, span.first, span.end)
    shown = {"renewed": Q(renewed=True), "left": ~Q(renewed=True)}.get(show, Q())
    query = query_of(visit.request)
    totals = {"": counts.due, "renewed": counts.renewed, "left": counts.due - counts.renewed}
    tabs = (("", "All that were due"), ("renewed", "Renewed"), ("left", "Not renewed"))
    return listed(
        visit,
        found.filter(shown),
        lambda part: [_ended(visit, one) for one in part],
        ListPage(
            title=f"Renewals, {span.said}",
            intro=DEFINITION,
            columns=_ENDED,
            rows=(),
            empty=EmptyState("No paid term had its last day on these days."),
            tabs=tuple(
                Tab(label, with_query(query, show=key), totals[key], key == show) for key, label in tabs
            ),
            filters=span.filters,
            total=totals.get(show, counts.due),
            noun=(visit.words.member, visit.words.members),
            crumbs=span.crumbs,
        ),
        current="overview",
        sorts=["name"],  # by the day would read every membership's terms
        default="name",
        file="renewals",
    )


def _ended(visit: Visit, one: Membership) -> Row:
    ended: date = one.ended  # type: ignore[attr-defined]
    renewed: bool = one.renewed  # type: ignore[attr-defined]
    badge = Badge("Renewed", "good") if renewed else Badge("Not renewed", "warn")
    return Row((one.party.name, ended - _DAY, badge), member_url(visit, one.party_id))


@staff_page("view")
def assessed_list(visit: Visit) -> HttpResponseBase:
    """What homes were asked for and was due on the days, with what is settled of it (X24)."""
    span = _Span(visit)
    show = text_in(visit.request, "show")
    found = due_of_homes(
        visit.organization.id, span.currency, span.first, span.end, unsettled=show == "unsettled"
    )
    query = query_of(visit.request)
    tabs = (("", "All"), ("unsettled", "Not settled"))
    return listed(
        visit,
        found.select_related("party"),
        lambda part: _due(visit, part),
        ListPage(
            title=f"Asked of homes, {span.said}",
            intro="What was due on these days, without what was taken back or waived.",
            columns=_DUE,
            rows=(),
            empty=EmptyState("Nothing was due of homes on these days."),
            tabs=tuple(Tab(label, with_query(query, show=key), current=key == show) for key, label in tabs),
            filters=span.filters,
            crumbs=span.crumbs,
        ),
        current="overview",
        sorts=["due_on"],
        default="due_on",
        file="asked-of-homes",
    )


def _due(visit: Visit, due: Sequence[Receivable]) -> list[Row]:
    units: dict[UUID, Unit] = Unit.objects.in_bulk({one.source_id for one in due})
    return [
        Row(
            (
                one.due_on,
                Link(units[one.source_id].name, home_url(visit, one.source_id)),
                Link(one.party.name, member_url(visit, one.party_id)),
                Money(one.amount_minor, one.currency),
                Money(one.settled_minor, one.currency),  # type: ignore[attr-defined]
            )
        )
        for one in due
    ]
