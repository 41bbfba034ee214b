"""A database goes back in time while a processor outside of it does not: nobody is charged twice, nothing is lost
(B-55, B-63, B-64; field-notes C.10, C.11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from tests.live_world import Live, a_live_world, all_rows, long_frozen, put_back, yesterday
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.commit_run import commit_run
from paidthru.actions.freeze import freeze
from paidthru.actions.preview_run import start_run
from paidthru.actions.request_refund import request_refund
from paidthru.actions.unfreeze import unfreeze
from paidthru.config import backup as files
from paidthru.config import instance
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Install, SeriesGap
from paidthru.organizations.queries import freeze as standing
from paidthru.organizations.queries import frozen_why
from paidthru.payments.gateway import DisputeStatus, GatewayIntent, GatewayNotExecuted, IntentStatus
from paidthru.payments.models import Attempt, BalanceLine, Dispute, Payment, PaymentIntent, Refund, Stray
from paidthru.payments.rules.imprint import imprint
from paidthru.people.models import Party
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    instance.recognize(tmp_path)
    return tmp_path


def released(live: Live) -> None:
    """Time passes, the processor is read through, a person releases charging."""
    long_frozen()
    report = runs.replay(live.desk, actor=STAFF)
    assert report.complete and report.counts, report.stopped
    unfreeze(why="I have read it.", actor=STAFF, now=live.desk.clock.now())
    assert frozen_why() is None


def goes_on(live: Live) -> None:
    """What is due is submitted, sent and asked about, as on any day."""
    runs.work(live.desk)
    live.submit()
    runs.collect_unsent(live.desk)
    runs.retrieve(live.desk)


def whole(live: Live) -> None:
    """Every invariant holds, and our Clearing is what the processor holds."""
    live.check()
    assert runs.sweep(live.desk, since=live.world.organization.created_at).differences == []
    assert live.balances().get("Clearing", 0) == live.gateway.balance()


def test_mid_flight_nobody_is_charged_twice_and_nothing_is_lost(home: Path) -> None:
    """The drill: collected, backed up, collected, refunded and disputed on; restored, frozen, replayed, released."""
    live = a_live_world("Ann", "Bob", "Cid", "Dan", "Eve")
    gateway = live.gateway
    instance.recognize(home)
    live.submit(name_contains="Ann")
    runs.collect_unsent(live.desk)
    live.open("Eve")  # opened, and not sent when the backup is made
    rows = all_rows()

    gateway.declines.add(live.customer("Dan"))
    live.collect()  # Bob, Cid and Eve pay, Dan is declined
    assert live.charged_times("Ann", "Bob", "Cid", "Dan", "Eve") == [1, 1, 1, 0, 1]
    refund = request_refund(
        live.world.organization, live.payments("Bob")[0].id, amount_minor=4_000, actor=STAFF, now=live.desk.clock.now()
    )  # fmt: skip
    runs.send_refunds(live.desk)
    gateway.give_back(gateway.last(live.customer("Ann")).ref, 1_000)  # on the processor's own page
    gateway.dispute(gateway.last(live.customer("Cid")).ref)
    gateway.declines.clear()

    put_back(rows)
    instance.recognize(home)
    assert "restored" in (frozen_why() or "")
    live.collect()
    assert live.states("Bob") == ["created"], "what is opened waits"
    assert live.charged_times("Bob", "Cid", "Dan", "Eve") == [1, 1, 0, 1]

    released(live)
    goes_on(live)
    assert live.charged_times("Ann", "Bob", "Cid", "Dan", "Eve") == [1, 1, 1, 1, 1]
    assert all(len(live.payments(name)) == 1 for name in ("Ann", "Bob", "Cid", "Dan", "Eve"))
    assert [one.state for one in (*live.payments("Ann"), *live.payments("Bob"), *live.payments("Cid"))] == [
        "partly_refunded", "partly_refunded", "disputed",
    ]  # fmt: skip
    assert Refund.objects.filter(id=refund.id, amount_minor=4_000, state="succeeded").exists(), (
        "rebuilt as it was"
    )
    assert live.charged_times("Dan") == [1]
    whole(live)
    assert Event.objects.filter(verb="gateway_replayed").count() == 1


def test_a_second_replay_changes_nothing(home: Path) -> None:
    live = a_live_world("Ann", "Bob")
    rows = all_rows()
    live.collect()
    put_back(rows)
    instance.recognize(home)
    long_frozen()
    assert runs.replay(live.desk).rebuilt == 2
    again = runs.replay(live.desk)
    assert (again.rebuilt, again.settled, again.strays, again.differing) == (0, 0, 0, 0)
    assert [len(live.payments(name)) for name in ("Ann", "Bob")] == [1, 1]
    whole(live)


def test_it_is_not_released_before_it_may_be_b63(home: Path) -> None:
    """Not before the replay, not by one that came too early, not without a reason."""
    live = a_live_world("Ann")
    put_back(all_rows())
    instance.recognize(home)

    def refused() -> str:
        with pytest.raises(Refused) as refusal:
            unfreeze(why="I want to.", actor=STAFF, now=live.desk.clock.now())
        assert frozen_why() is not None
        assert refusal.value.code == "not_replayed"
        return refusal.value.message

    assert "wait" in refused()
    assert not runs.replay(live.desk).counts, "a request may still land"
    assert "wait" in refused()
    long_frozen()
    assert "too early" in refused() or "since the freeze" in refused()
    live.gateway.breaks_at = 0
    live.gateway.sell(500)
    report = runs.replay(live.desk)
    assert not report.complete and not report.counts
    assert "too early" in refused() or "since the freeze" in refused()
    live.gateway.breaks_at = None
    assert runs.replay(live.desk).counts
    assert standing() is not None and standing().missing == ()  # type: ignore[union-attr]
    with pytest.raises(Refused, match="reason"):
        unfreeze(why=" ", actor=STAFF, now=live.desk.clock.now())
    row = unfreeze(why="I have read it.", actor=STAFF, now=live.desk.clock.now())
    assert row.frozen_at is None
    told = Event.objects.filter(verb="billing_unfrozen").get()
    assert (told.actor, told.why) == (STAFF.name, "I have read it.")
    with pytest.raises(Refused) as refusal:
        unfreeze(why="Again.", actor=STAFF, now=live.desk.clock.now())
    assert refusal.value.code == "not_frozen"


def test_a_request_from_before_the_restore_lands_late_and_finds_nothing_to_confirm(home: Path) -> None:
    """C.11: it was claimed before the restore, and its confirmation arrives after the replay."""
    live = a_live_world("Ann")
    rows = all_rows()
    live.submit()
    request = imprint(
        live.world.organization.id, PaymentIntent.objects.get().id, party=live.party("Ann"), instance="", invoices=[]
    )  # fmt: skip
    lost = live.gateway.sell(10_000, **request)
    live.gateway.intents_[lost.ref] = lost.__class__(
        ref=lost.ref, status=IntentStatus.REQUIRES_CONFIRMATION, amount_minor=10_000, received_minor=0, currency="USD",
        customer_ref=live.customer("Ann"), livemode=False, created_at=lost.created_at, metadata=lost.metadata,
    )  # fmt: skip
    live.gateway.lines.clear()
    put_back(rows)
    instance.recognize(home)
    long_frozen()
    assert runs.replay(live.desk).canceled == 1
    assert live.gateway.intents_[lost.ref].status is IntentStatus.CANCELED
    released(live)
    goes_on(live)
    assert live.charged_times("Ann") == [1]
    whole(live)


def test_the_backup_was_made_between_opening_and_the_gateways_answer(home: Path) -> None:
    """The row is there, its reference is not; the processor has the money: it is bound, and settled."""
    live = a_live_world("Ann", "Bob")
    live.submit()
    rows = all_rows()
    live.gateway.slow.add(live.customer("Bob"))
    runs.collect_unsent(live.desk)
    put_back(rows)
    instance.recognize(home)
    assert live.states("Ann") == ["created"]
    released(live)
    assert live.states("Ann") == ["succeeded"]
    assert live.states("Bob") == ["processing"], "a bank debit under way holds its invoice"
    goes_on(live)
    live.gateway.succeed(live.gateway.last(live.customer("Bob")).ref)
    goes_on(live)
    assert live.charged_times("Ann", "Bob") == [1, 1]
    assert [len(live.payments(name)) for name in ("Ann", "Bob")] == [1, 1]
    whole(live)


def test_a_bank_debit_begun_after_the_backup_holds_its_invoice_again(home: Path) -> None:
    live = a_live_world("Ann")
    rows = all_rows()
    live.gateway.slow.add(live.customer("Ann"))
    live.collect()
    put_back(rows)
    instance.recognize(home)
    live.submit()  # what was opened meanwhile, and not sent, steps aside
    released(live)
    assert live.states("Ann")[-1] == "processing" or "processing" in live.states("Ann")
    goes_on(live)
    assert live.charged_times("Ann") == [0]
    live.gateway.succeed(live.gateway.last(live.customer("Ann")).ref)
    goes_on(live)
    assert (live.charged_times("Ann"), len(live.payments("Ann"))) == ([1], 1)
    whole(live)


def test_a_second_try_was_lost_the_first_was_not(home: Path) -> None:
    """Declined before the backup, paid after it on the same intent of the processor's: the try is rebuilt beside it."""
    live = a_live_world("Ann")
    live.gateway.declines.add(live.customer("Ann"))
    live.collect()
    rows = all_rows()
    live.gateway.declines.clear()
    second = live.open("Ann")
    runs.collect_unsent(live.desk)
    put_back(rows)
    instance.recognize(home)
    released(live)
    assert live.states("Ann") == ["declined", "succeeded"]
    assert Payment.objects.get().attempt_id == second.id
    goes_on(live)
    assert live.charged_times("Ann") == [1]
    whole(live)


