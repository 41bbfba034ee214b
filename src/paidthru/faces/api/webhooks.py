"""Where a processor tells what happened: the raw bytes are verified, the event is kept, and worked later.

Nothing is parsed before the signature is verified, and nothing of an event is ever logged.
"""

import logging
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.payments.models import GatewayAccount
from paidthru.timeline.operations import count_inbox
from paidthru.wiring import take_event

log = logging.getLogger(__name__)

#: The longest body that is read; an event is a few kilobytes.
LONGEST = 64 * 1024
_COUNTED = {
    "webhook_forged": "forged",
    "webhook_stale": "stale",
    "webhook_unreadable": "unreadable",
    "webhook_other_account": "other_account",
}


@csrf_exempt  # a program has no cookie; the signature is what says who it is
@require_POST
def event(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """An event of the account: 200 when it is kept (or nothing follows from it), 400 for one that isn't the
    processor's or not of this account, 413 for one that is too long, 404 where no account is connected."""
    account = (
        GatewayAccount.objects.select_related("organization").filter(id=account_id, state="connected").first()
    )
    if account is None:
        return HttpResponse(status=404)
    if _declared(request) > LONGEST or len(body := request.read(LONGEST + 1)) > LONGEST:
        return _turned_away(account, "oversized", 413)
    try:
        taken = take_event(account, body, request.headers.get("Stripe-Signature", ""))
    except Refused as refused:
        if refused.code in _COUNTED:
            return _turned_away(account, _COUNTED[refused.code], 400)
        log.error("an event of account %s could not be taken in: %s", account.id, refused.code)
        return HttpResponse(status=503)  # a secret that doesn't open here: the processor tries again
    if taken.object_kind == "other":
        _count(account, "ignored")
    return HttpResponse(status=200)


def _declared(request: HttpRequest) -> int:
    said = request.headers.get("Content-Length") or "0"
    return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else LONGEST + 1


def _turned_away(account: GatewayAccount, what: str, status: int) -> HttpResponse:
    log.warning("a webhook of account %s was turned away: %s", account.id, what)
    _count(account, what)
    return HttpResponse(status=status)


def _count(account: GatewayAccount, what: str) -> None:
    count_inbox(account.organization_id, account.gateway, what, now=SystemClock().now())
