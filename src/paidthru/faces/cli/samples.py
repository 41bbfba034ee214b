"""Five sample organizations, one of each preset, each with two years behind it that the engine itself has lived.

Everything is done by the actions that the console calls, on the sandbox's clock: people join, pay, fail to, cancel,
give, visit and own homes, month by month, by a die that always falls the same. What becomes of it is the engine's.
"""

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from paidthru.faces.cli.shell import bar, me, table
from paidthru.kernel.clock import local_instant
from paidthru.kernel.periods import add_months

if TYPE_CHECKING:
    from paidthru.runs import Desk

BEGINS, MONTHS = date(2025, 1, 1), 24
_TOGETHER = {
    "billing.slot": "fixed_time(06:00)"
}  # one instant a day instead of one for everybody: it is lived faster
_FIRST = ("Amara", "Ben", "Chen", "Dina", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas", "Kofi", "Lena", "Mateo",
          "Noor", "Olga", "Pablo", "Rosa", "Samir", "Tara", "Uma", "Viktor", "Wanda", "Yusuf", "Zoë")  # fmt: skip
_LAST = ("Abara", "Becker", "Costa", "Doyle", "Eriksen", "Fontaine", "Gupta", "Haddad", "Ito", "Jansen", "Kim", "Lopez",
         "Moreau", "Nowak", "Okafor", "Petrov", "Quinn", "Rossi", "Silva", "Tanaka", "Underwood", "Vargas")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """An organization to be lived: its preset, its plans (name, price in minor units, unit of the interval), how many
    people come to it, how many of a hundred pay by themselves, and what else happens there."""

    name: str
    slug: str
    preset: str
    zone: str
    plans: tuple[tuple[str, int, str], ...] = ()
    people: int = 24
    autopay: int = 75
    currency: str = "USD"
    giving: bool = False
    visiting: bool = False
    homes: int = 0
    policies: dict[str, str] = field(default_factory=dict)


SAMPLES = (
    Sample(
        "Harbor Swim & Fitness", "harbor-fitness", "community", "America/New_York",
        (("Basic", 3_500, "month"), ("Family", 6_500, "month")), people=22, autopay=90, visiting=True,
    ),
    Sample(
        "Guild of Illustrators", "illustrators", "association", "America/Chicago",
        (("Member", 12_000, "year"), ("Student", 4_000, "year")), people=40, autopay=60,
    ),
    Sample(
        "Loft Coworking", "loft", "coworking", "America/Los_Angeles",
        (("Hot desk", 15_000, "month"), ("Office", 42_000, "month")), people=18, autopay=90, visiting=True,
    ),
    Sample(
        "Hope Kitchen", "hope-kitchen", "ams_nonprofit", "America/Denver",
        (("Friend", 5_000, "year"), ("Patron", 25_000, "year")), people=26, autopay=70, giving=True,
    ),
    Sample("Willow Court", "willow-court", "ams_hoa", "America/New_York", people=16, autopay=50, homes=16),
)  # fmt: skip


def live(slug: str, email: str, *, months: int = MONTHS) -> "Desk":
    """Lives the two years of one sample, or fewer months, with a treasurer who signs in with an e-mail address that is
    known."""
    return _Life(next(one for one in SAMPLES if one.slug == slug), email, months).live()


def live_all(program: Sequence[str], email: str) -> None:
    """Lives all of them, each by a process of its own (`program` starts ours), as many at once as there are
    processors. Raises RuntimeError with what one of them said that came to no good end."""

    def one(sample: Sample) -> tuple[Sample, str]:
        done = subprocess.run(
            [*program, "sample", sample.slug, "--email", email], capture_output=True, text=True, check=False
        )
        return sample, "" if done.returncode == 0 else done.stderr[-2000:] or done.stdout[-2000:]

    with bar("Living two years") as told, ThreadPoolExecutor(min(len(SAMPLES), os.cpu_count() or 1)) as pool:
        told(0, len(SAMPLES))
        for n, (sample, wrong) in enumerate(pool.map(one, SAMPLES), start=1):
            if wrong:
                raise RuntimeError(f"{sample.name}: {wrong}")
            told(n, len(SAMPLES))
    table(
        ["Organization", "Bills like", "In the console"],
        [[one.name, one.preset, f"/o/{one.slug}/overview/"] for one in SAMPLES],
    )


