"""Write steps of dunning, inside somebody's transaction."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Sum

from paidthru.dunning.models import CLOSED, Case, Pause, Step
from paidthru.invoicing.models import Receivable
from paidthru.kernel.errors import Refused
from paidthru.timeline.operations import Happening


def close_cases(cases: Iterable[Case], *, because: str, on: date, why: str = "") -> list[Happening]:
    """Closes open cases on a local date, for a reason of CLOSED; returns what to tell. A pause ends with its case."""
    found = list(cases)
    ids = [case.id for case in found]
    Pause.objects.filter(case__in=ids, ended="").update(ended="over")
    Case.objects.filter(id__in=ids, state="open").update(
        state="closed", closed_on=on, closed_because=because, closed_why=why[:300], next_on=None
    )
    return [
        Happening(
            "case_closed",
            "case",
            case.id,
            case.party_id,
            why,
            {"because": because, "reason": CLOSED[because], "since": case.opened_on.isoformat()},
        )
        for case in found
    ]


def note_step(
    case: Case,
    key: str,
    *,
    mail: str,
    state: str,
    due_on: date,
    now: datetime,
    by: str,
    reason: str = "",
    message_key: str = "",
) -> Step:
    """A step is done, withheld or skipped. The database refuses a second one of the same key."""
    return Step(
        organization_id=case.organization_id,
        case=case,
        key=key,
        mail=mail,
        state=state,
        reason=reason[:300],
        due_on=due_on,
        done_at=now,
        done_by=by[:200],
        message_key=message_key,
    )


def open_case(organization_id: UUID, case_id: UUID) -> Case:
    """An open case, locked. Refused `case_unknown`, `case_closed`."""
    case = Case.objects.select_for_update().filter(id=case_id, organization_id=organization_id).first()
    if case is None:
        raise Refused("case_unknown", "There is no such case.", field="case", fix="Look it up on the board.")
    if case.state != "open":
        raise Refused(
            "case_closed",
            f"This case is closed: {CLOSED[case.closed_because].lower()}.",
            field="case",
            fix="Nothing more happens by itself; there is nothing to change.",
        )
    return case


def owed_of(case: Case) -> int:
    """What is owed of a case's term, in minor units: its receivable and the fees beside it, not voluntary ones."""
    primary = Receivable.objects.get(id=case.receivable_id)
    owed = Receivable.objects.filter(
        source_id=primary.source_id, period_start=primary.period_start, state="open", voluntary=False
    ).aggregate(minor=Sum("balance_minor"))
    return int(owed["minor"] or 0)


def made_pause(
    case: Case, kind: str, *, from_on: date, until_on: date, why: str, by: str, now: datetime
) -> Pause:
    """A pause of an open case on the local days [from_on, until_on); what held before ends where this one begins."""
    for earlier in Pause.objects.select_for_update().filter(case=case, ended=""):
        earlier.until_on = max(earlier.from_on, min(earlier.until_on, from_on))
        earlier.ended = "lifted"
        earlier.save(update_fields=["until_on", "ended"])
    return Pause.objects.create(
        organization_id=case.organization_id,
        case=case,
        kind=kind,
        from_on=from_on,
        until_on=until_on,
        owed_minor=owed_of(case),
        why=why[:300],
        made_by=by[:200],
        made_at=now,
    )


def look_anew(case: Case) -> None:
    """Something about an open case was changed by hand: it is looked at on the worker's next round."""
    seen = Case.objects.filter(id=case.id, state="open", tries_seen__gte=0)
    seen.update(tries_seen=-1 - F("tries_seen"))  # what was seen stays known until then


def adopt_texts(organization_id: UUID, *, at: datetime) -> list[Case]:
    """Open cases go on with the words of an instant (UTC) instead of those they opened with (A-52); returns them."""
    found = list(
        Case.objects.select_for_update().filter(organization_id=organization_id, state="open").order_by("id")
    )
    for case in found:
        case.ladder = {**case.ladder, "texts_at": at.isoformat()}
    Case.objects.bulk_update(found, ["ladder"], batch_size=500)
    return found


def texts_at(case: Case) -> datetime:
    """The instant (UTC) whose words a case's mails have."""
    stored = case.ladder.get("texts_at")
    return datetime.fromisoformat(stored) if stored else case.opened_at
