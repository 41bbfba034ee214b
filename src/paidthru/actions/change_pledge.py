"""Change a pledge: its instalments come on other days, or less of it is asked for (A-26)."""

from datetime import date, datetime
from uuid import UUID

from paidthru.giving.models import Pledge, PledgePart
from paidthru.giving.operations import book_promise
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.instalments import instalments_of
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def change_pledge(
    organization: Organization,
    pledge_id: UUID,
    *,
    left_minor: int,
    instalments: int = 1,
    every: Interval,
    first_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Pledge:
    """Asks for what isn't billed of a pledge anew: `left_minor` of it (minor units, 0: nothing more) in so many
    instalments from a local date on. What it promised beyond that is written down; what was billed stays. The same
    `key` changes it once.

    Refused `pledge_unknown`, `amount_invalid` (more than is left), `reason_missing`, `due_before_bill`, and as
    `instalments_of`.
    """
    today = local_date(now, organization.zone)
    if not reason.strip():
        raise Refused(
            "reason_missing", "Say why the pledge is changed.", field="reason", fix="Give a reason."
        )

    def act() -> dict[str, str]:
        one = (
            Pledge.objects.select_for_update(of=("self",))
            .select_related("party")
            .filter(id=pledge_id, organization=organization)
            .first()
        )
        if one is None:
            raise Refused(
                "pledge_unknown", "There is no such pledge.", field="pledge", fix="Look it up again."
            )
        open_parts = PledgePart.objects.select_for_update().filter(pledge=one, invoice=None)
        unbilled_minor = sum(part.amount_minor for part in open_parts)
        if not 0 <= left_minor <= unbilled_minor:
            most = plain(unbilled_minor, one.currency)
            raise Refused(
                "amount_invalid",
                f"{most} {one.currency} of it are not billed yet.",
                field="left",
                value=plain(left_minor, one.currency),
                fix=f"Enter 0 to {most}.",
            )
        if left_minor and first_on < today:
            raise Refused(
                "due_before_bill",
                f"It is {today}; an instalment can't be due before.",
                field="first_on",
                value=first_on.isoformat(),
                fix=f"Choose {today} or a later day.",
            )
        parts = instalments_of(left_minor, instalments, first_on, every) if left_minor else ()
        open_parts.delete()
        last = PledgePart.objects.filter(pledge=one).count()
        PledgePart.objects.bulk_create(
            PledgePart(
                id=new_id(), organization=organization, pledge=one, n=last + part.n, due_on=part.due_on,
                amount_minor=part.amount_minor,
            )
            for part in parts
        )  # fmt: skip
        given_up_minor = unbilled_minor - left_minor
        one.written_down_minor += given_up_minor
        one.save(update_fields=["written_down_minor"])
        book_promise(one, -given_up_minor, f"changed {new_id()}", on=today, now=now)
        facts = {
            "amount": plain(left_minor, one.currency), "currency": one.currency,
            "beyond": plain(given_up_minor, one.currency) if given_up_minor else "",
            "first": first_on.isoformat() if left_minor else "",
        }  # fmt: skip
        changed = Happening("pledge_changed", "pledge", one.id, one.party_id, reason, facts)
        record(organization.id, actor, now, [changed])
        return {"pledge": str(one.id)}

    inputs = {
        "pledge": pledge_id,
        "left": left_minor,
        "instalments": instalments,
        "first": first_on,
        "reason": reason,
    }
    outcome = once(organization.id, key, "change_pledge", inputs, now, act)
    return Pledge.objects.get(id=outcome["pledge"])
