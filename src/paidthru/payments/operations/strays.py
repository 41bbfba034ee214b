"""Money at a gateway that can't be placed: kept in suspense, told to staff, never dropped (B-54, D.4)."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.postings import reverse
from paidthru.ledger.rules.settlement import unplaced
from paidthru.organizations.models import Organization
from paidthru.payments.models import Stray

FOUND, TAKEN_OUT = "found", "taken out"  # the events of a stray's journals


def note_stray(
    organization: Organization,
    *,
    kind: str,
    gateway: str,
    gateway_ref: str,
    currency: str,
    amount_minor: int,
    occurred_at: datetime,
    why: str,
    now: datetime,
) -> Stray | None:
    """Writes money that nobody can place, with its journal; None when it is written already.

    `kind` is charge, refund or dispute; `gateway_ref` the gateway's reference of it (a charge's own, where there is
    one); `amount_minor` positive minor units. The caller is inside a transaction and records the event.
    """
    stray = Stray(
        organization=organization,
        gateway=gateway,
        gateway_ref=gateway_ref,
        kind=kind,
        currency=currency,
        amount_minor=amount_minor,
        occurred_at=occurred_at,
        found_at=now,
        why=why[:300],
    )
    Stray.objects.bulk_create(
        [stray], ignore_conflicts=True
    )  # of two who find it at once, one writes and books it
    if not Stray.objects.filter(id=stray.id).exists():
        return None
    _book(organization, stray, FOUND, now)
    return stray


def take_out(organization: Organization, stray: Stray, *, by: str, now: datetime) -> None:
    """Takes a stray out of suspense: what it is has been found, and is booked by a row of its own from now on."""
    _book(organization, stray, TAKEN_OUT, now)
    put_down(stray, by=by)


def put_down(stray: Stray, *, by: str, payment_id: UUID | None = None) -> None:
    """Notes that a person, or the sweep, has placed a stray."""
    stray.state, stray.placed_by, stray.payment_id = "placed", by[:200], payment_id
    stray.save(update_fields=["state", "placed_by", "payment"])


def _book(organization: Organization, stray: Stray, event: str, now: datetime) -> None:
    on = local_date(stray.occurred_at, organization.zone)
    batch = open_batch(organization.id, "settlement", on, now=now)
    entries = unplaced(stray.kind, stray.amount_minor)
    write_journals(
        organization.id,
        batch.id,
        stray.currency,
        [
            JournalDraft(
                "stray",
                stray.id,
                event,
                on,
                f"A {stray.kind} that nobody could place, {stray.gateway_ref}",
                entries if event == FOUND else reverse(entries),
            )
        ],
        now=now,
    )