def test_an_invoice_that_was_lost_leaves_its_money_in_suspense_and_its_number_a_gap(home: Path) -> None:
    live = a_live_world("Ann")
    rows = all_rows()
    live.join("Bob")
    live.bill("Second")
    number = live.invoice("Bob").number
    live.collect()
    put_back(rows)
    instance.recognize(home)
    long_frozen()
    report = runs.replay(live.desk)
    assert report.lost_numbers == 1
    stray = Stray.objects.get()
    assert (stray.amount_minor, stray.kind, stray.state) == (10_000, "charge", "open")
    assert str(number) in stray.why
    gap = SeriesGap.objects.get(name="invoice")
    assert (gap.first, gap.count) == (number, 1)
    assert live.balances()["Suspense"] == -10_000
    live.check()
    released(live)
    live.join("Cid")
    live.bill("Third")
    assert live.invoice("Cid").number == (number or 0) + 1, "it is not given out a second time"


def test_staff_name_the_last_number_that_was_given_out(home: Path) -> None:
    live = a_live_world("Ann")
    put_back(all_rows())
    instance.recognize(home)
    last = live.invoice("Ann").number or 0
    assert runs.replay(live.desk, last_invoice=last + 5).lost_numbers == 5
    assert runs.replay(live.desk, last_invoice=last + 5).lost_numbers == 0
    live.check()


