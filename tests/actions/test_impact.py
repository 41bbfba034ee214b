"""What a change of policy would alter in the next 30 days is what then happens (design: a forecast is a rehearsal).

The same members are put into two organizations; in one the policies are changed. Both go through 30 days, and what came
is held against what was foretold.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from tests.together import together
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.set_policy import set_policy
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Fee, Membership, Term
from paidthru.membership.operations.deciding import Scope
from paidthru.membership.queries.members import label_on
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies, parse
from paidthru.payments.models import Attempt
from paidthru.people.models import Party
from paidthru.runs.forecast import Happens
from paidthru.runs.impact import DAYS, foretold, impact
from paidthru.runs.standings import Member, members_of
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
CLUB = (  # name, plan, next renewal or paid through, card, what the gateway answers
    ("Ann", "Desk", date(2026, 3, 10), True, "accept"),
    ("Bob", "Desk", date(2026, 2, 25), True, "insufficient_funds"),
    ("Cid", "Yearly", date(2026, 3, 20), True, "accept"),
    ("Dee", "Desk", date(2026, 3, 12), False, "accept"),
    ("Eve", "Yearly", date(2026, 9, 1), True, "accept"),
    ("Fay", "Desk", date(2026, 2, 26), True, "insufficient_funds"),
    ("Gus", "Desk", date(2026, 3, 31), True, "accept"),
)


def a_club(preset: str, name: str) -> World:
    """A club as it stands on 1 March: Fay and Bob are declined, Fay since February."""
    start = datetime(2026, 2, 20, 14, 0, tzinfo=UTC)
    world = a_world(preset, now=start, zone="UTC", name=name)
    plans = {
        "Desk": world.plan("Desk", 20_000, interval_unit="month"),
        "Yearly": world.plan("Yearly", 12_000),
    }
    world.plan("Community", None, kind="free", is_default=True)
    for who, plan, due, card, answer in CLUB:
        member = world.member(who, plans[plan], paid_through=due - timedelta(days=1), card=card, autopay=card)
        Membership.objects.filter(id=member.id).update(anchor_on=due, joined_on=due)
        Term.objects.filter(membership=member).update(start_on=due - timedelta(days=28))
        if answer != "accept" and preset != "association":  # there nothing was tried yet, so nothing is known
            world.processor.set_script(str(member.party_id), "decline", answer)
    runs.advance(world.desk, NOW)
    return world


def came(world: World, since: date) -> dict[str, list[tuple[object, ...]]]:
    """What came of each member since a date, in the words of a forecast; labels as they are at the end."""
    end, policies = world.desk.today, policies_of(world.organization)
    found: dict[str, list[tuple[object, ...]]] = {name: [] for name, *_ in CLUB}
    for term in Term.objects.filter(organization=world.organization).select_related("membership__party"):
        if term.source == "run":
            bill = Invoice.objects.filter(
                lines__receivable__source_id=term.membership_id, lines__receivable__period_start=term.start_on
            ).earliest("number")
            if bill.bill_on >= since:
                found[term.membership.party.name].append((bill.bill_on, "bill", bill.total_minor))
    for attempt in Attempt.objects.filter(organization=world.organization, submitted_at__gte=NOW):
        on = attempt.submitted_at.astimezone(UTC).date() if attempt.submitted_at else None
        found[attempt.party.name].append((on, "charge", attempt.state))
    names = dict(Party.objects.filter(organization=world.organization).values_list("id", "name"))
    for mail in Message.objects.filter(organization=world.organization, written_at__gte=NOW):
        found[names[mail.party_id]].append((mail.written_at.date(), "mail", mail.kind))  # type: ignore[index]
    for member in Membership.objects.filter(organization=world.organization).exclude(plan__kind="free"):
        found[member.party.name].append((end, "label", label_on(member, policies, end)))
        if member.state == "ended":
            found[member.party.name].append((member.ended_on, "end", member.ended_because))
    return {name: sorted(what, key=str) for name, what in found.items()}


def told(
    world: World, what: dict[str, tuple[Happens, ...]], end: date
) -> dict[str, list[tuple[object, ...]]]:
    """A forecast in the same words: of labels only the last."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for name, happened in what.items():
        found[name] = [(one.on, "bill", one.amount_minor) for one in happened if one.kind == "bill"]
        found[name] += [
            (one.on, one.kind, one.what) for one in happened if one.kind in ("charge", "mail", "end")
        ]
        found[name].append((end, "label", [one.what for one in happened if one.kind == "label"][-1]))
    return {name: sorted(each, key=str) for name, each in found.items()}


def named(world: World, policies: Policies) -> dict[str, tuple[Happens, ...]]:
    names = dict(Membership.objects.filter(organization=world.organization).values_list("id", "party__name"))
    return {names[id_]: what for id_, what in foretold(world.desk, policies).items()}


