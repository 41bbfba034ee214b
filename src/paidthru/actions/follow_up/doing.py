"""The sweep: what is over is closed, what is unpaid gets a case, and the steps that are due are done, once each."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction

from paidthru.actions.follow_up import finding, telling
from paidthru.actions.follow_up.ending import end_membership, may_end
from paidthru.actions.follow_up.trying import Tries, tries_of
from paidthru.dunning.models import Case, Pause, Step
from paidthru.dunning.operations import close_cases, note_step
from paidthru.dunning.queries import done_of, ladder_of, pauses_of
from paidthru.dunning.rules import ladder as rules
from paidthru.dunning.rules.arrangement import Part, is_broken, next_due
from paidthru.kernel.clock import local_date
from paidthru.kernel.ids import new_id
from paidthru.notices.operations import tell
from paidthru.notices.queries import declines
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import mark_of, policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.operations import Actor, Happening, record

BATCH = 500
BEGAN = "dunning_began"  # the mark of organizations that were there before dunning
_ENDS = ("lapse", "downgrade", "cancel")


def follow_up(
    organization: Organization, *, by: date, actor: Actor, now: datetime, before: date | None = None
) -> int:
    """Opens, carries on and closes cases by the facts, in one transaction for so many cases; returns how many it looked
    at. Steps that have a day are done when that is `by` or before (local), what follows from events at once. A second
    time it finds nothing: each step is in the database, once.

    With `before`, only what belongs to days before that local date: cases that begin, and steps that fall due, earlier;
    which of several mails leaves is still decided by what is due by now."""
    policies, looked, after = policies_of(organization), 0, None
    while True:
        with transaction.atomic():
            sweep = _Sweep(organization, policies, by, before, actor, now)
            after = sweep.open_new(after)
            sweep.tell()
        if after is None:
            break
    while True:
        with transaction.atomic():
            sweep = _Sweep(organization, policies, by, before, actor, now)
            found = finding.to_look_at(organization.id, today=sweep.today, by=sweep.seen_by, limit=BATCH)
            sweep.look_at(found)
            sweep.tell()
        looked += len(found)
        if len(found) < BATCH:
            return looked


class _Sweep:
    """One transaction of it."""

    def __init__(
        self,
        organization: Organization,
        policies: Policies,
        by: date,
        before: date | None,
        actor: Actor,
        now: datetime,
    ) -> None:
        self.organization, self.policies, self.by, self.before = organization, policies, by, before
        self.seen_by = by if before is None else min(by, before - timedelta(days=1))
        self.actor, self.now = actor, now
        self.today = local_date(now, organization.zone)
        self.happenings: list[Happening] = []
        self.steps: list[Step] = []
        self.over: set[UUID] = set()

    def tell(self) -> None:
        """Writes what was done, and tells it."""
        Step.objects.bulk_create(self.steps)
        record(self.organization.id, self.actor, self.now, self.happenings)

    # ------------------------------------------------------------ opening

    def open_new(self, after: UUID | None) -> UUID | None:
        """A case for each of the next receivables that are unpaid and have none, after one of them; returns the last it
        looked at, None when it has looked at all."""
        began = mark_of(self.organization.id, BEGAN)
        not_before = local_date(began, self.organization.zone) if began else None
        found, last = finding.unpaid(
            self.organization.id,
            zone=self.organization.zone,
            today=self.today,
            not_before=not_before,
            after=after,
            limit=BATCH,
        )
        if self.before is not None:
            found = [one for one in found if one.since < self.before]
        cases = [
            Case(
                id=new_id(),
                organization=self.organization,
                receivable_id=one.receivable_id,
                party_id=one.party_id,
                membership_id=one.membership_id,
                opened_on=one.since,
                opened_at=self.now,
                why=one.why,
                ladder=ladder_of(
                    self.policies,
                    self.organization.zone,
                    membership_id=one.membership_id,
                    plan_id=one.plan_id,
                    party_id=one.member_id,
                ).stored(),
                next_on=one.since,
            )
            for one in found
        ]
        # two sweeps at once: the second finds the case there, and leaves it alone
        Case.objects.bulk_create(cases, ignore_conflicts=True)
        there = set(Case.objects.filter(id__in=[case.id for case in cases]).values_list("id", flat=True))
        opened = [case for case in cases if case.id in there]
        self.happenings += [
            Happening(
                "case_opened",
                "case",
                case.id,
                case.party_id,
                facts={"since": case.opened_on.isoformat(), "because": case.why},
            )
            for case in opened
        ]
        return last

    # ------------------------------------------------------------ carrying on

    def look_at(self, found: Sequence[finding.Looked]) -> None:
        """Closes what is over, and does what is due about the rest."""
        cases = Case.objects.in_bulk([one.case_id for one in found])
        over: dict[str, list[Case]] = {}
        going_on = []
        for one in found:
            if one.closes:
                over.setdefault(one.closes, []).append(cases[one.case_id])
            else:
                going_on.append(one)
        for because, closed in over.items():
            self.happenings += close_cases(closed, because=because, on=self.today)
        if not going_on:
            return
        facts, pauses = self._facts(going_on, cases)
        tries = self._tries([cases[one.case_id] for one in going_on], facts)
        parties = [cases[one.case_id].party_id for one in going_on]
        told = telling.told_on(parties, today=self.today, zone=self.organization.zone)
        filling = telling.fillings([one.case_id for one in going_on], today=self.today)
        for one in going_on:
            case, known = cases[one.case_id], facts[one.case_id]
            if case.membership_id in self.over:
                continue  # an earlier case of it has ended the membership just now, and closed this one
            planned = tries.get(case.id, Tries(None))
            known = replace(
                known,
                tries_over_on=planned.over_on,
                told_on=self.today if case.party_id in told else None,
            )
            self._carry_on(case, one, known, planned, pauses[case.id], filling[case.id])

    def _facts(
        self, found: Sequence[finding.Looked], cases: dict[UUID, Case]
    ) -> tuple[dict[UUID, rules.Facts], dict[UUID, Pause | None]]:
        """Where the cases stand. A pause that is over, and an arrangement that is broken, end here."""
        ids = [one.case_id for one in found]
        done, all_pauses = done_of(ids), pauses_of(ids)
        facts, present = {}, {}
        for one in found:
            case, open_pause = cases[one.case_id], None
            for pause in all_pauses[case.id]:
                if pause.ended == "":
                    open_pause = None if self._ends(case, pause, one.owed_minor) else pause
            present[case.id] = open_pause
            facts[case.id] = rules.Facts(
                case.opened_on,
                frozenset(done[case.id]),
                tuple(rules.Pause(each.from_on, each.until_on) for each in all_pauses[case.id]),
                later_unpaid=one.later_unpaid,
                waiting=one.waiting,
            )
        return facts, present

    def _ends(self, case: Case, pause: Pause, owed_minor: int) -> bool:
        """Whether a pause is over; one that ends now is noted, and the ladder goes on from today."""
        parts = [Part(part.due_on, part.amount_minor) for part in pause.parts.all()]
        if parts and is_broken(parts, paid_minor=pause.owed_minor - owed_minor, on=self.today):
            pause.until_on, pause.ended = min(pause.until_on, self.today), "broken"
        elif pause.until_on <= self.today:
            pause.ended = "broken" if parts else "over"
        else:
            return False
        pause.save(update_fields=["until_on", "ended"])
        verb = "arrangement_broken" if pause.ended == "broken" else "pause_over"
        self.happenings.append(Happening(verb, "case", case.id, case.party_id))
        return True

    def _tries(self, cases: Sequence[Case], facts: dict[UUID, rules.Facts]) -> dict[UUID, Tries]:
        """Whether anything is still tried, of the cases for which that decides."""
        asked = [
            case
            for case in cases
            if case.ladder["end"] in rules.HANGS_ON_TRIES
            and rules.END not in facts[case.id].done
            and not facts[case.id].waiting
        ]
        return tries_of(self.organization, self.policies, asked, facts, now=self.now) if asked else {}

    def _carry_on(
        self,
        case: Case,
        one: finding.Looked,
        facts: rules.Facts,
        tries: Tries,
        pause: Pause | None,
        filling: telling.Filling,
    ) -> None:
        ladder = rules.ladder_from(case.ladder)
        catch_up = cast("rules.CatchUp", self.policies.word("dunning.catch_up"))
        acts = rules.decide(ladder, facts, self.by, catch_up, today=self.today)
        acts = tuple(act for act in acts if self.before is None or act.due_on < self.before)
        for act in acts:
            if self._do(case, act, filling):
                return  # it is closed; nothing comes after the end
        facts = replace(facts, done=facts.done | {act.rung.key for act in acts})
        if ladder.end == "stay_past_due" and tries != Tries(None):
            case.for_staff = rules.is_left(ladder, facts, self.today) and not tries.elsewhere
        look_on = rules.look_again_on(ladder, facts, self.seen_by, planned_on=tries.planned_on)
        days = [look_on] if look_on else []
        if pause is not None:
            due = next_due([Part(p.due_on, p.amount_minor) for p in pause.parts.all()], on=self.today)
            days += [date.fromordinal(due.toordinal() + 1)] if due else []
        Case.objects.filter(id=case.id).update(
            next_on=min(days, default=None), tries_seen=one.tries, for_staff=case.for_staff
        )

    # ------------------------------------------------------------ steps

    def _do(self, case: Case, act: rules.Act, filling: telling.Filling) -> bool:
        """One step, with its mail, what it does, and what is told of it; returns whether it ended the case."""
        rung, key, withheld, mail = act.rung, "", act.withheld, act.rung.mail
        if rung.does in _ENDS and not may_end(case, rung.does):
            rung, mail = replace(rung, mail="", does="leave_to_staff"), ""
        if rung.does in _ENDS:
            mail, told = end_membership(
                self.organization, case, rung.does, on=self.today, actor=self.actor, now=self.now
            )
            self.happenings += [*told, *self._close(case, mail)]
            self.over.add(case.membership_id)
        elif mail and filling.owed_minor <= 0:
            withheld = withheld or "nothing_owed"
        elif mail and not withheld and declines(case.party_id, mail):
            withheld = "declined"
        if mail and not withheld:
            key = f"dunning {case.id} {rung.key}"
            facts = {**filling.facts, "said_as": telling.said_of_end(mail)}
            tell(self.organization.id, case.party_id, mail, key, facts, now=self.now)
            if (
                rung.does in _ENDS and filling.member_id != case.party_id
            ):  # it was theirs, whoever was to pay it
                tell(
                    self.organization.id,
                    filling.member_id,
                    mail,
                    f"{key} member",
                    facts | {"ask_as": ""},
                    now=self.now,
                )
        self.steps.append(
            note_step(
                case,
                rung.key,
                mail=mail,
                state="withheld" if withheld else "done",
                reason=withheld,
                due_on=act.due_on,
                now=self.now,
                by=self.actor.name,
                message_key=key,
            )
        )
        step: dict[str, str] = {
            "step": rung.key,
            "mail": mail,
            "withheld": withheld,
            "due": act.due_on.isoformat(),
            "amount": filling.facts["amount"],
            "currency": filling.facts["currency"],
        }
        if rung.does == "past_due":
            why = f"Unpaid since {case.opened_on.isoformat()}."
            self.happenings.append(
                Happening("past_due", filling.subject, case.membership_id, filling.member_id, why, step)
            )
            return False
        self.happenings.append(Happening("case_step", "case", case.id, case.party_id, facts=step))
        if rung.does == "leave_to_staff":
            case.for_staff = True
        return rung.does in _ENDS

    def _close(self, case: Case, because: str) -> Iterable[Happening]:
        """The case, and every other of the membership: it is over."""
        others = Case.objects.filter(membership_id=case.membership_id, state="open")
        return close_cases(others.order_by("id"), because=because, on=self.today)
