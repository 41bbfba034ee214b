"""Record a visit: somebody came, and it is included, or costs something (C-27 to C-29, C-03)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from paidthru.kernel.clock import local_date, time_zone
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Period, first_of_month, first_of_next_month
from paidthru.membership.models import Membership, Term
from paidthru.membership.queries.covering import covers_of
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record
from paidthru.visits.models import Visit
from paidthru.visits.queries import facts_of, included_used, just_now, prices_of
from paidthru.visits.rules.counting import Allowance, counted
from paidthru.visits.rules.windows import price_at

_OPEN = ("active", "ending")


@dataclass(frozen=True, slots=True)
class Covered:
    """A membership that is open to somebody: what it gives, in which cycle."""

    membership: Membership
    cycle: Period
    allowance: Allowance


def record_visit(
    organization: Organization,
    party_id: UUID,
    *,
    place: str = "",
    channel: Literal["kiosk", "staff"] = "staff",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Visit:
    """Writes a visit with what it is and costs; the caller bills what is to be billed now. A tap in the same minute as
    another, or right after it, is the same visit unless it names another place, and so is the same `key`: then the
    visit that is there comes back.

    Refused `member_unknown`, `key_reused`, and as `price_at`.
    """

    def act() -> dict[str, str]:
        party = (
            Party.objects.select_for_update(no_key=True)
            .filter(id=party_id, organization=organization)
            .first()
        )
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        there = just_now(party.id, now, place)
        # Staff who enter one twice mean two, but not beside the member's own tap.
        if there is not None and (key is None or there.channel != channel):
            return {"visit": str(there.id)}
        prices, on = prices_of(organization.id), local_date(now, organization.zone)
        price = prices[
            price_at([facts_of(one) for one in prices], now.astimezone(time_zone(organization.zone)), place)
        ]
        covered = covered_by(organization, party.id, on)
        if covered is not None and covered.membership.party_id != party.id:
            # Whoever shares its visits is counted one after the other.
            Party.objects.select_for_update(no_key=True).get(id=covered.membership.party_id)
            covered = covered_by(organization, party.id, on)
        found = counted(covered.allowance if covered else None)
        amounts = {"included": 0, "overage": price.overage_minor, "non_member": price.non_member_minor}
        amount_minor = amounts[found.verdict]
        later = policies_of(organization).word("visits.collect") == "at_cycle_end"
        bill_on = (covered.cycle.end if covered else on) if later else on
        visit = Visit.objects.create(
            organization=organization,
            party=party,
            membership_id=covered.membership.id if covered else None,
            price=price,
            at=now,
            on=on,
            cycle_on=covered.cycle.start if covered else None,
            channel=channel,
            verdict=found.verdict,
            why=found.why,
            amount_minor=amount_minor,
            bill_on=bill_on if amount_minor else None,
        )
        facts = {
            "place": price.name, "is": found.verdict, "amount": plain(amount_minor, price.currency),
            "currency": price.currency, "channel": channel,
        }  # fmt: skip
        record(
            organization.id, actor, now, [Happening("visited", "visit", visit.id, party.id, found.why, facts)]
        )
        return {"visit": str(visit.id)}

    inputs = {"party": party_id, "place": place, "channel": channel}
    return Visit.objects.get(id=once(organization.id, key, "record_visit", inputs, now, act)["visit"])


def covered_by(organization: Organization, party_id: UUID, on: date) -> Covered | None:
    """What a party's membership gives on a local date, or that of a household or company in which they have a seat;
    None where there is none, or all are closed to them (C-35)."""
    covers = covers_of(organization.id, party_id, policies_of(organization), on)
    open_ones = (one.membership for one in covers if one.holds and one.membership.state in _OPEN)
    membership = next(open_ones, None)
    if membership is None:
        return None
    term = Term.objects.filter(membership=membership, start_on__lte=on, end_on__gt=on, canceled=False).last()
    cycle = (
        Period(term.start_on, term.end_on) if term else Period(first_of_month(on), first_of_next_month(on))
    )
    included = 0 if membership.plan.kind == "pay_as_you_go" else membership.plan.included_visits
    used = included_used(membership.id, cycle.start) if included else 0
    return Covered(membership, cycle, Allowance(included, used))
