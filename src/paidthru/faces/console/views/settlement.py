"""Settlement: what the processor paid out, line by line against our books (field-notes D.6)."""

from django.http import Http404, HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import money_said
from paidthru.faces.console.addresses import payment_url, refund_url
from paidthru.faces.console.listing import csv_of, query_of
from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Badge,
    Column,
    EmptyState,
    Fact,
    Figure,
    Link,
    ListPage,
    Row,
    Tab,
    Table,
    Text,
    with_query,
)
from paidthru.kernel.money import Money
from paidthru.organizations.rules.rates import plain_rate
from paidthru.payments.models import Dispute, Payment, Refund
from paidthru.payments.queries.settlement import (
    PayoutLine,
    held_by_gateways,
    open_strays,
    payout_lines,
    payouts,
)

_SHOWN = 200
_KINDS = {
    "charge": "Payment",
    "refund": "Refund",
    "refund_failed": "Refund that came back",
    "dispute": "Dispute or return",
    "dispute_won": "Dispute won",
    "fee": "Fee",
    "other": "Other",
}


def settlement_tabs(visit: Visit, current: str) -> tuple[Tab, ...]:
    """Payouts, and the money that nobody can place with how much of it waits."""
    waiting = len(open_strays(visit.organization.id))
    return (
        Tab("Payouts", visit.url("settlement/"), None, current == "payouts"),
        Tab("Money nobody can place", visit.url("strays/"), waiting, current == "strays"),
    )


@staff_page("view")
def payout_list(visit: Visit) -> HttpResponseBase:
    """The payouts, each set against the lines that left with it."""
    found = payouts(visit.organization.id, limit=_SHOWN)
    held = held_by_gateways(visit.organization.id)
    columns = (
        Column("ref", "Payout", "code"),
        Column("on", "Date", "date"),
        Column("lines", "Lines", "number"),
        Column("sum", "Lines, fees taken off", "money"),
        Column("amount", "Paid out", "money"),
        Column("state", "Against our books", "badge"),
    )
    rows = tuple(
        Row(
            (
                one.ref,
                one.on,
                one.lines,
                Money(one.lines_minor, one.currency),
                Money(one.amount_minor, one.currency),
                _payout_badge(reconciled=one.reconciled, failed=one.failed, unknown=one.unknown),
            ),
            visit.url(f"settlement/{one.ref}/"),
            tone="neutral" if one.reconciled and not one.failed else "bad",
        )
        for one in found
    )
    figures = tuple(
        Figure(
            f"Held by the processor, {currency}" if len(held) > 1 else "Held by the processor",
            Money(minor, currency),
        )
        for currency, minor in sorted(held.items())
    )
    return visit.page(
        ListPage(
            title="Settlement",
            columns=columns,
            rows=rows,
            empty=EmptyState(
                "No payout yet",
                "What the processor pays out to your bank comes here by itself, with every line that it is made of.",
            ),
            intro=f"The latest {_SHOWN} payouts." if len(found) == _SHOWN else "",
            tabs=settlement_tabs(visit, "payouts"),
            figures=figures,
            query=query_of(visit.request),
            noun=("payout", "payouts"),
        ),
        "settlement",
    )


def _payout_badge(*, reconciled: bool, failed: bool, unknown: int) -> Badge:
    if failed:
        return Badge("Came back from the bank", "bad")
    if reconciled:
        return Badge("Every cent accounted for", "good")
    return Badge(f"{unknown} to look at" if unknown else "Does not add up", "bad")


