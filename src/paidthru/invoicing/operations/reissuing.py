"""Documents of one obligation follow each other: a failed payment closes the one it was for, the next try makes the
next (X4, P-06, P-07). What is owed stays as it is, counted once, aged from its first due date (A2-16); the books don't
move."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice, Line, named
from paidthru.invoicing.operations.freezing import keep_issued
from paidthru.invoicing.operations.numbering import labels_for, take_invoice_numbers
from paidthru.invoicing.rules.states import ATTEMPT_FAILED, CARRIED_OVER
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.ids import new_id
from paidthru.timeline.operations import SCHEDULE, Actor, Happening, record


def close_failed(invoice_ids: Collection[UUID]) -> list[Happening]:
    """Closes invoices whose payment has failed and that are still sent; what they asked for stays owed, and waits for
    the next document. Returns what is to be recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_invoice i SET state = 'closed', balance_minor = 0, closed_because = %(because)s,
                   awaits_reissue = EXISTS (
                       SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
                       WHERE l.invoice_id = i.id AND r.state = 'open')
               WHERE i.id = ANY(%(invoices)s) AND i.state = 'sent' RETURNING i.id, i.party_id, i.number, i.label""",
            {"invoices": list(invoice_ids), "because": ATTEMPT_FAILED},
        )
        return [
            Happening(
                "invoice_closed", "invoice", id_, party_id, "The attempt to collect it failed.",
                {"invoice": named(number, label)},
            )
            for id_, party_id, number, label in cursor.fetchall()
        ]  # fmt: skip


class CarriedOver(NamedTuple):
    """A document that was closed because another asks for what was left of it."""

    id: UUID
    party_id: UUID
    number: int
    label: str
    onto: UUID

    @property
    def named(self) -> int | str | None:
        """The number as events keep it."""
        return named(self.number, self.label)


def close_carried(carried: Mapping[UUID, UUID]) -> dict[UUID, CarriedOver]:
    """Closes the documents that stood for receivables which new invoices ask for now (`carried`: the new one of each
    receivable); returns them by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_invoice i SET state = 'closed', balance_minor = 0, closed_because = %s,
                   awaits_reissue = false
               FROM (SELECT DISTINCT ON (l.invoice_id) l.invoice_id, c.onto
                     FROM unnest(%s::uuid[], %s::uuid[]) AS c(receivable, onto)
                     JOIN invoicing_line l ON l.receivable_id = c.receivable AND l.invoice_id <> c.onto) c
               WHERE i.id = c.invoice_id AND (i.state = 'sent' OR i.awaits_reissue)
               RETURNING i.id, i.party_id, i.number, i.label, c.onto""",
            [CARRIED_OVER, list(carried), list(carried.values())],
        )
        return {row[0]: CarriedOver(*row) for row in cursor.fetchall()}


_CURRENT = """
    SELECT DISTINCT ON (a.id) a.id, d.id, d.state FROM invoicing_invoice a
    JOIN invoicing_line l ON l.invoice_id = a.id
    JOIN invoicing_receivable r ON r.id = l.receivable_id AND r.state = 'open'
    JOIN invoicing_line o ON o.receivable_id = r.id
    JOIN invoicing_invoice d ON d.id = o.invoice_id AND (d.state = 'sent' OR d.awaits_reissue)
    WHERE a.id = ANY(%s) ORDER BY a.id, d.state <> 'sent', d.number DESC"""


def current_documents(invoice_ids: Iterable[UUID], *, locked: bool = False) -> dict[UUID, UUID]:
    """The document that stands for the obligation of each invoice now: the live one, or the closed one that waits for
    its successor. An invoice of which nothing is open has none.

    `locked`: with the rows of both held, so that nobody closes or follows them meanwhile.
    """
    asked = sorted(set(invoice_ids))
    held: set[UUID] = set()
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_CURRENT, [asked])
            found = {of: document for of, document, _ in cursor.fetchall()}
            missing = sorted({*asked, *found.values()} - held)
            if not locked or not missing:
                return found
            cursor.execute(
                "SELECT id FROM invoicing_invoice WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [missing]
            )
            cursor.fetchall()
            held.update(missing)


def live_documents(
    organization_id: UUID,
    invoice_ids: Iterable[UUID],
    *,
    on: date,
    now: datetime,
    actor: Actor = SCHEDULE,
) -> dict[UUID, UUID]:
    """The live invoice of the obligation of each invoice, made where there is none, with the rows locked: what a
    payment of an old link or of a closed invoice is for (X26). One of which nothing is open is not in the answer."""
    current = current_documents(invoice_ids, locked=True)
    waiting = Invoice.objects.filter(id__in=set(current.values()), awaits_reissue=True)
    made = reissue(organization_id, list(waiting.values_list("id", flat=True)), on=on, now=now, actor=actor)
    return {of: made.get(document, document) for of, document in current.items()}


def live_document_of(
    organization_id: UUID,
    receivable_ids: Sequence[UUID],
    *,
    on: date,
    now: datetime,
    actor: Actor = SCHEDULE,
) -> UUID | None:
    """As `live_documents`, for what is open of receivables of one obligation; None where nothing is."""
    asked = Line.objects.filter(
        receivable_id__in=receivable_ids, receivable__state="open", invoice__number__isnull=False
    )
    found = asked.order_by("-invoice__number").values_list("invoice_id", flat=True).first()
    if found is None:
        return None
    return live_documents(organization_id, [found], on=on, now=now, actor=actor).get(found)


def last_documents(invoice_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The last issued document of the obligation of each invoice: itself, where no other asked for the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (l.invoice_id) l.invoice_id, d.id FROM invoicing_line l
               JOIN invoicing_line o ON o.receivable_id = l.receivable_id
               JOIN invoicing_invoice d ON d.id = o.invoice_id AND d.number IS NOT NULL
               WHERE l.invoice_id = ANY(%s) ORDER BY l.invoice_id, d.number DESC""",
            [list(invoice_ids)],
        )
        return dict(cursor.fetchall())