def test_a_dispute_that_was_open_in_the_backup_is_asked_about_though_it_is_old(home: Path) -> None:
    live = a_live_world("Ann")
    live.collect()
    made = live.gateway.dispute(live.gateway.last(live.customer("Ann")).ref)
    runs.sweep(live.desk, since=live.world.organization.created_at)
    assert Dispute.objects.get().state == "open"
    rows = all_rows()
    live.gateway.decide(made.ref, DisputeStatus.WON)
    runs.sweep(live.desk, since=live.world.organization.created_at)
    put_back(rows)
    instance.recognize(home)
    released(live)
    assert Dispute.objects.get().state == "won"
    assert live.payments("Ann")[0].state == "succeeded"
    whole(live)


def test_while_it_is_frozen_the_calendar_bills_nobody(home: Path) -> None:
    """Numbers that were lost must not be given out again."""
    live = a_live_world("Ann")
    put_back(all_rows())
    instance.recognize(home)
    before = live.invoice("Ann").number
    runs.work(live.desk)
    assert live.attempts("Ann") == []
    assert live.invoice("Ann").number == before


def test_a_clone_charges_nobody_b64(home: Path, tmp_path: Path) -> None:
    """The same rows, another installation: live charging is refused until somebody says that the other one is gone."""
    live = a_live_world("Ann")
    elsewhere = tmp_path / "elsewhere"
    instance.recognize(elsewhere)
    assert "another installation" in (frozen_why() or "")
    live.submit()
    runs.collect_unsent(live.desk)
    with pytest.raises(Refused) as refusal:
        runs.collect(live.desk, live.attempt("Ann").id)
    assert refusal.value.code in ("billing_frozen", "sending_paused")
    assert live.charged_times("Ann") == [0]
    long_frozen()
    runs.replay(live.desk)
    with pytest.raises(Refused) as refusal:
        unfreeze(why="It is a copy.", actor=STAFF, now=live.desk.clock.now())
    assert refusal.value.code == "other_installation"
    unfreeze(why="The old machine burnt.", actor=STAFF, now=live.desk.clock.now(), moved=True)
    assert frozen_why() is None


