"""Pledges and tax receipts in stories."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.pledge import Promise, pledge
from paidthru.giving.queries import campaign_named, fulfilled, pledges_of, receipts_of
from paidthru.giving.rules.campaigns import percent_of
from paidthru.kernel.periods import Interval, Unit
from paidthru.timeline.operations import Actor

from .expectation_forms import NoReceipt, PledgeIs, ReceiptIs
from .forms import Expectation, Step
from .step_forms import MemberPledges
from .telling import Telling

_EVERY = {"monthly": Unit.MONTH, "quarterly": Unit.QUARTER, "yearly": Unit.YEAR}


def _pledges(telling: Telling, step: MemberPledges) -> None:
    amount_minor, currency = telling.money(step.amount)
    party = telling.newcomer(step.member)
    pledge(
        telling.organization,
        party.id,
        Promise(amount_minor, currency, step.installments, Interval(1, _EVERY[step.every]), step.starting),
        campaign=campaign_named(telling.organization.id, step.campaign) if step.campaign else None,
        channel="portal",
        actor=Actor("member", party.name),
        now=telling.desk.clock.now(),
    )


def _fulfilled(telling: Telling, line: PledgeIs) -> tuple[str, str]:
    """Of the newest pledge of a member, by money."""
    one = pledges_of(telling.organization.id).filter(party=telling.party(line.member)).first()
    if one is None:
        return f"{line.percent}%", "no pledge"
    promised_minor = one.amount_minor - one.written_down_minor
    paid_minor = fulfilled([one.id]).get(one.id, 0)
    return f"{line.percent}%", f"{percent_of(paid_minor, promised_minor) if promised_minor else 100}%"


def _receipt(telling: Telling, line: ReceiptIs | NoReceipt) -> tuple[str, str]:
    """Somebody's valid receipts; one of the amount is enough."""
    found = receipts_of(telling.party(line.member).id)
    if isinstance(line, NoReceipt):
        return "none", ", ".join(telling.shown(one.amount_minor, one.currency) for one in found) or "none"
    amount_minor, currency = telling.money(line.amount)
    wanted = telling.shown(amount_minor, currency)
    shown = [telling.shown(one.amount_minor, one.currency) for one in found]
    return wanted, wanted if wanted in shown else ", ".join(shown) or "none"


PLEDGE_DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {MemberPledges: _pledges}
PLEDGE_READERS: dict[type[Expectation], Callable[[Telling, Any], tuple[str, str]]] = {
    PledgeIs: _fulfilled,
    ReceiptIs: _receipt,
    NoReceipt: _receipt,
}
