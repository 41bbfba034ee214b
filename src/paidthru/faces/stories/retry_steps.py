"""What is tried again, and what waits for a person, as stories tell it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from paidthru.actions.allow_attempt import allow_attempt
from paidthru.actions.save_method import save_method
from paidthru.actions.submit import exception_page, failed_page, pending_page
from paidthru.kernel.errors import Refused
from paidthru.payments.queries import Collectable, active_method
from paidthru.timeline.operations import Actor
from paidthru.wiring import processor_of

from .forms import Step
from .retry_forms import InvoiceWaits, MemberRenewsCard, WaitingListIs
from .step_forms import StaffAllowsAnotherAttempt
from .telling import STAFF, Telling


def _allows(telling: Telling, step: StaffAllowsAnotherAttempt) -> None:
    allow_attempt(
        telling.organization,
        telling.invoice(step.invoice).id,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _renews_card(telling: Telling, step: MemberRenewsCard) -> None:
    """The processor gives a new token for the same number: its fingerprint stays."""
    party = telling.party(step.member)
    known = active_method(party.id)
    if known is None or known.kind != "card":
        raise Refused(
            "no_payment_method",
            f"{step.member} has no card on file.",
            field="member",
            value=step.member,
            fix=f"'{step.member} updates card' enters another one.",
        )
    until = (step.until.year, step.until.month)
    saved = processor_of(telling.organization).save_method(str(party.id), "card", "ok", expires=until)
    save_method(
        telling.organization,
        party.id,
        replace(saved, fingerprint=known.fingerprint),
        gateway="sandbox",
        actor=Actor("member", step.member),
        now=telling.desk.clock.now(),
    )


_PAGES = {"pending": pending_page, "failed": failed_page, "exception": exception_page}


def waiting_list(telling: Telling, line: WaitingListIs) -> tuple[str, str]:
    """The invoices that are named, and those on the list."""
    return _listed(line.invoices), _listed(one.number for one in _waiting(telling, line.listed))


def waits(telling: Telling, line: InvoiceWaits) -> tuple[str, str]:
    """The reason that is named, and the one there is."""
    found = {one.number: one.refused for one in _waiting(telling, "pending")}
    return line.reason, found.get(line.invoice, "it is not on the pending list")


def _waiting(telling: Telling, listed: str) -> Iterator[Collectable]:
    after = None
    while True:
        page, after = _PAGES[listed](telling.organization, now=telling.desk.clock.now(), after=after)
        yield from page
        if after is None:
            return


def _listed(numbers: Any) -> str:
    return ", ".join(f"invoice {number}" for number in sorted(numbers)) or "empty"


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffAllowsAnotherAttempt: _allows,
    MemberRenewsCard: _renews_card,
}
