"""Balances of receivables and of the documents that ask for them: lowered by money and credit, raised by what is taken
back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice, Line
from paidthru.invoicing.operations.freezing import keep_issued
from paidthru.invoicing.operations.numbering import labels_for, take_invoice_numbers
from paidthru.invoicing.rules.totals import total


def lower_balances(paid: Mapping[UUID, int], invoice_ids: Iterable[UUID]) -> None:
    """Takes allocated money (minor units, by receivable) off balances; what reaches zero is settled or
    paid, or stays written off where a part of it is.

    The invoices named are those on which the receivables stand live; their rows are locked by the caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_receivable r SET balance_minor = r.balance_minor - p.amount,
                   state = CASE WHEN r.balance_minor <> p.amount THEN r.state
                                WHEN r.written_off_minor > 0 THEN 'written_off' ELSE 'settled' END
               FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE r.id = p.id""",
            [list(paid), list(paid.values())],
        )
        cursor.execute(
            """UPDATE invoicing_invoice i SET balance_minor = s.balance,
                   state = CASE WHEN s.balance > 0 THEN i.state WHEN s.given_up > 0 THEN 'uncollectible'
                                ELSE 'paid' END
               FROM (SELECT l.invoice_id, sum(r.balance_minor) AS balance, sum(r.written_off_minor) AS given_up
                     FROM invoicing_line l
                     JOIN invoicing_receivable r ON r.id = l.receivable_id
                     WHERE l.invoice_id = ANY(%s) GROUP BY 1) s
               WHERE i.id = s.invoice_id AND i.state = 'sent'""",
            [list(set(invoice_ids))],
        )


def raise_balances(
    owed: Mapping[UUID, int], asked_on: Mapping[UUID, UUID], *, batch: Callable[[], UUID], on: date
) -> dict[UUID, UUID]:
    """Lets receivables be owed again by what was taken back (minor units, by receivable): settled becomes open, paid
    becomes sent; and of what was written off in part, the part that had been paid. Returns the invoice that asks for
    each: that of `asked_on`, on which it was paid, else the newest one that is sent, paid or uncollectible, else the
    closed one that waits for its successor. Where none is (closed, void), a new invoice
    asks for it, due on the local date `on`, in the `batch` that is opened for it: late, so that nobody who opens one
    waits for us with an invoice in hand.

    What was canceled is owed no more, and not in the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.id, i.awaits_reissue, i.state, i.number, l.receivable_id FROM invoicing_invoice i
               JOIN invoicing_line l ON l.invoice_id = i.id
               WHERE l.receivable_id = ANY(%s) ORDER BY i.id FOR UPDATE OF i""",
            [list(owed)],
        )
        documents = cursor.fetchall()
        cursor.execute(
            "SELECT id FROM invoicing_receivable WHERE id = ANY(%s) AND state <> 'canceled' ORDER BY id FOR UPDATE",
            [list(owed)],
        )
        again = [id_ for (id_,) in cursor.fetchall()]
        cursor.execute(
            """UPDATE invoicing_receivable r SET balance_minor = r.balance_minor + p.amount, state = 'open'
               FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE r.id = p.id""",
            [again, [owed[id_] for id_ in again]],
        )
    live: dict[UUID, UUID] = {}
    for invoice_id, waits, state, _, receivable_id in sorted(
        documents, key=lambda row: (not row[1], row[3] or 0)
    ):
        stands = waits or state in ("sent", "paid", "uncollectible")
        if stands and live.get(receivable_id) != asked_on[receivable_id]:
            live[receivable_id] = invoice_id
    homes = {id_: live[id_] for id_ in again if id_ in live}
    homeless = {id_: asked_on[id_] for id_ in again if id_ not in live}
    for invoice_id in sorted(set(homeless.values())):
        mine = [id_ for id_, asked in homeless.items() if asked == invoice_id]
        homes |= dict.fromkeys(mine, _asked_again(invoice_id, mine, batch(), on))
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_invoice i SET balance_minor = s.balance, state = 'sent'
               FROM (SELECT l.invoice_id, sum(r.balance_minor) AS balance FROM invoicing_line l
                     JOIN invoicing_receivable r ON r.id = l.receivable_id
                     WHERE l.invoice_id = ANY(%s) GROUP BY 1) s
               WHERE i.id = s.invoice_id AND s.balance > 0 AND NOT i.awaits_reissue""",
            [list(set(homes.values()))],
        )
    return homes


def _asked_again(invoice_id: UUID, receivable_ids: Sequence[UUID], batch_id: UUID, on: date) -> UUID:
    """A new invoice for open receivables whose own is no longer live. Its lines are what was billed, its balance what
    is owed of it now: more of it may be taken back yet."""
    old = Invoice.objects.get(id=invoice_id)
    lines = list(
        Line.objects.filter(invoice=old, receivable_id__in=receivable_ids)
        .select_related("receivable")
        .order_by("position", "id")
    )
    asked_minor = total(line.receivable.amount_minor for line in lines)
    number = take_invoice_numbers(old.organization_id, 1, on)
    new = Invoice.objects.create(
        organization_id=old.organization_id,
        number=number,
        label=labels_for(old.organization_id, [number])[0],
        party_id=old.party_id,
        batch_id=batch_id,
        currency=old.currency,
        total_minor=asked_minor,
        balance_minor=total(line.receivable.balance_minor for line in lines),
        state="sent",
        kind=old.kind,
        bill_on=on,
        due_on=on,
    )
    for place, line in enumerate(lines):
        amount_minor = line.receivable.amount_minor
        Line.objects.create(
            organization_id=old.organization_id,
            invoice=new,
            receivable_id=line.receivable_id,
            position=place,
            description=line.description,
            unit_amount_minor=amount_minor,
            amount_minor=amount_minor,
            derivation={
                "rule": "asked again",
                "inputs": {"invoice": old.named},
                "steps": [],
                "text": f"Paid on invoice {old.number}, and the payment was taken back.",
            },
        )
    keep_issued("invoice", [new.id])
    return new.id
