"""What happens to one membership on the coming days, by given policies, if nobody does anything. Pure.

The rules that bill, try, follow up and name are asked themselves; nothing of them is repeated here. What a gateway will
answer nobody knows: a payment method that failed when it was last tried fails again, any other is charged. A bank debit
counts on the day on which it is sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from paidthru.dunning.rules import ladder as ladders
from paidthru.dunning.rules.ladder import Facts, Ladder
from paidthru.kernel.clock import local_date, local_instant
from paidthru.membership.rules.pricing import after_a_term
from paidthru.membership.rules.renewal import Billed, Candidate, RunRules, decide
from paidthru.membership.rules.status import PastDueAt, StatusFacts, label
from paidthru.payments.rules.retries import Instrument, PastAttempt, RetryPolicy, retry_allowed
from paidthru.payments.rules.retry_schedule import RetrySchedule, next_try

_DAY = timedelta(days=1)
_AFTER_TRIES = ("downgrade", "cancel", "staff_queue")
_ENDS = {"lapse": "lapsed", "downgrade": "downgraded", "cancel": "canceled"}

Kind = Literal["bill", "charge", "mail", "label", "end"]


@dataclass(frozen=True, slots=True, order=True)
class Happens:
    """Something on a local date: a bill or a charge (`what` is its term or outcome) with its amount in minor units, a
    mail of a kind, a label that holds from then on, an end."""

    on: date
    kind: Kind
    what: str
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """A term that is billed and not paid: `amount_minor` is what can be collected of it. `ladder` and `facts` are those
    of its open case; `aside`: it is followed up no more."""

    due_on: date
    end_on: date
    amount_minor: int
    history: tuple[PastAttempt, ...] = ()
    grants: tuple[datetime, ...] = ()
    ladder: Ladder | None = None
    facts: Facts | None = None
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A membership as it is. `fails` is the code with which its method was last declined ("": it is charged). `credit`
    is in minor units."""

    candidate: Candidate
    next_bill_on: date | None
    unpaid_since: date | None = None
    method: Instrument | None = None
    saved_at: datetime | None = None
    fails: str = ""
    credit_minor: int = 0
    owed: tuple[Owed, ...] = ()
    has_address: bool = True


@dataclass(frozen=True, slots=True)
class Ways:
    """The policies as the rules read them, for one member. `pays_by_credit`: credit pays the next bill by itself."""

    bills: bool
    rules: RunRules
    schedule: RetrySchedule
    retry: RetryPolicy
    arrears: str
    ladder: Ladder
    catch_up: ladders.CatchUp
    past_due_at: PastDueAt
    labels: str
    grace_months: int
    pays_by_credit: bool
    follow_up_at: time
    notice_days: tuple[int, ...] = ()
    card_days: int = 0
    tells_failures: bool = True


def forecast(standing: Standing, ways: Ways, now: datetime, until: date) -> tuple[Happens, ...]:
    """What happens from an instant to before a local date, in order; the label of the first day is the first of it."""
    return tuple(_Course(standing, ways, now).run(until))


