"""Notify ahead: so many days before a renewal members are told of it, and of a card that will have expired (A-53)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.membership.models import Membership
from paidthru.membership.queries.upcoming import Ahead, ahead_between, looked_ahead
from paidthru.notices.operations import tell
from paidthru.notices.queries import who_declined
from paidthru.notices.rules.ahead import Coming, notice_due, told
from paidthru.notices.rules.kinds import KINDS
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.queries import messages_written

BATCH = 500
RENEWAL, CARD = "renewal_ahead", "card_expiring"


def notify_ahead(organization: Organization, *, now: datetime) -> int:
    """Writes the notices that are due today (local), a transaction for so many members; returns how many. Each is
    written once for its term, card and number of days; a second time it finds nothing. Whoever has canceled, or
    declines such notices, gets none. Where somebody else pays (C-25), the payer is told what will be asked, and the
    member who pays."""
    policies, today = policies_of(organization), local_date(now, organization.zone)
    most = max((*days_of_notice(policies), *days_of_cards(policies)), default=0)
    if not most:
        return 0
    written, after = 0, None
    last = today + timedelta(days=most)
    while page := ahead_between(organization.id, today + timedelta(days=1), last, after=after, limit=BATCH):
        with transaction.atomic():
            written += _write(organization, policies, page, today, now)
        after = page[-1].id
    return written


def _write(
    organization: Organization, policies: Policies, page: list[Membership], today: date, now: datetime
) -> int:
    ahead = looked_ahead(organization.id, policies, page)
    concerned = {one.party_id for one in page} | {one.paid_by for one in page}
    declined = who_declined(concerned, KINDS[RENEWAL].topic)
    due: dict[str, tuple[UUID, str, dict[str, str]]] = {}
    for one in ahead.values():
        here, left = policies.within(plan=one.plan_id), (one.on - today).days
        days, paid_by = notice_due(left, days_before(here)), one.payer_id or one.party_id
        if days is not None:
            key = f"{RENEWAL} {one.membership_id} {one.on} {days}"
            if one.payer_id is not None:
                due[f"{key} member"] = (one.party_id, RENEWAL, facts_for_member(one))
            if not one.ends or one.payer_id is None:
                due[key] = (paid_by, RENEWAL, facts_of(one))
        if one.autopay and one.expires and left <= here.number("card.notice_days"):
            key = f"{CARD} {one.membership_id} {one.on} {one.method_id}"
            due[key] = (paid_by, CARD, facts_of(one))
    due = {key: one for key, one in due.items() if one[0] not in declined}
    there = messages_written(organization.id, due)
    for key, (party_id, kind, facts) in due.items():
        if key not in there:
            tell(organization.id, party_id, kind, key, facts, now=now)
    return len(due) - len(there)


def facts_of(one: Ahead) -> dict[str, str]:
    """What fills a notice to whoever pays; the membership and the day are kept with it, to be looked at again when it
    is sent."""
    return {
        "membership": str(one.membership_id),
        "on": one.on.isoformat(),
        "plan": f"{one.plan} ({one.member})" if one.payer_id else one.plan,
        "amount": plain(one.amount_minor, one.currency),
        "currency": one.currency,
        "method": one.method,
        "expires": one.expires,
        **told(Coming(one.on, one.autopay, one.method, one.expires, one.ends)),
    }


def facts_for_member(one: Ahead) -> dict[str, str]:
    """What fills a notice to a member for whom somebody else pays: nothing is asked of them, no card is shown."""
    facts = facts_of(one) | {"plan": one.plan, "payer": one.payer, "method": "", "expires": ""}
    return facts if one.ends else facts | {"said_as": "ahead_paid_by"}


def facts_now(organization: Organization, kind: str, facts: Mapping[str, str]) -> dict[str, str] | None:
    """What a notice that waited says by now; None where it isn't so any more: canceled, renewed or moved meanwhile, or
    the card replaced."""
    found = Membership.objects.filter(id=UUID(facts["membership"]), organization=organization)
    ahead = looked_ahead(
        organization.id, policies_of(organization), found.select_related("plan", "party", "payer")
    )
    one = ahead.get(UUID(facts["membership"]))
    if one is None or one.on.isoformat() != facts["on"]:
        return None
    if kind == CARD and not (one.autopay and one.expires):
        return None
    if "payer" in facts:
        return facts_for_member(one) if one.payer_id else None
    return facts_of(one)


def days_of_notice(policies: Policies) -> frozenset[int]:
    """Every number of days before a renewal of which anything is told, on any plan."""
    values = [policies.whole().effective("renewal.notice_days").value]
    values += policies.differing("renewal.notice_days", "plan").values()
    return frozenset(
        day
        for value in values
        for day in (value if isinstance(value, list) else [value])
        if isinstance(day, int)
    )


def days_of_cards(policies: Policies) -> frozenset[int]:
    """The same of cards that expire; nothing for none."""
    values = [policies.whole().effective("card.notice_days").value]
    values += policies.differing("card.notice_days", "plan").values()
    return frozenset(value for value in values if isinstance(value, int) and value > 0)


def days_before(policies: Policies) -> tuple[int, ...]:
    """The days before a renewal on which it is announced, by the policies of one place."""
    value = policies.effective("renewal.notice_days").value
    return (value,) if isinstance(value, int) else policies.numbers("renewal.notice_days")