def test_a_clones_charges_are_told_from_ours_b64(home: Path) -> None:
    """Should a clone have charged all the same, its money is nobody's here, and is seen."""
    live = a_live_world("Ann")
    invoice = live.invoice("Ann")
    made = imprint(
        live.world.organization.id, live.party("Ann"), party=live.party("Ann"),
        instance="0191d0a0-0000-7000-8000-000000000000", invoices=[(invoice.id, invoice.number or 0)],
    )  # fmt: skip
    live.gateway.sell(10_000, **made)
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert report.strays == 1
    assert "another installation" in Stray.objects.get().why
    assert live.payments("Ann") == []
    live.check()


def test_a_person_freezes_and_releases(home: Path) -> None:
    live = a_live_world("Ann")
    freeze(why="The processor looks odd today.", actor=STAFF, now=live.desk.clock.now())
    with pytest.raises(Refused) as refusal:
        freeze(why="Twice.", actor=STAFF, now=live.desk.clock.now())
    assert refusal.value.code == "already_frozen"
    live.submit()
    runs.collect_unsent(live.desk)
    assert live.charged_times("Ann") == [0]
    instance.recognize(home)
    assert standing().kind == "person"  # type: ignore[union-attr]
    released(live)
    assert Install.objects.get().frozen_why == ""


def test_a_sandbox_has_nothing_to_replay(home: Path) -> None:
    from tests.collecting import billed

    sandbox = billed("Ann")
    freeze(why="For a look.", actor=STAFF, now=sandbox.desk.clock.now())
    with pytest.raises(Refused) as refusal:
        runs.replay(sandbox.desk)
    assert refusal.value.code == "nothing_to_replay"
    sandbox.collect()
    assert sandbox.states("Ann") == ["succeeded"], "its processor was restored along"