@staff_page("view")
def payout(visit: Visit, ref: str) -> HttpResponseBase:
    """One payout: its lines, and where the processor and our books differ."""
    found = next((one for one in payouts(visit.organization.id, limit=_SHOWN * 5) if one.ref == ref), None)
    if found is None:
        raise Http404
    lines = payout_lines(visit.organization.id, ref)
    if "export" in visit.request.GET:
        return csv_of(f"payout-{found.on}", _CSV, (_line(one, found.currency) for one in lines))
    shown = sorted(lines, key=lambda one: not one.what)[:_SHOWN]
    known = _records(visit, [line.source_ref for line in shown])
    converted = any(line.charged for line in lines)
    columns = (
        Column("on", "Date", "date"),
        Column("kind", "What", "prose"),
        Column("record", "In our books", "link"),
        Column("amount", "Amount", "money"),
        Column("fee", "Fee", "money"),
        *((Column("charged", "Converted from", "prose"),) if converted else ()),
        Column("differs", "What differs", "prose"),
    )

    def row(line: PayoutLine) -> Row:
        return Row(
            (
                line.on,
                Text(_KINDS.get(line.kind, line.kind), line.source_ref or line.ref),
                known.get(line.source_ref),
                Money(line.amount_minor, found.currency),
                Money(line.fee_minor, found.currency) if line.fee_minor else None,
                *((_converted(visit, line),) if converted else ()),
                line.what or None,
            ),
            tone="bad" if line.what else "neutral",
        )

    total = Row(
        (
            "Together",
            None,
            None,
            Money(sum(line.amount_minor for line in lines), found.currency),
            Money(sum(line.fee_minor for line in lines), found.currency),
            *((None,) if converted else ()),
            None,
        )
    )
    warning = None
    if not found.reconciled:
        off = money_said(visit, found.difference_minor, found.currency)
        warning = Problem(
            "This payout does not agree with our books",
            f"{off} is not accounted for by its lines." if found.difference_minor else "Some lines differ.",
            way_out="A sweep looks again by itself. What stays is to be compared with the processor’s own report.",
        )
    return visit.page(
        RecordPage(
            title=f"Payout of {money_said(visit, found.amount_minor, found.currency)}",
            kind="Payout",
            number=found.ref,
            badges=(_payout_badge(reconciled=found.reconciled, failed=found.failed, unknown=found.unknown),),
            figures=(
                Figure("Paid out", Money(found.amount_minor, found.currency)),
                Figure("Lines, fees taken off", Money(found.lines_minor, found.currency)),
                Figure("Difference", Money(found.difference_minor, found.currency)),
            ),
            facts=(Fact("Paid out on", found.on), Fact("Lines", found.lines)),
            sections=(
                Section(
                    "lines",
                    "Lines",
                    Table(columns, tuple(map(row, shown)), "Lines", total if lines else None),
                ),
            ),
            warning=warning,
            intro=f"The first {_SHOWN} lines, those that differ first; the CSV has all."
            if len(lines) > _SHOWN
            else "",
            export_url=with_query(query_of(visit.request), export="csv"),
            crumbs=(Link("Settlement", visit.url("settlement/")),),
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "settlement",
    )


def _converted(visit: Visit, line: PayoutLine) -> str | None:
    """What was charged, where the processor converted it, and at which rate (A-39)."""
    if line.charged is None:
        return None
    rate = f" at {plain_rate(line.exchange_rate)}" if line.exchange_rate else ""
    return money_said(visit, line.charged.amount_minor, line.charged.currency) + rate


_CSV = (
    "line", "date", "what", "of", "currency", "amount", "fee", "charged", "charged in", "exchange rate", "what differs",
)  # fmt: skip


def _line(one: PayoutLine, currency: str) -> tuple[object, ...]:
    amount, fee = Money(one.amount_minor, currency), Money(one.fee_minor, currency)
    charged = (one.charged, one.charged.currency) if one.charged else ("", "")
    rate = plain_rate(one.exchange_rate) if one.exchange_rate else ""
    return one.ref, one.on, one.kind, one.source_ref, currency, amount, fee, *charged, rate, one.what


def _records(visit: Visit, refs: list[str]) -> dict[str, Link]:
    """Our payments, refunds and disputes by the processor's reference."""
    found: dict[str, Link] = {}
    mine = {"organization": visit.organization, "gateway_ref__in": refs}
    for payment in Payment.objects.filter(**mine).select_related("party"):
        where = payment_url(visit, payment.id)
        found[str(payment.gateway_ref)] = Link(f"Payment {payment.number}", where, payment.party.name)
    for refund in Refund.objects.filter(**mine).select_related("party"):
        found[str(refund.gateway_ref)] = Link(
            f"Refund {refund.number}", refund_url(visit, refund.id), refund.party.name
        )
    for dispute in Dispute.objects.filter(**mine).select_related("party", "payment"):
        where = payment_url(visit, dispute.payment_id)
        found[dispute.gateway_ref] = Link(f"Payment {dispute.payment.number}", where, dispute.party.name)
    return found
