"""Make gifts due: each that comes again and again, once for each of its dates (A-20)."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Donation, Gift
from paidthru.giving.operations import Giving, due_gifts, write_donations
from paidthru.giving.queries import facts_of, interval_of
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.kernel.periods import nth_start
from paidthru.ledger.rules.postings import basis_of
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import PaymentMethod
from paidthru.timeline.operations import Actor, Happening, record

A_BATCH = 500


def make_gifts_due(organization: Organization, *, actor: Actor, now: datetime) -> list[Donation]:
    """Writes the donations of the gifts whose date has come, at most a batch, and the day of each one's next; returns
    them, none when nothing is left. After an outage a gift is given once, not for each date that went by: nobody is
    charged for months at a stroke. A campaign that is over gets nothing more: the gift goes on without it."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        gifts = due_gifts(organization.id, on=today, limit=A_BATCH)
        basis, made = basis_of(policies_of(organization)), []
        for _, of in groupby(gifts, key=lambda one: one.currency):
            due = list(of)
            known = PaymentMethod.objects.filter(party__in=[one.party_id for one in due], state="active")
            on_file = {method.party_id: method for method in known}
            givings = [_giving(gift, today, on_file) for gift in due]
            made += write_donations(organization.id, givings, on=today, basis=basis, now=now)
        for gift in gifts:
            gift.made += 1
            while (next_on := nth_start(gift.anchor_on, interval_of(gift), gift.made)) <= today:
                gift.made += 1
            gift.next_on = next_on
        Gift.objects.bulk_update(gifts, ["made", "next_on"], batch_size=500)
        record(organization.id, actor, now, [_happening(one) for one in made])
        return made


def _giving(gift: Gift, today: date, on_file: Mapping[UUID, PaymentMethod]) -> Giving:
    method = gift.method or on_file.get(gift.party_id)
    campaign = gift.campaign
    if campaign is not None and not facts_of(campaign).takes_on(today):
        campaign = None
    return Giving(
        gift.party_id,
        gift.amount_minor,
        gift.currency,
        campaign,
        "schedule",
        method.kind if method else "on_file",
        anonymous=gift.anonymous,
        in_honour_of=gift.in_honour_of,
        fund=gift.fund,
        gift=gift,
        n=gift.made,
    )


def _happening(one: Donation) -> Happening:
    facts = {
        "amount": plain(one.amount_minor, one.currency), "currency": one.currency,
        "campaign": one.campaign.name if one.campaign else "", "channel": one.channel, "method": one.method,
    }  # fmt: skip
    return Happening("donated", "donation", one.id, one.party_id, facts=facts)
