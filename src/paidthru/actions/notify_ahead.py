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
    declines such notices, gets none."""
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
    declined = who_declined([one.party_id for one in page], KINDS[RENEWAL].topic)
    due: dict[str, tuple[str, Ahead]] = {}
    for one in ahead.values():
        if one.party_id in declined:
            continue
        here, left = policies.within(plan=one.plan_id), (one.on - today).days
        days = notice_due(left, days_before(here))
        if days is not None:
            due[f"{RENEWAL} {one.membership_id} {one.on} {days}"] = (RENEWAL, one)
        if one.autopay and one.expires and left <= here.number("card.notice_days"):
            due[f"{CARD} {one.membership_id} {one.on} {one.method_id}"] = (CARD, one)
    there = messages_written(organization.id, due)
    for key, (kind, one) in due.items():
        if key not in there:
            tell(organization.id, one.party_id, kind, key, facts_of(one), now=now)
    return len(due) - len(there)


def facts_of(one: Ahead) -> dict[str, str]:
    """What fills a notice; the membership and the day are kept with it, to be looked at again when it is sent."""
    return {
        "membership": str(one.membership_id),
        "on": one.on.isoformat(),
        "plan": one.plan,
        "amount": plain(one.amount_minor, one.currency),
        "currency": one.currency,
        "method": one.method,
        "expires": one.expires,
        **told(Coming(one.on, one.autopay, one.method, one.expires, one.ends)),
    }


def facts_now(organization: Organization, kind: str, facts: Mapping[str, str]) -> dict[str, str] | None:
    """What a notice that waited says by now; None where it isn't so any more: canceled, renewed or moved meanwhile, or
    the card replaced."""
    found = Membership.objects.filter(id=UUID(facts["membership"]), organization=organization)
    ahead = looked_ahead(organization.id, policies_of(organization), found.select_related("plan"))
    one = ahead.get(UUID(facts["membership"]))
    if one is None or one.on.isoformat() != facts["on"]:
        return None
    if kind == CARD and not (one.autopay and one.expires):
        return None
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
