"""Money that was taken back: bank debits returned, disputes, what staff reversed; each with its next step (I-70)."""

from collections.abc import Callable, Iterator, Sequence

from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url, payment_url
from paidthru.faces.console.listing import PAGE, csv_of, in_words, onward_pages, query_of, text_in
from paidthru.faces.console.parts import (
    Choice,
    Column,
    EmptyState,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    Text,
    with_query,
)
from paidthru.faces.console.payment_pages import case_badge
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.payments.queries.returns import ReturnedPayment, count_open_disputes, returned_payments

_COLUMNS = (
    Column("payment", "Payment", "code"),
    Column("on", "Date", "date"),
    Column("member", "Member", "link"),
    Column("why", "Why", "prose"),
    Column("step", "Next step", "prose"),
    Column("amount", "Amount", "money"),
    Column("owed", "Still owed", "money"),
    Column("state", "Status", "badge"),
)
_CSV = ("payment", "date", "member", "kind", "status", "code", "why", "next step", "invoices", "currency", "amount",
        "still owed", "trace", "charge")  # fmt: skip
_EMPTY = {
    "return": EmptyState(
        "No bank debit was returned",
        "What the payer’s bank sends back comes here by itself, with the bank’s reason and the next step.",
    ),
    "dispute": EmptyState(
        "No payment is disputed",
        "What a cardholder disputes comes here by itself. It is held back until the bank has decided.",
    ),
    "reversal": EmptyState(
        "Nothing was reversed", "A payment that did not come after all is reversed on its own page."
    ),
}
_INTRO = {
    "return": "Debits that the payer’s bank sent back. The invoices that they had paid are open again.",
    "dispute": "Payments that cardholders dispute. An open one is answered at the processor, with evidence, before its"
    " deadline; nothing is owed again until it is decided.",
    "reversal": "Payments that staff reversed, with counter-entries. The invoices that they had paid are open again.",
}
_STATES = {"open": "Open", "won": "Won", "lost": "Lost"}


@staff_page("view")
def returns(visit: Visit) -> HttpResponseBase:
    """Bank debits that came back, matched by the processor's reference (I-70)."""
    return _cases(visit, "return")


@staff_page("view")
def disputes(visit: Visit) -> HttpResponseBase:
    """Disputes with their state and what is due."""
    return _cases(visit, "dispute")


@staff_page("view")
def reversals(visit: Visit) -> HttpResponseBase:
    """What staff reversed (G-02)."""
    return _cases(visit, "reversal")


def _cases(visit: Visit, kind: str) -> HttpResponseBase:
    request, query = visit.request, query_of(visit.request)
    name, trace, state = text_in(request, "q"), text_in(request, "trace"), text_in(request, "status")
    if state and state not in _STATES:
        raise Refused(
            "status_unknown",
            f"There is no status “{state}” here.",
            field="status",
            value=state,
            fix="Choose one from the list.",
        )
    place = text_in(request, "after")
    offset = int(place) if place.isascii() and place.isdigit() and len(place) < 7 else 0

    def page(limit: int, offset: int) -> list[ReturnedPayment]:
        return returned_payments(
            visit.organization.id,
            kinds=[kind],
            states=[state] if state else None,
            trace=trace,
            name=name,
            limit=limit,
            offset=offset,
        )

    if "export" in request.GET:
        return csv_of(f"{kind}s", _CSV, _lines(page))
    found = page(PAGE + 1, offset)
    next_url, previous_url = onward_pages(request, str(offset + PAGE) if len(found) > PAGE else None)
    filters = [
        Filter("q", visit.words.titled("member"), "search", name),
        *((Filter("trace", "Processor’s reference", "text", trace),) if kind != "reversal" else ()),
    ]
    if kind == "dispute":
        choices = (Choice("", "Any"), *(Choice(key, label) for key, label in _STATES.items()))
        filters.append(Filter("status", "Status", "choice", state, choices))
    tabs = (
        Tab("Bank debits returned", visit.url("returns/"), None, kind == "return"),
        Tab(
            "Disputes", visit.url("disputes/"), count_open_disputes(visit.organization.id), kind == "dispute"
        ),
        Tab("Reversed by staff", visit.url("reversals/"), None, kind == "reversal"),
    )
    return visit.page(
        ListPage(
            title="Taken back",
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one) for one in found[:PAGE]),
            empty=_EMPTY[kind],
            filters=tuple(filters),
            next_url=next_url,
            previous_url=previous_url,
            intro=_INTRO[kind],
            tabs=tabs,
            query=query,
            export_url=with_query(query, export="csv") if found else None,
            noun=("case", "cases"),
        ),
        "returns",
    )


def _row(visit: Visit, one: ReturnedPayment) -> Row:
    said = " ".join(part for part in (one.code, one.trace) if part)
    owed = Money(one.owed_minor, one.currency) if one.owed_minor else None
    return Row(
        (
            str(one.payment),
            one.on,
            Link(one.name, member_url(visit, one.party_id)),
            Text(one.words, said),
            one.next_step,
            Money(one.amount_minor, one.currency),
            owed,
            case_badge(one.kind, one.state),
        ),
        payment_url(visit, one.payment_id),
        tone="bad" if one.state == "open" else "neutral",
    )


def _lines(page: Callable[[int, int], list[ReturnedPayment]]) -> Iterator[Sequence[object]]:
    offset = 0
    while found := page(1_000, offset):
        offset += len(found)
        for one in found:
            yield (
                one.payment,
                one.on,
                one.name,
                one.kind,
                one.state,
                one.code,
                one.words,
                one.next_step,
                " ".join(str(number) for number in one.invoices),
                one.currency,
                Money(one.amount_minor, one.currency),
                Money(one.owed_minor, one.currency),
                one.trace,
                one.charge,
            )
