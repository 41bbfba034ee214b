"""All invoices: drafts, open, overdue, paid; found, sorted, exported (A-17, A-18)."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import invoice_url
from paidthru.faces.console.badges import invoice_badge
from paidthru.faces.console.bulk_invoices import INVOICES
from paidthru.faces.console.listing import (
    csv_of,
    day_in,
    in_words,
    page_by_key,
    query_of,
    streamed,
    text_in,
)
from paidthru.faces.console.parts import (
    Action,
    Choice,
    Column,
    EmptyState,
    Filter,
    ListPage,
    Row,
    Tab,
    with_query,
)
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.rules.states import shown_state
from paidthru.kernel.money import Money
from paidthru.people.queries import whose

_COLUMNS = (
    Column("member", "Member"),
    Column("number", "Invoice", "code"),
    Column("billed", "Billed", "date", "bill_on"),
    Column("due", "Due", "date", "due_on"),
    Column("state", "State", "badge"),
    Column("total", "Total", "money"),
    Column("balance", "Balance", "money"),
)
_CSV = (
    "invoice",
    "member number",
    "member",
    "kind",
    "billed",
    "due",
    "state",
    "currency",
    "total",
    "balance",
)
_KINDS = {
    "membership": "Memberships",
    "invoice": "Written by staff",
    "charge": "Charges",
    "recovery": "What a member has twice",
}


@staff_page("view")
def invoice_list(visit: Visit) -> HttpResponseBase:
    """Every invoice, the latest first; `?show=` is the tab."""
    request, query, today = visit.request, query_of(visit.request), visit.desk.today
    show, kind, text = text_in(request, "show"), text_in(request, "kind"), text_in(request, "q")
    tabs = _tabs(today)
    found = shown_invoices(visit)
    if "export" in request.GET:
        return csv_of("invoices", _CSV, streamed(_ordered(found), lambda one: _line(visit, one)))
    page, sort = page_by_key(found, request, ["bill_on", "due_on"], "-bill_on")
    write = Action("New invoice", visit.url("invoices/new/"), "primary", icon="plus")
    again = Action("Recurring", visit.url("invoices/recurring/"))
    return visit.page(
        ListPage(
            title="Invoices",
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one) for one in page.rows),
            empty=EmptyState(
                "No invoices yet",
                "Joining and renewals bill by themselves; anything else is written here.",
                write if visit.may("charge") else None,
            ),
            filters=(
                Filter("q", f"{visit.words.titled('member')} or number", "search", text),
                Filter(
                    "kind",
                    "Kind",
                    "choice",
                    kind,
                    (Choice("", "Any kind"), *(Choice(key, label) for key, label in _KINDS.items())),
                ),
                Filter("from", "Billed from", "date", text_in(request, "from")),
                Filter("to", "Billed to", "date", text_in(request, "to")),
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            actions=(again, write) if visit.may("charge") and page.rows else (again,),
            tabs=tuple(
                Tab(label, with_query(query, show=key), None, key == show) for key, (label, _) in tabs.items()
            ),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("invoice", "invoices"),
            bulk=INVOICES.bulk(visit, None, query),
        ),
        "invoices",
    )


def _tabs(today: date) -> dict[str, tuple[str, Q]]:
    return {
        "": ("All", ~Q(state="void", number=None)),
        "drafts": ("Drafts", Q(state="draft")),
        "open": ("Open", Q(state="sent", balance_minor__gt=0)),
        "overdue": ("Overdue", Q(state="sent", balance_minor__gt=0, due_on__lt=today)),
        "paid": ("Paid", Q(state="paid")),
    }


def shown_invoices(visit: Visit) -> QuerySet[Invoice]:
    """The invoices that the address's tab and filters show."""
    request, tabs = visit.request, _tabs(visit.desk.today)
    kind, text = text_in(request, "kind"), text_in(request, "q")
    found = Invoice.objects.filter(organization=visit.organization).select_related("party")
    found = found.filter(tabs.get(text_in(request, "show"), tabs[""])[1])
    if text:
        which = whose(visit.organization.id, text)
        digits = text.removeprefix("#")
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            which |= Q(number=int(digits))
        which |= Q(label__istartswith=digits)
        found = found.filter(which)
    if kind:
        found = found.filter(kind=kind)
    if start := day_in(request, "from"):
        found = found.filter(bill_on__gte=start)
    if through := day_in(request, "to"):
        found = found.filter(bill_on__lte=through)
    return found


def _ordered(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return found.order_by("bill_on", "id")


def _row(visit: Visit, one: Invoice) -> Row:
    return Row(
        (
            one.party.name,
            one.label or "Draft",
            one.bill_on,
            one.due_on,
            invoice_badge(one, visit.desk.today),
            Money(one.total_minor, one.currency),
            Money(one.balance_minor, one.currency),
        ),
        invoice_url(visit, one.id),
        pick=INVOICES.pick(visit, one.id),
        called=f"{one.label or 'the draft'} of {one.party.name}",
    )


def _line(visit: Visit, one: Invoice) -> Sequence[object]:
    return (
        one.label,
        one.party.number,
        one.party.name,
        _KINDS.get(one.kind, one.kind),
        one.bill_on,
        one.due_on,
        shown_state(one.state, one.due_on, one.balance_minor, visit.desk.today),
        one.currency,
        Money(one.total_minor, one.currency),
        Money(one.balance_minor, one.currency),
    )
