"""Follow a gift: what becomes of a donation after a try, and of its gift when the tries are used up (A-20)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Donation, Gift
from paidthru.giving.operations import LEFT_UNPAID, told_of_gift
from paidthru.giving.rules.retrying import next_try_on
from paidthru.kernel.clock import local_date
from paidthru.notices.operations import tell_of_gift
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT
from paidthru.payments.queries import attempts_at
from paidthru.timeline.operations import SCHEDULE, record


def follow_gift(
    organization: Organization, donation_id: UUID, *, refused: bool = False, now: datetime
) -> Donation:
    """Writes when a gift's donation is tried again, by `collect.offsets`: nothing of one that is paid, tomorrow's look
    of one that is under way. When the tries are used up, or the bank refuses for good (`refused`), the gift is paused:
    no further date of it is charged until the donor takes it up again; the caller voids the donation."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        found = Donation.objects.select_for_update(of=("self",)).select_related("invoice", "gift", "party")
        donation = found.get(id=donation_id, organization=organization)
        tries = attempts_at(donation.invoice_id)
        if donation.invoice.state != "sent":
            donation.retry_on = None
        elif any(one.state in OPEN_ATTEMPT for one in tries):
            donation.retry_on = today + timedelta(days=1)
        elif _may_come(donation, today) and not refused:
            donation.retry_on = donation.given_on + LEFT_UNPAID
        else:
            policies = policies_of(organization)
            failed = [one for one in tries if one.state in ("declined", "rejected")]
            donation.retry_on = (
                None
                if refused
                else next_try_on(
                    len(failed),
                    policies.numbers("collect.offsets"),
                    today,
                    most=policies.number("collect.max_attempts"),
                )
            )
            if donation.retry_on is None and donation.gift is not None:
                _pause(organization, donation.gift, now)
        donation.save(update_fields=["retry_on"])
        return donation


def _may_come(donation: Donation, today: date) -> bool:
    """Whether a visitor who begins a gift may still pay its first donation."""
    begun = donation.gift is not None and donation.gift.state == "begun"
    return begun and today < donation.given_on + LEFT_UNPAID


def _pause(organization: Organization, gift: Gift, now: datetime) -> None:
    """Pauses a gift whose donation could not be charged, and tells its donor; one that never began is over."""
    gift = Gift.objects.select_for_update(of=("self",)).select_related("campaign").get(id=gift.id)
    if gift.state == "begun":
        gift.state, gift.ended_at = "stopped", now
        gift.save(update_fields=["state", "ended_at"])
    elif gift.state == "active":
        gift.state, gift.next_on = "paused", None
        gift.save(update_fields=["state", "next_on"])
        why = "Its donation could not be charged."
        record(organization.id, SCHEDULE, now, [told_of_gift("gift_paused", gift, why)])
        tell_of_gift(gift, "gift_paused", now=now)