@pytest.fixture
def by_url(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """`paidthru backup` and `restore` reach this test's database, which nobody else may use meanwhile."""
    found = settings.DATABASES["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user, current_setting('unix_socket_directories')")
        name, user, folder = cursor.fetchone()
    monkeypatch.setenv("DATABASE_URL", f"postgresql:///{name}?host={found['HOST'] or folder}&user={user}")
    return connection.close


def test_the_drill_with_backup_and_restore_as_they_are(
    home: Path, tmp_path: Path, by_url: Callable[[], None]
) -> None:
    live = a_live_world("Ann", "Bob")
    live.submit(name_contains="Ann")
    runs.collect_unsent(live.desk)
    file = tmp_path / "club.backup"
    by_url()
    files.backup(file)
    live.collect()
    assert live.charged_times("Ann", "Bob") == [1, 1]
    assert len(live.payments("Bob")) == 1
    by_url()
    with pytest.raises(Refused, match="Maple Club"):
        files.restore(file)
    by_url()
    files.restore(file, force=True)
    assert live.payments("Bob") == []
    instance.recognize(home)
    live.collect()
    assert live.charged_times("Ann", "Bob") == [1, 1]
    released(live)
    goes_on(live)
    assert live.charged_times("Ann", "Bob") == [1, 1]
    assert len(live.payments("Bob")) == 1
    whole(live)


def test_what_a_backup_knew_last_decides_from_when_on_the_gateway_is_read(home: Path) -> None:
    live = a_live_world("Ann")
    last = Event.objects.filter(organization=live.world.organization).latest("at").at
    put_back(all_rows())
    instance.recognize(home)
    assert Install.objects.get().known_until == last
    assert last.date() > yesterday()


def test_an_answer_that_breaks_off_is_gone_on_with(home: Path) -> None:
    """Every call may fail: what was read is done, and the next reading goes on."""
    live = a_live_world("Ann", "Bob", "Cid")
    rows = all_rows()
    live.collect()
    put_back(rows)
    instance.recognize(home)
    long_frozen()
    live.gateway.breaks_at = 2
    report = runs.replay(live.desk)
    assert not report.complete
    assert report.rebuilt == 2
    live.gateway.breaks_at = None
    assert runs.replay(live.desk).rebuilt == 1
    assert BalanceLine.objects.count() == 3
    assert Attempt.objects.filter(state="succeeded").count() == 3
    whole(live)


def test_an_account_that_is_refused_ends_a_replay_with_a_report(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked about what is open, the processor refuses the key itself (found by the simulation)."""
    live = a_live_world("Ann")
    live.gateway.slow.add(live.customer("Ann"))
    live.collect()
    put_back(all_rows())
    instance.recognize(home)
    long_frozen()

    def refuse(ref: str) -> GatewayIntent:
        raise GatewayNotExecuted("The key is not accepted.", opens_circuit=True, code="401")

    with monkeypatch.context() as refusing:
        refusing.setattr(live.gateway, "fetch_intent", refuse)
        report = runs.replay(live.desk)
    assert not report.complete and not report.counts
    assert "The key is not accepted." in report.stopped[0]
    released(live)


def older(live: Live, days: int) -> None:
    """The processor made its intents so many days earlier."""
    for ref, intent in live.gateway.intents_.items():
        live.gateway.intents_[ref] = replace(intent, created_at=intent.created_at - timedelta(days=days))


def test_money_on_an_intent_that_was_declined_long_before_the_backup_is_found(home: Path) -> None:
    """B-63: a retry confirms the declined intent anew, which was made before anything that is listed."""
    live = a_live_world("Ann")
    live.gateway.declines.add(live.customer("Ann"))
    live.collect()
    older(live, 7)
    rows = all_rows()
    live.gateway.declines.clear()
    second = live.open("Ann")
    runs.collect_unsent(live.desk)
    lines, live.gateway.lines = live.gateway.lines, []  # it has told of nothing yet
    put_back(rows)
    instance.recognize(home)
    released(live)
    assert sorted(live.states("Ann")) == ["declined", "succeeded"]
    assert Payment.objects.get().attempt_id == second.id
    live.gateway.lines = lines
    goes_on(live)
    assert live.charged_times("Ann") == [1]
    whole(live)


def test_money_on_an_old_intent_of_which_nothing_is_known_is_found_by_the_balance(home: Path) -> None:
    """Its row was never in this database; a movement of the balance tells of it."""
    live = a_live_world("Ann")
    rows = all_rows()
    live.collect()
    older(live, 7)
    put_back(rows)
    instance.recognize(home)
    released(live)
    assert (live.states("Ann"), Payment.objects.count()) == (["succeeded"], 1)
    goes_on(live)
    assert live.charged_times("Ann") == [1]
    whole(live)


def test_a_charge_without_an_intent_stands_in_suspense() -> None:
    """B-54: collected in the account by other means than intents."""
    live = a_live_world("Ann")
    live.gateway.line("charge", 700, "ch_by_hand", fee=30)
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert report.strays == 1
    assert Stray.objects.values_list("kind", "gateway_ref", "amount_minor", "state").get() == (
        "charge", "ch_by_hand", 700, "open",
    )  # fmt: skip
    assert runs.sweep(live.desk, since=live.world.organization.created_at).strays == 0
    live.check()


def test_a_replay_mails_no_second_receipt(home: Path) -> None:
    """C.10: what it writes anew was told when it happened; what happens afterwards is told."""
    live = a_live_world("Ann", "Bob")
    Party.objects.update(email="member@example.org")
    live.submit(name_contains="Bob")
    rows = all_rows()
    live.collect()
    assert Message.objects.filter(kind="receipt").count() == 2
    put_back(rows)
    instance.recognize(home)
    released(live)
    assert Payment.objects.count() == 2
    assert not Message.objects.filter(kind="receipt").exists()
    live.join("Cid")
    live.bill("Second")
    live.collect()
    assert Message.objects.filter(kind="receipt").count() == 1


def test_while_it_is_frozen_nobody_commits_a_run(home: Path) -> None:
    """C.10: invoice numbers that were lost would be given out a second time."""
    live = a_live_world("Ann")
    live.join("Bob")
    run = runs.preview_run(
        start_run(
            live.world.organization, name="Second", effective_on=live.desk.today, actor=STAFF, now=live.desk.clock.now()
        ).id,
        actor=STAFF, now=live.desk.clock.now(),
    )  # fmt: skip
    put_back(all_rows())
    instance.recognize(home)
    with pytest.raises(Refused) as refusal:
        commit_run(run.id, actor=STAFF, now=live.desk.clock.now())
    assert refusal.value.code == "billing_frozen" and refusal.value.fix


def test_nonsense_about_money_that_was_forgotten_is_for_a_person_and_holds_its_invoice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list says that it came, the object itself says something else (found by the simulation)."""
    live = a_live_world("Ann")
    rows = all_rows()
    live.collect()
    put_back(rows)
    instance.recognize(home)
    real = live.gateway.fetch_intent
    with monkeypatch.context() as lying:
        lying.setattr(live.gateway, "fetch_intent", lambda ref: replace(real(ref), currency="EUR"))
        released(live)
    assert live.states("Ann") == ["needs_review"]
    goes_on(live)
    assert live.states("Ann") == ["needs_review"], "its invoice is taken"
    assert len(list(live.gateway.list_intents(live.world.organization.created_at))) == 1
