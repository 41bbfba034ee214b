"""Rehearse: ask for an organization's next months to be played in copies of it, by its own policies and by others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Course, Organization, Rehearsal
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.conflicts import refuse_new
from paidthru.organizations.rules.policies import Value, checked
from paidthru.timeline.operations import Actor, Happening, once, record

MOST_MONTHS = 24
MOST_KEPT = 5  # rehearsals whose copies are there at a time


@dataclass(frozen=True, slots=True)
class Luck:
    """How payments go in a rehearsal: of a thousand charges `declined` are turned down for want of money, of a thousand
    ways to pay `lost` are closed in a year; of a thousand invoices that nobody collects `by_hand` are paid,
    `by_hand_days` after they are due."""

    declined: int = 30
    lost: int = 50
    by_hand: int = 900
    by_hand_days: int = 10


def rehearse(
    organization: Organization,
    *,
    name: str,
    months: int,
    changes: Mapping[str, Value | None],
    luck: Luck,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Rehearsal:
    """Writes a rehearsal with its courses, which a worker plays: the present policies, and with `changes` (None: unset)
    the proposed ones too. Nothing of the organization changes. With the same `key` it is one.

    Refused: `months_invalid`, `share_invalid`, `rehearsals_full`, `not_for_a_copy`, `not_for_a_rehearsal`, as
    `checked_name`, and for the changes as `checked` and `policy_conflict`.
    """
    text = checked_name(name, field="name", most=100)
    if not 1 <= months <= MOST_MONTHS:
        raise Refused(
            "months_invalid",
            f"A rehearsal goes over 1 to {MOST_MONTHS} months.",
            field="months",
            value=months,
            fix="Enter how many months it is to play.",
        )
    _refuse_bad(luck)
    if organization.forked_from is not None:
        raise Refused(
            "not_for_a_copy",
            "This is itself a copy, made for a rehearsal.",
            fix="Rehearse in the organization that it was made of.",
        )
    proposed = {key: None if value is None else checked(key, value) for key, value in changes.items()}
    _refuse_ways_in(proposed)
    before = policies_of(organization)
    refuse_new(before, before.changed(proposed))

    def act() -> dict[str, str]:
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        kept = Rehearsal.objects.filter(organization=organization, discarded_at=None).count()
        if kept >= MOST_KEPT:
            raise Refused(
                "rehearsals_full",
                f"There are {kept} rehearsals already, each with copies of the whole organization.",
                fix="Throw one away that isn't needed any more; its figures stay.",
            )
        made = Rehearsal.objects.create(
            organization=organization, name=text, months=months, changes=proposed, declined=luck.declined,
            lost=luck.lost, by_hand=luck.by_hand, by_hand_days=luck.by_hand_days, begins_at=now, asked_by=actor.name,
        )  # fmt: skip
        for kind in ("present", "proposed") if proposed else ("present",):
            Course.objects.create(organization=organization, rehearsal=made, kind=kind)
        facts = {"name": text, "months": months, "policies": ", ".join(proposed)}
        record(organization.id, actor, now, [Happening("rehearsed", "rehearsal", made.id, facts=facts)])
        return {"rehearsal": str(made.id)}

    inputs = {"name": text, "months": months, "changes": proposed, "luck": asdict(luck)}
    done = once(organization.id, key, "rehearse", inputs, now, act)
    return Rehearsal.objects.get(id=done["rehearsal"])


def _refuse_ways_in(changes: Mapping[str, Value | None]) -> None:
    """What decides who comes in is the original's in its copies, too."""
    if ways := sorted(key for key in changes if key.startswith("staff.")):
        raise Refused(
            "not_for_a_rehearsal",
            f"{ways[0]} says how staff work, of which a rehearsal plays nothing.",
            field="changes",
            value=ways[0],
            fix="Leave it out.",
        )


def _refuse_bad(luck: Luck) -> None:
    for field, value in (("declined", luck.declined), ("lost", luck.lost), ("by_hand", luck.by_hand)):
        if not 0 <= value <= 1000:
            raise Refused(
                "share_invalid",
                "A share lies between nothing and all.",
                field=field,
                value=value / 10,
                fix="Enter a share of a hundred: 0 to 100.",
            )
    if not 0 <= luck.by_hand_days <= 365:
        raise Refused(
            "share_invalid",
            "Who pays by hand does so within a year.",
            field="by_hand_days",
            value=luck.by_hand_days,
            fix="Enter 0 to 365 days.",
        )
