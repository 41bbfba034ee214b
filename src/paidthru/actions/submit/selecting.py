"""What staff are shown of the submit list before they confirm it, and the lists beside it: pending, failed, exceptions
(I-29, I-30, I-38, I-44)."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from paidthru.actions.submit.listing import Place, Selection, submit_list
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import Collectable
from paidthru.payments.rules.retries import EXCEPTION_CODES, FAILED_CODES


def refuse_unready(
    organization: Organization,
    selection: Selection,
    run_ids: Sequence[UUID],
    *,
    now: datetime,
    acknowledged: bool,
) -> None:
    """Refuses what should be looked at first, unless the caller says that it was.

    `not_yet_due` when the date lies ahead (I-27); `review_required` when the policy asks for a review and a run of
    the list has had none (I-20).
    """
    if acknowledged:
        return
    if selection.due_by > local_date(now, organization.zone):
        raise Refused(
            "not_yet_due",
            f"{selection.due_by.isoformat()} is in the future: invoices that aren't due yet "
            "would be collected.",
            field="due_by",
            value=selection.due_by.isoformat(),
            fix="Choose today, or confirm that you want to collect them early.",
        )
    if policies_of(organization).word("invoice.review") == "must_approve":
        waiting = BillingRun.objects.filter(id__in=run_ids, reviewed_at__isnull=True).order_by("id").first()
        if waiting is not None:
            raise Refused(
                "review_required",
                f"The invoices of run “{waiting.name}” haven't been reviewed.",
                field="run",
                value=waiting.name,
                fix="Review the run, or confirm that you have read them.",
            )


@dataclass(frozen=True, slots=True)
class SubmitTotals:
    """The whole submit list in figures (minor units): what will be submitted, of which runs, and how many can't be,
    by reason. `digest` stands for exactly these invoices with these balances."""

    count: int
    amount_minor: int
    refused: Mapping[str, int]
    run_ids: tuple[UUID, ...]
    digest: str


def submit_totals(organization: Organization, selection: Selection, *, now: datetime) -> SubmitTotals:
    """Adds up the submit list; what a person confirms is bound to its digest."""
    count, amount_minor, refused, run_ids = 0, 0, Counter[str](), set[UUID]()
    digest, after = hashlib.sha256(), None
    while True:
        page, after = submit_list(organization, selection, now=now, after=after, limit=5_000)
        for one in page:
            if one.refused:
                refused[one.refused] += 1
                continue
            count += 1
            amount_minor += one.balance_minor
            if one.run_id is not None:
                run_ids.add(one.run_id)
            digest.update(f"{one.invoice_id} {one.balance_minor}\n".encode())
        if after is None:
            return SubmitTotals(
                count, amount_minor, dict(refused.most_common()), tuple(sorted(run_ids)), digest.hexdigest()
            )


def submit_page(
    organization: Organization,
    selection: Selection,
    *,
    now: datetime,
    refused: bool,
    after: Place | None,
    limit: int,
) -> tuple[list[Collectable], Place | None]:
    """A page of the submit list: those that will be submitted, or those that can't be; and where the next starts."""
    return _page(
        organization, selection, lambda code: bool(code) is refused, now=now, after=after, limit=limit
    )


def pending_page(
    organization: Organization, *, now: datetime, after: Place | None = None, limit: int = 50
) -> tuple[list[Collectable], Place | None]:
    """A page of the pending invoices: due today or earlier and not submitted, each with the reason (`why`) and what
    would let it be collected (`fix`), whoever would have to do it (I-29, I-30)."""
    return _page(organization, _due(organization, now), bool, now=now, after=after, limit=limit)


def failed_page(
    organization: Organization, *, now: datetime, after: Place | None = None, limit: int = 50
) -> tuple[list[Collectable], Place | None]:
    """A page of the failed invoices: no further try is made of them until a person acts (I-44, I-64). Those whose
    reason is in `GRANTABLE` (payments/rules/retries.py) can be allowed another attempt."""
    due = _due(organization, now)
    return _page(organization, due, FAILED_CODES.__contains__, now=now, after=after, limit=limit)


def exception_page(
    organization: Organization, *, now: datetime, after: Place | None = None, limit: int = 50
) -> tuple[list[Collectable], Place | None]:
    """A page of the exceptions: unpaid invoices of earlier terms, which `collect.arrears` leaves out (I-38)."""
    due = _due(organization, now)
    return _page(organization, due, EXCEPTION_CODES.__contains__, now=now, after=after, limit=limit)


def _due(organization: Organization, now: datetime) -> Selection:
    return Selection(local_date(now, organization.zone))


def _page(
    organization: Organization,
    selection: Selection,
    wanted: Callable[[str], bool],
    *,
    now: datetime,
    after: Place | None,
    limit: int,
) -> tuple[list[Collectable], Place | None]:
    """A page of those of the list whose refusal code ("" for none) is wanted, and where the next page starts."""
    found: list[Collectable] = []
    while True:
        page, after = submit_list(organization, selection, now=now, after=after)
        for at, one in enumerate(page):
            if not wanted(one.refused):
                continue
            found.append(one)
            if len(found) == limit:
                more = after is not None or any(wanted(other.refused) for other in page[at + 1 :])
                return found, (one.due_on, one.number) if more else None
        if after is None:
            return found, None
