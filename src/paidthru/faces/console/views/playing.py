"""Playing the bank in a sandbox: the processor's levers as buttons. Where money is real there are no such addresses."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import told
from paidthru.faces.console.addresses import attempt_url, payment_url
from paidthru.faces.console.views.retrieval import found_attempt
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayEvent
from paidthru.payments.models import Payment
from paidthru.runs import receive, work_inbox
from paidthru.runs.sending import see
from paidthru.wiring import enqueue_work, levers_of

_SAID = {
    "return R01": "The bank has returned it (R01, not enough money).",
    "return R10": "The bank has returned it (R10, not authorized).",
    "dispute": "The cardholder has disputed it.",
    "won": "The dispute is decided: won.",
    "lost": "The dispute is decided: lost.",
    "refund": "It is refunded in the processor’s own pages.",
}


@staff_page("charge")
def payment(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """The bank does something about a payment; the processor's event of it is worked at once."""
    found = get_object_or_404(Payment, id=payment_id, organization=visit.organization)
    back, act = f"{payment_url(visit, found.id)}#play", visit.request.POST.get("act", "")
    if not visit.organization.is_sandbox or not found.gateway_ref:
        raise Http404
    if visit.request.method != "POST" or act not in _SAID:
        return redirect(back)
    try:
        event = _pulled(visit, found, found.gateway_ref, act)
    except Refused as refused:
        return told(visit, refused, back)
    receive(visit.organization, event, gateway=visit.desk.gateway.name, now=visit.desk.clock.now())
    work_inbox(visit.desk)
    enqueue_work(visit.organization.id)
    messages.success(visit.request, _SAID[act])
    return redirect(back)


def _pulled(visit: Visit, found: Payment, charge: str, act: str) -> GatewayEvent:
    """What the processor tells of the lever that was pulled. Refused as the levers."""
    levers = levers_of(visit.organization)
    match act:
        case "dispute":
            return levers.dispute(charge)
        case "won" | "lost":
            return levers.decide(levers.dispute_of(charge), "won" if act == "won" else "lost")
        case "refund":
            left = found.amount_minor - found.refunded_minor - found.reversed_minor
            return levers.refund_elsewhere(charge, left)
    return levers.return_payment(charge, act.removeprefix("return "))


@staff_page("charge")
def attempt(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """The bank answers an attempt that waits, whatever kept it: a debit under way, a question, or silence."""
    found = found_attempt(visit, attempt_id)
    back, act = attempt_url(visit, found.id), visit.request.POST.get("act", "")
    if not visit.organization.is_sandbox:
        raise Http404
    if visit.request.method != "POST" or act not in ("succeeded", "failed"):
        return redirect(back)
    target = found.intent.gateway_ref or str(found.party_id)
    try:
        levers_of(visit.organization).answer(target, "succeeded" if act == "succeeded" else "failed")
    except Refused as refused:
        return told(visit, refused, back)
    see(visit.desk, found.id)
    enqueue_work(visit.organization.id)
    messages.success(visit.request, f"The bank has answered: {act}.")
    return redirect(back)
