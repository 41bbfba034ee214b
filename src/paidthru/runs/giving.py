"""Giving: donations collected as they are made, and gifts that come again and again (A-19 to A-24)."""

from contextlib import suppress
from datetime import datetime
from functools import partial

from paidthru.actions.begin_gift import begin_gift
from paidthru.actions.charge import Asked, open_attempt
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.donate import donate
from paidthru.actions.follow_gift import follow_gift
from paidthru.actions.make_gifts_due import make_gifts_due
from paidthru.actions.record_payment import record_payment
from paidthru.giving.models import Donation, Gift
from paidthru.giving.operations import BY_VISITOR, LEFT_UNPAID, Giving
from paidthru.giving.queries import asked_in_vain, next_due
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.payments.models import OPEN_ATTEMPT
from paidthru.payments.queries import attempts_at
from paidthru.runs.charges import void
from paidthru.runs.collection import pay_online
from paidthru.runs.desk import Desk
from paidthru.runs.sending import collect
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict

RECORDED = ("check", "cash", "transfer", "terminal")


def give(
    desk: Desk, giving: Giving, *, every: Interval | None = None, actor: Actor, key: str | None = None
) -> Donation:
    """A donation, paid at once: charged to the method on file, or booked as the check or cash that came. One that is
    declined is void: nobody owes it. With `method` "visitor" it waits for the card that the donor gives by the pay
    link. Refused as `donate`, and `pay_online` before anything is charged."""
    donation = donate(desk.organization, giving, every=every, actor=actor, now=desk.clock.now(), key=key)
    if donation.invoice.state != "sent" or donation.method == BY_VISITOR:
        return donation
    if donation.method in RECORDED:
        record_payment(
            desk.organization,
            donation.party_id,
            amount_minor=donation.amount_minor,
            currency=donation.currency,
            means=donation.method,
            invoice_ids=[donation.invoice_id],
            actor=actor,
            now=desk.clock.now(),
            key=f"{key} money" if key else None,
        )
    elif donation.gift_id is not None:
        _try(desk, donation)
    else:
        pay_online(desk, donation.invoice_id, actor=actor, asked=Asked(donation.amount_minor))
        _void_if_declined(desk, donation)
    return Donation.objects.select_related("invoice", "campaign", "party", "gift").get(id=donation.id)


def give_due(desk: Desk) -> int:
    """Makes gifts due and charges them, tries again what was declined, and voids what visitors left unpaid and what is
    asked for in vain; returns how many donations were tried."""
    due = next_giving_at(desk)
    if due is None or due > desk.clock.now():
        return 0
    while make_gifts_due(desk.organization, actor=SCHEDULE, now=desk.clock.now()):
        continue
    waiting = Donation.objects.filter(organization=desk.organization, retry_on__lte=desk.today)
    found = list(waiting.select_related("invoice", "gift__method").order_by("retry_on", "id"))
    for donation in found:
        _try(desk, donation)
    ask_no_more(desk)
    return len(found)


def ask_no_more(desk: Desk) -> None:
    """Voids the invoices of donations whose money was taken back, or whose debit failed when nobody tries any more; of
    one that is still paid in part, the rest is credited."""
    for donation in asked_in_vain(desk.organization.id).select_related("invoice").order_by("id"):
        _void_if_declined(desk, donation)


def next_giving_at(desk: Desk) -> datetime | None:
    """When a gift is charged next; an instant that has passed means now."""
    organization = desk.organization
    on = next_due(organization.id)
    return first_opening(policies_of(organization), organization.zone, on) if on is not None else None


def _try(desk: Desk, donation: Donation) -> None:
    """One try at a gift's donation, with the method on file; a visitor's that was left is only voided."""
    gift = donation.gift
    if gift is not None and gift.state == "begun":
        begin_gift(desk.organization, donation.invoice_id, actor=SCHEDULE, now=desk.clock.now())
        for_good = desk.today >= donation.given_on + LEFT_UNPAID
    elif gift is None or gift.state != "active":  # left by a visitor; stopped meanwhile
        for_good = True
    else:
        for_good = donation.invoice.state == "sent" and not _charged(desk, donation, gift)
    followed = follow_gift(desk.organization, donation.id, refused=for_good, now=desk.clock.now())
    if followed.retry_on is None:
        _void_if_declined(desk, followed)


def _charged(desk: Desk, donation: Donation, gift: Gift) -> bool:
    """Whether a try could be made at all; its outcome stands with the attempt."""
    tries = attempts_at(donation.invoice_id)
    if any(one.state in OPEN_ATTEMPT for one in tries):
        return True
    zone = desk.organization.zone
    if any(local_date(one.concluded_at or one.created_at, zone) == desk.today for one in tries):
        return True  # once a day: whoever tried was stopped before the next day was written down
    if gift.method is not None and gift.method.state != "gift":
        return False  # another processor was connected, which doesn't know it
    policies = policies_of(desk.organization)
    try:
        attempt = again_on_conflict(
            partial(
                open_attempt,
                desk.organization,
                donation.invoice_id,
                max_attempts=policies.number("collect.max_attempts"),
                initiator="gift",
                actor=SCHEDULE,
                now=desk.clock.now(),
                asked=Asked(donation.amount_minor, gift.method),
            )
        )
    except Refused:
        return False
    with suppress(Refused):  # sending is paused: the attempt is sent when it goes on
        collect(desk, attempt.id)
    return True


def _void_if_declined(desk: Desk, donation: Donation) -> None:
    invoice = donation.invoice
    invoice.refresh_from_db()
    under_way = any(one.state in OPEN_ATTEMPT for one in attempts_at(invoice.id))
    if invoice.state != "sent" or under_way:
        return
    reason = "The donation was not paid."
    with suppress(Refused):  # somebody else did meanwhile, or it was paid after all
        if invoice.balance_minor == invoice.total_minor:
            void(desk, invoice.id, actor=SCHEDULE, reason=reason)
        else:
            credit_invoice(desk.organization, invoice.id, reason=reason, actor=SCHEDULE, now=desk.clock.now())
