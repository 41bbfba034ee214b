"""Donate: somebody gives an amount, to a campaign or none, once or again and again (A-19, A-23, A-24, C-06)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from paidthru.giving.models import Campaign, Donation, Gift
from paidthru.giving.operations import BY_VISITOR, Giving, consent_to, told_of_gift, write_donations
from paidthru.giving.queries import facts_of
from paidthru.giving.rules.campaigns import checked_donation
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval, nth_start
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import tell_of_gift
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import active_method
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record


def donate(
    organization: Organization,
    giving: Giving,
    *,
    every: Interval | None = None,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Donation:
    """Writes a donation of today on an invoice of its own; the caller collects it, or records the money. With `every`
    it is the first of a gift that comes again and again, by its own consent; a visitor's begins when it is paid
    (`begin_gift`). One click, one donation: the same `key`
    gives the same.

    Refused `member_unknown`, `campaign_closed`, `currency_mismatch`, `amount_invalid`, `no_payment_method` (what is to
    be charged by itself, or to the card on file, where there is none), `key_reused`.
    """
    on = local_date(now, organization.zone)

    def act() -> dict[str, str]:
        party = (
            Party.objects.select_for_update(no_key=True)
            .filter(id=giving.party_id, organization=organization)
            .first()
        )
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        campaign = _locked_campaign(organization, giving.campaign)
        checked_donation(facts_of(campaign) if campaign else None, giving.amount_minor, giving.currency, on)
        of_visitor = giving.method == BY_VISITOR
        if ((every is not None and not of_visitor) or giving.method == "on_file") and active_method(
            party.id
        ) is None:
            raise Refused(
                "no_payment_method",
                f"{party.name} has no payment method on file.",
                field="member",
                value=party.name,
                fix="Send them a link to add one, or record a check or cash.",
            )
        about, happenings = _with_means(giving, party), []
        if every is not None:
            gift = _gift(organization, about, every, now)
            about = replace(about, gift=gift)
            if not of_visitor:  # whose gift begins when its first donation is paid
                happenings.append(told_of_gift("gift_begun", gift))
                tell_of_gift(gift, "gift_begun", now=now)
        donation = write_donations(
            organization.id, [about], on=on, basis=basis_of(policies_of(organization)), now=now
        )[0]
        happenings.append(Happening("donated", "donation", donation.id, party.id, facts=_facts(about)))
        record(organization.id, actor, now, happenings)
        return {"donation": str(donation.id)}

    inputs = {
        "party": giving.party_id, "amount": giving.amount_minor, "currency": giving.currency,
        "campaign": giving.campaign and giving.campaign.id, "method": giving.method, "channel": giving.channel,
        "every": every and every.each, "anonymous": giving.anonymous, "honour": giving.in_honour_of,
        "fund": giving.fund, "advantage": giving.advantage_minor,
    }  # fmt: skip
    made = once(organization.id, key, "donate", inputs, now, act)["donation"]
    return Donation.objects.select_related("invoice", "campaign", "party", "gift").get(id=made)


def _locked_campaign(organization: Organization, campaign: Campaign | None) -> Campaign | None:
    """The campaign as it stands now: one that is being closed takes nothing."""
    if campaign is None:
        return None
    found: UUID = campaign.id
    return Campaign.objects.select_for_update(no_key=True).get(id=found, organization=organization)


def _with_means(giving: Giving, party: Party) -> Giving:
    if giving.method != "on_file":
        return giving
    method = active_method(party.id)
    assert method is not None  # looked at right before
    return replace(giving, method=method.kind)


def _gift(organization: Organization, about: Giving, every: Interval, now: datetime) -> Gift:
    on = local_date(now, organization.zone)
    of_visitor = about.method == BY_VISITOR
    return Gift.objects.create(
        id=new_id(),
        organization=organization,
        party_id=about.party_id,
        campaign=about.campaign,
        amount_minor=about.amount_minor,
        currency=about.currency,
        interval_count=every.count,
        interval_unit=every.unit.value,
        anchor_on=on,
        made=1,
        next_on=None if of_visitor else nth_start(on, every, 1),
        state="begun" if of_visitor else "active",
        fund=about.fund,
        anonymous=about.anonymous,
        in_honour_of=about.in_honour_of,
        channel=about.channel,
        consent_text=consent_to(about.amount_minor, about.currency, every, of_its_own=of_visitor),
        created_at=now,
    )


def _facts(giving: Giving) -> dict[str, object]:
    return {
        "amount": plain(giving.amount_minor, giving.currency),
        "currency": giving.currency,
        "campaign": giving.campaign.name if giving.campaign else "",
        "channel": giving.channel,
        "method": "" if giving.method == BY_VISITOR else giving.method,
    }