class _Life:
    """One organization on its way through its months."""

    def __init__(self, sample: Sample, email: str, months: int) -> None:
        self.sample, self.email, self.months, self.die = sample, email, months, Random(sample.slug)  # noqa: S311
        self.people: list[UUID] = []
        self.plans: list[UUID] = []

    def live(self) -> "Desk":
        """From nothing to the end of the last month."""
        from paidthru import runs

        self.at = self._founded()
        coming = sorted(self.die.randrange(max(self.months - 4, 2)) // 2 for _ in range(self.sample.people))
        for month in range(self.months):
            for _ in range(coming.count(month)):
                self._join()
            self._month(month)
            begins, ends = add_months(BEGINS, month), add_months(BEGINS, month + 1)
            for day in (begins + timedelta(days=9), ends - timedelta(days=1)):
                runs.advance(self.at, local_instant(day, time(12), self.sample.zone))
                self._pay_by_hand()
        return self.at

    def _founded(self) -> "Desk":
        from django.db import transaction

        from paidthru.actions.add_plan import PlanDraft, add_plan
        from paidthru.actions.add_staff import add_staff
        from paidthru.actions.add_visit_price import add_visit_price
        from paidthru.actions.discard_sandbox import discard_sandbox
        from paidthru.actions.put_away_first_steps import put_away_first_steps
        from paidthru.actions.set_policy import set_policy
        from paidthru.organizations.models import Organization
        from paidthru.organizations.operations import create_organization, keep_templates
        from paidthru.organizations.rules.automation import BY_ITSELF
        from paidthru.organizations.rules.values import parse
        from paidthru.wiring import desk_for

        sample, now = self.sample, local_instant(BEGINS, time(9), self.sample.zone)
        earlier = Organization.objects.filter(slug=sample.slug, name=sample.name).first()
        if earlier is not None and earlier.is_sandbox:
            discard_sandbox(earlier.id)
        with transaction.atomic():
            made = create_organization(
                name=sample.name, preset=sample.preset, currency=sample.currency, zone=sample.zone, locale="en_US",
                mode="sandbox", now=now, slug=sample.slug,
            )  # fmt: skip
        own = {key: parse(key, text) for key, text in (_TOGETHER | sample.policies).items()}
        set_policy(made, dict(BY_ITSELF) | own, actor=me(), now=now)
        with transaction.atomic():
            keep_templates(made, now=now)
        put_away_first_steps(made, actor=me(), now=now)
        add_staff(
            made, email=self.email, name="", roles=["finance", "approver", "admin"], password="", actor=me(), now=now
        )  # fmt: skip
        for name, amount_minor, unit in sample.plans:
            draft = PlanDraft(name, amount_minor, interval_unit=unit)
            self.plans.append(add_plan(made, draft, actor=me(), now=now))
        if sample.visiting:
            add_visit_price(made, "Day", non_member_minor=2_000, overage_minor=1_000, actor=me(), now=now)
        return desk_for(made)

    # ------------------------------------------------------------ people

    def _join(self) -> None:
        """Somebody comes: most of them with a card."""
        from paidthru import runs
        from paidthru.actions.join import join

        party = self._person()
        by_card = self._chance(self.sample.autopay)
        if by_card:
            self._card(party)
        if self.plans:
            plan = self.plans[0] if self._chance(70) else self.plans[-1]
            join(self.at.organization, party, plan, actor=me(), now=self.at.clock.now(), autopay=by_card)
            runs.work(self.at)

    def _person(self) -> UUID:
        from paidthru.actions.add_party import add_party
        from paidthru.people.operations import PartyDraft

        n = len(self.people)
        first, last = _FIRST[n % len(_FIRST)], self.die.choice(_LAST)
        draft = PartyDraft(name=f"{first} {last}", email=f"{first}.{last}.{n}@example.org".lower())
        party = add_party(self.at.organization, draft, actor=me(), now=self.at.clock.now())
        self.people.append(party)
        return party

    def _card(self, party: UUID, code: str = "ok") -> None:
        from paidthru.actions.save_method import save_method
        from paidthru.wiring import processor_of

        saved = processor_of(self.at.organization).save_method(str(party), "card", code)
        save_method(
            self.at.organization, party, saved, gateway="sandbox", actor=me(), now=self.at.clock.now()
        )

    def _chance(self, of_a_hundred: int) -> bool:
        return self.die.randrange(100) < of_a_hundred

    # ------------------------------------------------------------ a month

    def _month(self, month: int) -> None:
        if not self.people:
            return
        self._trouble()
        if self.plans and self._chance(25):
            self._cancel()
        if self.sample.homes and month == 0:
            self._homes()
        if self.sample.giving:
            self._give(month)
        if self.sample.visiting:
            self._visit()

    def _trouble(self) -> None:
        """A card that is empty for a while, and others that are good again."""
        from paidthru.wiring import levers_of

        levers = levers_of(self.at.organization)
        for party in self.people:
            if self._chance(4):
                levers.set_script(str(party), "decline", "insufficient_funds")
            elif self._chance(60):
                levers.set_script(str(party), "accept")

    def _cancel(self) -> None:
        from paidthru.kernel.errors import Refused
        from paidthru.membership.models import Membership
        from paidthru.runs import cancel

        going = Membership.objects.filter(organization=self.at.organization, state="active").order_by("id")
        ids: Sequence[UUID] = list(going.values_list("id", flat=True))
        if len(ids) > 4:
            try:
                cancel(self.at, self.die.choice(ids), actor=me(), why="Moved away")
            except Refused:  # it was billed or ended meanwhile
                return

    def _pay_by_hand(self) -> None:
        """Most of those who pay by check or transfer do so within the month."""
        from paidthru.actions.record_payment import record_payment
        from paidthru.invoicing.models import Invoice

        waiting = Invoice.objects.filter(
            organization=self.at.organization, state="sent", balance_minor__gt=0, due_on__lte=self.at.today
        )
        for one in waiting.order_by("number"):
            if self._chance(70):
                record_payment(
                    self.at.organization, one.party_id, amount_minor=one.balance_minor, currency=one.currency,
                    means=self.die.choice(("check", "transfer")), invoice_ids=[one.id], actor=me(),
                    now=self.at.clock.now(),
                )  # fmt: skip

    def _homes(self) -> None:
        from paidthru.actions.add_unit import add_unit
        from paidthru.actions.assess import assess
        from paidthru.actions.switch_home_autopay import switch_home_autopay
        from paidthru.kernel.periods import Interval, Unit
        from paidthru.payments.queries import active_method

        at = self.at
        while len(self.people) < self.sample.homes:
            self._join()
        for n, owner in enumerate(self.people[: self.sample.homes]):
            home = add_unit(
                at.organization, f"{n // 4 + 1}{'ABCD'[n % 4]}", share=20 + n % 3 * 5, owner_id=owner,
                owned_from=BEGINS, actor=me(), now=at.clock.now(),
            )  # fmt: skip
            assess(
                at.organization, home.id, amount_minor=24_000 + n % 3 * 3_000, every=Interval(1, Unit.MONTH),
                starts_on=BEGINS, actor=me(), now=at.clock.now(),
            )  # fmt: skip
            if active_method(owner) is not None:
                switch_home_autopay(at.organization, home.id, owner, on=True, actor=me(), now=at.clock.now())

    def _give(self, month: int) -> None:
        from paidthru.actions.add_campaign import add_campaign
        from paidthru.giving.models import Campaign
        from paidthru.giving.operations import Giving
        from paidthru.kernel.periods import Interval, Unit
        from paidthru.payments.queries import active_method
        from paidthru.runs.giving import give

        at = self.at
        if month % 8 == 0:
            name = ("A new stove", "The winter table", "A garden")[month // 8]
            add_campaign(at.organization, name, goal_minor=600_000, actor=me(), now=at.clock.now())
        campaign = Campaign.objects.filter(organization=at.organization).latest("created_at")
        for party in self.die.sample(self.people, min(3, len(self.people))):
            monthly = Interval(1, Unit.MONTH) if self._chance(10) else None
            amount = self.die.choice((2_500, 5_000, 10_000, 30_000))
            means = "on_file" if active_method(party) is not None and self._chance(60) else "check"
            gift = Giving(party, amount, at.organization.currency, campaign, "staff", means)
            give(at, gift, every=monthly if means == "on_file" else None, actor=me())

    def _visit(self) -> None:
        from paidthru.actions.record_visit import record_visit

        at = self.at
        for party in self.die.sample(self.people, min(2, len(self.people))):
            record_visit(at.organization, party, actor=me(), now=at.clock.now())