def wait_again(invoice_id: UUID) -> None:
    """Lets a closed invoice, the last of its obligation, wait for a successor: something of it is owed again."""
    Invoice.objects.filter(id=invoice_id, state="closed").update(awaits_reissue=True)


def awaiting_of(party_id: UUID, currency: str) -> list[UUID]:
    """The closed invoices of a party that wait for their successor."""
    found = Invoice.objects.filter(party_id=party_id, currency=currency, awaits_reissue=True)
    return list(found.order_by("id").values_list("id", flat=True))


_INVOICE = ("id", "organization_id", "number", "label", "party_id", "batch_id", "currency", "total_minor",
            "balance_minor", "state", "kind", "bill_on", "due_on", "run_id", "first_id")  # fmt: skip
_LINE = ("id", "invoice_id", "receivable_id", "organization_id", "position", "description", "quantity",
         "unit_amount_minor", "amount_minor", "derivation")  # fmt: skip


def reissue(
    organization_id: UUID,
    invoice_ids: Sequence[UUID],
    *,
    on: date,
    now: datetime,
    actor: Actor = SCHEDULE,
) -> dict[UUID, UUID]:
    """Issues the successors of closed invoices that wait for theirs and are locked, in the order given; returns the
    new one of each. It asks for what is open of the old one, in the same words, billed on the local date `on` and due
    as the first was. It belongs to the batch of the first, where what is owed was booked; nothing is booked here."""
    waiting = {one.id: one for one in Invoice.objects.filter(id__in=invoice_ids, awaits_reissue=True)}
    old = [waiting[id_] for id_ in dict.fromkeys(invoice_ids) if id_ in waiting]
    if not old:
        return {}
    lines: dict[UUID, list[Line]] = {}
    found = Line.objects.filter(invoice__in=waiting, receivable__state="open").select_related("receivable")
    for line in found.order_by("invoice_id", "position", "id"):
        lines.setdefault(line.invoice_id, []).append(line)
    made = {one.id: new_id() for one in old}
    first_number = take_invoice_numbers(organization_id, len(old), on)
    numbered = list(zip(old, itertools.count(first_number)))
    labels = dict(zip(made, labels_for(organization_id, [number for _, number in numbered]), strict=True))
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            Invoice._meta.db_table,
            _INVOICE,
            [
                _successor(one, made[one.id], number, labels[one.id], lines.get(one.id, []), on)
                for one, number in numbered
            ],
        )
        copy_rows(
            cursor,
            Line._meta.db_table,
            _LINE,
            [_asked_again(one, made[one.id], line) for one in old for line in lines.get(one.id, [])],
        )
    keep_issued("invoice", made.values())
    Invoice.objects.filter(id__in=waiting).update(awaits_reissue=False)
    record(
        organization_id,
        actor,
        now,
        [
            Happening(
                "invoice_reissued",
                "invoice",
                made[one.id],
                one.party_id,
                f"Invoice {one.label} was closed when its payment failed.",
                {"invoice": named(number, labels[one.id]), "instead_of": one.named},
            )
            for one, number in numbered
        ],
    )
    return made


def _successor(
    old: Invoice, id_: UUID, number: int, label: str, lines: Sequence[Line], on: date
) -> tuple[object, ...]:
    return (
        id_, old.organization_id, number, label, old.party_id, old.batch_id, old.currency,
        sum(_amount(line) for line in lines), sum(line.receivable.balance_minor for line in lines), "sent", old.kind,
        on, old.due_on, old.run_id, old.first_id or old.id,
    )  # fmt: skip


def _amount(line: Line) -> int:
    """What a line asks for again: as much as before, or what is owed now where that is more (taken back since)."""
    return max(line.amount_minor, line.receivable.balance_minor)


def _asked_again(old: Invoice, invoice_id: UUID, line: Line) -> tuple[object, ...]:
    inputs: dict[str, Any] = line.derivation.get("inputs", {}) if isinstance(line.derivation, dict) else {}
    same = line.amount_minor == _amount(line)
    derivation = {
        **(line.derivation if isinstance(line.derivation, dict) else {}),
        "inputs": {**inputs, "instead_of": old.named},
    }
    return (
        new_id(), invoice_id, line.receivable_id, old.organization_id, line.position, line.description,
        line.quantity if same else 1, line.unit_amount_minor if same else _amount(line), _amount(line), derivation,
    )  # fmt: skip
