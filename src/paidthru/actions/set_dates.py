"""Set a membership's dates by hand: joined, anchor, paid through; with a reason, each told as it was and is (C-24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import Membership, Term
from paidthru.membership.operations.moving import end_term, recount
from paidthru.membership.queries.changing import covers_of, current_membership
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates that are set; None leaves one as it is. `paid_through` is an inclusive last day."""

    joined_on: date | None = None
    anchor_on: date | None = None
    paid_through: date | None = None


def set_dates(
    organization: Organization,
    party_id: UUID,
    dates: Dates,
    *,
    why: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> UUID:
    """Sets dates of a party's membership, and returns its id. Paid through makes the last term longer or shorter, and
    the next one that bills by itself begins on the day after: so a prepaid term is extended. Nothing is billed.

    Refused: `reason_missing`, `past_date` (joined in the future), `not_paid` (the last term isn't), `dates_contradict`
    (paid through before the last term begins), `not_a_member`, `key_reused`.
    """
    if not why.strip():
        raise Refused(
            "reason_missing",
            "Dates are changed only with a reason.",
            field="why",
            fix="Say why in a sentence.",
        )
    said = checked_name(why, field="why", most=300)

    def act() -> dict[str, str]:
        membership, on = current_membership(organization, party_id), local_date(now, organization.zone)
        before = _shown(membership)
        if dates.joined_on is not None:
            _refuse_to_come(dates.joined_on, on)
            Membership.objects.filter(id=membership.id).update(joined_on=dates.joined_on)
        if dates.anchor_on is not None:
            Membership.objects.filter(id=membership.id).update(anchor_on=dates.anchor_on)
        if dates.paid_through is not None:
            _set_paid_through(membership, dates.paid_through, on)
        after = _shown(Membership.objects.get(id=membership.id))
        changes = [f"{name} {before[name]} → {after[name]}" for name in before if before[name] != after[name]]
        facts = {"changes": "; ".join(changes)}
        record(
            organization.id,
            actor,
            now,
            [Happening("dates_set", "membership", membership.id, membership.party_id, said, facts)],
        )
        return {"membership": str(membership.id)}

    inputs = {
        "party": party_id,
        "joined": dates.joined_on,
        "anchor": dates.anchor_on,
        "through": dates.paid_through,
        "why": said,
    }
    return UUID(once(organization.id, key, "set_dates", inputs, now, act)["membership"])


def _set_paid_through(membership: Membership, through: date, on: date) -> None:
    covers, end = covers_of(membership.id), through + _DAY
    last = covers[-1] if covers else None
    if last is None:
        Term.objects.create(
            organization=membership.organization,
            membership=membership,
            plan_id=membership.plan_id,
            start_on=min(membership.anchor_on, through),
            end_on=end,
            amount_minor=0,
            source="external",
            paid_on=on,
        )
        if membership.state == "pending":
            Membership.objects.filter(id=membership.id).update(state="active")
    elif not last.paid:
        raise Refused(
            "not_paid",
            f"The term from {last.start} is not paid yet.",
            field="paid_through",
            value=through.isoformat(),
            fix="Mark its cycle as paid, or resolve it, first.",
        )
    elif end <= last.start:
        raise Refused(
            "dates_contradict",
            f"The last term begins on {last.start}, after {through}.",
            field="paid_through",
            value=through.isoformat(),
            fix=f"Choose a day from {last.start} on.",
        )
    else:
        end_term(Term.objects.get(id=last.term_id), end)
    after = recount(membership)
    renews = (
        after.plan.kind == "subscription" if after.next_plan_id is None else after.next_bill_on is not None
    )
    if after.state == "active" and renews:
        Membership.objects.filter(id=membership.id).update(next_bill_on=end, bill_from=None)


def _shown(membership: Membership) -> Mapping[str, str]:
    dates = {
        "joined": membership.joined_on,
        "anchor": membership.anchor_on,
        "paid through": membership.paid_through,
        "renewal": membership.next_bill_on,
    }
    return {name: day.isoformat() if day else "none" for name, day in dates.items()}


def _refuse_to_come(joined_on: date, on: date) -> None:
    if joined_on > on:
        raise Refused(
            "past_date",
            "Nobody has joined on a day that is still to come.",
            field="joined_on",
            value=joined_on.isoformat(),
            fix="Enter the day on which they joined.",
        )