@pytest.mark.parametrize(
    ("preset", "change"),
    [
        ("recommended", {"collect.offsets": "[0, 2, 2]", "dunning.mail_days": "[2, 5]"}),
        ("ams_nonprofit", {"collect.on_exhausted": "lapse(20)", "status.past_due_at": "day(5)"}),
        ("coworking", {"collect.on_exhausted": "stay_past_due", "renewal.notice_days": "[5]"}),
        ("association", {"billing.trigger": "auto", "collect.submit": "daily", "batch.post": "auto"}),
    ],
)
def test_what_is_foretold_is_what_comes(preset: str, change: dict[str, str]) -> None:
    present, changed = a_club(preset, "Maple Club"), a_club(preset, "Oak Club")
    changes = {key: parse(key, text) for key, text in change.items()}
    policies = policies_of(present.organization)
    before, after = named(present, policies), named(present, policies.changed(changes))
    found = impact(present.desk, changes)
    set_policy(changed.organization, changes, actor=STAFF, now=NOW)
    end = NOW + timedelta(days=DAYS)
    for world, foreseen in ((present, before), (changed, after)):
        runs.advance(world.desk, end.replace(hour=0) - timedelta(minutes=1))
        last = world.desk.today
        really, expected = came(world, NOW.date()), told(world, foreseen, last)
        for who in really:  # what came and was not foretold, and what was and did not come
            missed = set(really[who]) - set(expected[who]), set(expected[who]) - set(really[who])
            assert really[who] == expected[who], (who, missed)
    assert found.members == len(CLUB)
    assert found.concerned == sum(1 for name in before if before[name] != after[name])
    assert {one.name for one in found.different} == {name for name in before if before[name] != after[name]}


def test_a_change_for_one_plan_member_or_membership_is_foretold_for_them_alone() -> None:
    world = a_world("recommended", now=NOW, zone="UTC")
    desk, yearly = world.plan("Desk", 20_000, interval_unit="month"), world.plan("Yearly", 12_000)
    ann = world.member("Ann", desk, paid_through=date(2026, 3, 9), card=True, autopay=True)
    bob = world.member("Bob", desk, paid_through=date(2026, 3, 11))
    cid = world.member("Cid", yearly, paid_through=date(2026, 3, 19), card=True, autopay=True)
    quarter = {"term.interval_months": 3}
    of_plan = impact(world.desk, quarter, scope=Scope("plan", desk.id))
    assert (of_plan.members, of_plan.concerned) == (2, 2)
    assert (of_plan.before.billed_minor, of_plan.after.billed_minor) == (40_000, 120_000)
    of_ann = impact(world.desk, quarter, scope=Scope("customer", ann.party_id))
    assert [one.name for one in of_ann.different] == ["Ann"]
    assert (of_ann.members, of_ann.before.charged_minor, of_ann.after.charged_minor) == (1, 20_000, 60_000)
    of_cid = impact(world.desk, quarter, scope=Scope("subscription", cid.id))
    assert (of_cid.members, of_cid.before.billed_minor, of_cid.after.billed_minor) == (1, 12_000, 3_000)
    lapses = {"collect.on_exhausted": parse("collect.on_exhausted", "lapse(5)")}
    of_bob = impact(world.desk, lapses, scope=Scope("subscription", bob.id))
    assert (of_bob.before.ends, of_bob.after.ends) == (0, 1)
    assert impact(world.desk, lapses, scope=Scope("customer", ann.party_id)).nothing
    with pytest.raises(Refused, match="can’t be set for one plan"):
        impact(world.desk, {"billing.trigger": "staff_run"}, scope=Scope("plan", desk.id))
    set_policy(world.organization, quarter, actor=STAFF, now=NOW, customer_id=ann.party_id)
    set_policy(world.organization, quarter, actor=STAFF, now=NOW, membership_id=cid.id)
    set_policy(world.organization, lapses, actor=STAFF, now=NOW, membership_id=bob.id)
    undone = impact(world.desk, {"term.interval_months": None}, scope=Scope("subscription", cid.id))
    assert (undone.before.billed_minor, undone.after.billed_minor) == (3_000, 12_000)
    runs.advance(world.desk, NOW + timedelta(days=DAYS))
    really = dict(Invoice.objects.values_list("party__name", "total_minor"))
    assert really == {"Ann": 60_000, "Bob": 20_000, "Cid": 3_000}
    bob.refresh_from_db()
    assert bob.ended_because == "lapsed"


def test_what_is_done_meanwhile_does_not_come_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices change while it is reckoned: it is of one moment, and writes nothing by the database's word (a process
    that is killed in it leaves nothing)."""
    world = a_club("recommended", "Maple Club")
    changes = {"dunning.mail_days": parse("dunning.mail_days", "[2, 5]")}
    expected = impact(world.desk, changes)

    def slowly(*which: Any, **more: Any) -> list[Member]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            assert cursor.fetchone() == ("on",)
        found = members_of(*which, **more)
        together([lambda: Fee.objects.update(amount_minor=F("amount_minor") * 2)])
        return found

    monkeypatch.setattr("paidthru.runs.impact.members_of", slowly)
    assert impact(world.desk, changes) == expected