@dataclass(slots=True)
class _Course:
    """One membership on its way through the days."""

    standing: Standing
    ways: Ways
    now: datetime
    owed: list[Owed] = field(default_factory=list)
    happened: list[Happens] = field(default_factory=list)
    label: str = ""
    ended: str = ""
    told_on: date | None = None

    def run(self, until: date) -> Iterator[Happens]:
        self.owed = sorted(self.standing.owed, key=lambda one: one.due_on)
        on = local_date(self.now, self.ways.schedule.zone)
        while on < until:
            self.day(on)
            yield from self.happened
            self.happened.clear()
            on = self.next_day(on, until)

    def next_day(self, on: date, until: date) -> date:
        """The next day on which something can happen: while nothing is owed, few are."""
        if self.owed and not self.ended:
            return on + _DAY
        candidate, known = self.standing.candidate, []
        if not self.ended:
            known = [self.standing.next_bill_on, candidate.cancel_on, *self.announced_on()]
            if self.ways.labels == "association":
                return on + _DAY
        return min((each for each in known if each is not None and each > on), default=until)

    def say(self, on: date, kind: Kind, what: str, amount_minor: int = 0) -> None:
        self.happened.append(Happens(on, kind, what, amount_minor))

    # ------------------------------------------------------------ a day

    def day(self, on: date) -> None:
        """What a day brings, in the order of the worker: ends, bills, tries and steps by their hour, the label."""
        if not self.ended:
            cancel_on = self.standing.candidate.cancel_on
            if self.standing.candidate.lifecycle == "ending" and cancel_on is not None and cancel_on <= on:
                self.end("canceled", on)
            self.bill(on)
            self.miss(on)
            if self.ways.schedule.billing_at < self.ways.follow_up_at:
                self.try_due(on)
            else:
                self.follow_up(on)
                self.try_due(on)
            self.follow_up(on)
            self.announce(on)
        self.name(on)

    def announced_on(self) -> list[date | None]:
        """The days on which the next bill is announced, or the end of the card that is to pay it (A-53)."""
        due = self.standing.next_bill_on
        if due is None or self.standing.candidate.lifecycle not in ("pending", "active"):
            return []
        return [due - timedelta(days=days) for days in (*self.ways.notice_days, self.ways.card_days) if days]

    def announce(self, on: date) -> None:
        """The notices of a day."""
        due, method = self.standing.next_bill_on, self.standing.method
        if due is None or on not in self.announced_on():
            return
        if (due - on).days in self.ways.notice_days:
            self.say(on, "mail", "renewal_ahead")
        expires = method is not None and method.expired(due) and self.standing.candidate.autopay
        if expires and (due - on).days == self.ways.card_days:
            self.say(on, "mail", "card_expiring")

    def bill(self, on: date) -> None:
        """The next term, once it has begun."""
        while not self.ended and self.ways.bills:
            due = self.standing.next_bill_on
            if due is None or due > on:
                return
            candidate = self.standing.candidate
            decision = decide(candidate, replace(self.ways.rules, effective_on=due, bill_on=on))
            if not isinstance(decision, Billed):
                self.standing = replace(self.standing, next_bill_on=None)
                return
            through = decision.end - _DAY
            self.say(on, "bill", f"{decision.start} to {through}", decision.total_minor)
            voluntary = {fee.id for fee in candidate.fees if fee.voluntary}
            owed = sum(line.amount_minor for line in decision.lines if line.fee_id not in voluntary)
            credit = min(self.standing.credit_minor, owed) if self.ways.pays_by_credit else 0
            self.standing = replace(
                self.standing,
                next_bill_on=decision.end,
                candidate=replace(
                    candidate,
                    renewed_through=through,
                    next_bill_on=decision.end,
                    fees=after_a_term(candidate.fees, decision.start),
                ),
                credit_minor=self.standing.credit_minor - credit,
            )
            new = Owed(decision.start, decision.end, owed - credit)
            if new.amount_minor:
                self.owed.append(new)
                if not candidate.autopay and self.standing.has_address:  # it is the member's to pay
                    self.say(on, "mail", "invoice")
            else:
                self.paid(new)

    def miss(self, on: date) -> None:
        """What was due before today and is not paid is unpaid since then."""
        missed = [one.due_on for one in self.owed if one.due_on < on]
        if missed and self.standing.unpaid_since is None:
            self.standing = replace(self.standing, unpaid_since=min(missed))

    def name(self, on: date) -> None:
        """The label at the end of a day."""
        candidate = self.standing.candidate
        facts = StatusFacts(
            lifecycle="ended" if self.ended else candidate.lifecycle,
            unpaid_since=self.standing.unpaid_since,
            on=on,
            paid_through=candidate.paid_through,
            lapsed=self.ended == "lapsed",
            grace_months=self.ways.grace_months,
        )
        word = label(self.ways.labels, facts, self.ways.past_due_at)
        if word != self.label:
            self.label = word
            self.say(on, "label", word)

    # ------------------------------------------------------------ tries

    def try_due(self, on: date) -> None:
        """The tries whose instant lies on the day, or has passed."""
        while True:
            found = next((one for one in self.owed if self.is_tried(one, on)), None)
            if found is None or self.ended:
                return
            self.attempt(found, on)

    def collected(self, one: Owed, on: date) -> bool:
        """Whether a term is collected by itself at all."""
        candidate = self.standing.candidate
        if not candidate.autopay or (
            candidate.lifecycle == "ending" and self.standing.unpaid_since is not None
        ):
            return False
        later = any(other.due_on > one.due_on and other.due_on <= on for other in self.owed)
        if self.ways.arrears == "current_only" and later:
            return False
        return one.facts is None or not one.facts.paused(on)

    def is_tried(self, one: Owed, on: date) -> bool:
        """Whether a term is tried on the day; what can't be for want of a method is held back instead."""
        if one.due_on > on or not self.collected(one, on):
            return False
        earlier = [other for other in self.owed if other.due_on < one.due_on and other.history]
        if self.ways.arrears == "oldest_first" and any(self.planned(other, on) for other in earlier):
            return False
        at = self.planned(one, on)
        if at is None:
            self.hold_back(one, on)
            return False
        return local_date(at, self.ways.schedule.zone) <= on

    def planned(self, one: Owed, on: date) -> datetime | None:
        """When a term is tried next; None: not by itself."""
        method, saved_at = self.standing.method, self.standing.saved_at
        if method is None or saved_at is None or not self.standing.candidate.autopay:
            return None
        plan = next_try(one.history, method, saved_at, one.due_on, self.ways.schedule, grants=one.grants)
        if plan is None:
            return None
        at = max(plan.at, self.now)
        day = max(local_date(at, self.ways.schedule.zone), on)
        verdict = retry_allowed(
            one.history,
            method,
            self.ways.retry,
            now=max(at, local_instant(on, time.min, self.ways.schedule.zone)),
            on=day,
            amount_minor=one.amount_minor,
            granted=len(one.grants),
        )
        if verdict.allowed:
            return at
        return verdict.not_before

    def hold_back(self, one: Owed, on: date) -> None:
        """A first try that could not be made makes the membership unpaid on that very day (C-14)."""
        method = self.standing.method
        held = method is None or (method.expired(on) and not one.history)
        first = self.ways.schedule.first_by_schedule and not one.history
        if not first or not held:
            return
        if self.ways.tells_failures and one.due_on == on:  # later it was told before
            self.say(on, "mail", "payment_failed")
        if self.standing.unpaid_since is None:
            self.standing = replace(self.standing, unpaid_since=on)

    def attempt(self, one: Owed, on: date) -> None:
        """One try, with the answer that is to be expected."""
        method, zone = self.standing.method, self.ways.schedule.zone
        assert method is not None
        if not self.standing.fails and not method.expired(on):
            self.say(on, "charge", "succeeded", one.amount_minor)
            self.say(on, "mail", "receipt")
            self.owed.remove(one)
            self.paid(one)
            return
        self.say(on, "charge", "declined", one.amount_minor)
        code = self.standing.fails or "expired_card"
        at = max(self.planned(one, on) or self.now, self.now)
        past = PastAttempt(
            method.fingerprint, "declined", at, local_date(at, zone), code, one.amount_minor, at, method.expires,
            method.authorization, method.kind, method.brand, allowed_before=len(one.grants),
        )  # fmt: skip
        followed = one.ladder is not None and bool(one.ladder.mail_days)
        if not followed and self.ways.tells_failures:  # reminders follow on days of their own
            self.say(on, "mail", "payment_failed")
            self.told_on = on
        self.change(one, replace(one, history=(*one.history, past)))
        if self.standing.unpaid_since is None:
            self.standing = replace(self.standing, unpaid_since=on)

    def change(self, one: Owed, into: Owed) -> None:
        self.owed[self.owed.index(one)] = into

    def paid(self, one: Owed) -> None:
        """A term is paid: the member is paid through its end, and unpaid since whatever else is."""
        candidate = self.standing.candidate
        through = max(one.end_on - _DAY, candidate.paid_through or date.min)
        since = min((other.due_on for other in self.owed if other.history), default=None)
        lifecycle = "active" if candidate.lifecycle == "pending" else candidate.lifecycle
        self.standing = replace(
            self.standing,
            candidate=replace(candidate, paid_through=through, lifecycle=lifecycle),
            unpaid_since=since if self.owed else None,
        )

    # ------------------------------------------------------------ the ladder

    def follow_up(self, on: date) -> None:
        """Opens a case for what is unpaid, and does the steps that are due."""
        for one in list(self.owed):
            if self.ended:
                return
            if one.facts is None:
                one = self.opened(one, on)
            if one.facts is not None and one.ladder is not None:
                self.carry_on(one, one.ladder, one.facts, on)

    def opened(self, one: Owed, on: date) -> Owed:
        """The term with its case, if it has to have one."""
        candidate, since = self.standing.candidate, self.standing.unpaid_since
        failed = next((past.on for past in one.history if past.failed), None)
        unpaid = failed is not None or one.due_on < on or since == one.due_on == on
        if one.aside or since is None or not unpaid or candidate.lifecycle not in ("pending", "active"):
            return one
        oldest = one.due_on == min(other.due_on for other in self.owed)
        day = min(max(since if oldest else failed or one.due_on, one.due_on), on)
        made = replace(one, ladder=self.ways.ladder, facts=Facts(day))
        self.change(one, made)
        return made

    def carry_on(self, one: Owed, ladder: Ladder, facts: Facts, on: date) -> None:
        known = replace(
            facts,
            tries_over_on=self.tries_over(one, ladder, facts, on) if ladder.end in _AFTER_TRIES else None,
            later_unpaid=sum(1 for other in self.owed if one.due_on < other.due_on <= on),
            told_on=self.told_on,
        )
        for act in ladders.decide(ladder, known, on, self.ways.catch_up):
            if act.rung.does in _ENDS:
                self.end(_ENDS[act.rung.does], on)
                return
            if act.rung.mail and not act.withheld:
                self.say(on, "mail", act.rung.mail)
            facts = replace(facts, done=facts.done | {act.rung.key})
        if facts is not one.facts:
            self.change(one, replace(one, facts=facts))

    def tries_over(self, one: Owed, ladder: Ladder, facts: Facts, on: date) -> date | None:
        """Since when nothing more is tried; None while something is."""
        if self.planned(one, on) is not None:
            return None
        failures = [past for past in one.history if past.failed]
        last = max((past.on for past in failures), default=None)
        if last is not None and len(failures) >= len(self.ways.schedule.offsets):
            return last
        day = ladders.day_of(facts, ladder.tries_days)
        return max(day, last or day)

    def end(self, because: str, on: date) -> None:
        """The membership is over."""
        self.ended = because
        self.say(on, "end", because)
        if because in ("lapsed", "downgraded") or self.owed:
            self.say(on, "mail", because)
        self.owed = [] if because == "downgraded" else self.owed
