"""The console's collection: review, submit, retrieve, and the trace of a payment."""

import re
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.charge import open_attempt
from paidthru.faces.console.views import retrieval, submission
from paidthru.faces.worker.jobs import submit_invoices
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingRun
from paidthru.payments.models import Attempt, Payment, PaymentMethod
from paidthru.wiring import desk_for, is_submitting, levers_of

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = date(2025, 12, 31)
NEW_YEAR = date(2026, 1, 1)


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/renewals/{path}"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(client: Client, world: World, path: str) -> str:
    answer = client.get(at(world, path))
    assert answer.status_code == 200, words(answer.content.decode())
    return answer.content.decode()


def text_of(client: Client, world: World, path: str) -> str:
    return words(shown(client, world, path))


def a_billed_club() -> World:
    """Three members on autopay (a card, a second card, no method), one who is not."""
    world = a_world()
    plan = world.plan()
    world.member("Ann Ames", plan, paid_through=LAST_YEAR, card=True, autopay=True)
    world.member("Bob Burr", plan, paid_through=LAST_YEAR, card=True, autopay=True)
    world.member("Cid Cole", plan, paid_through=LAST_YEAR, autopay=True)
    world.member("Dee Dunn", plan, paid_through=LAST_YEAR, card=True)
    runs.generate(world.desk, name="2026", effective_on=NEW_YEAR, actor=STAFF)
    return world


def confirmed(client: Client, world: World, query: str = "", **more: str) -> dict[str, str]:
    page = shown(client, world, f"submit/confirm/{query}")
    fields = dict(re.findall(r'<input type="hidden" name="(digest|due_by|name|key)" value="([^"]*)"', page))
    return {**fields, "acknowledge": "yes", **more}


def submitted(client: Client, world: World) -> str:
    return words(client.post(at(world, "submit/"), confirmed(client, world), follow=True).content.decode())


def collected(client: Client, world: World) -> None:
    submitted(client, world)
    runs.collect_unsent(world.desk)


# ---------------------------------------------------------------- review: I-20, I-21


def test_review_shows_invoices_and_how_they_will_be_paid() -> None:
    world = a_billed_club()
    ann = party_named(world, "Ann Ames")
    PaymentMethod.objects.filter(party=ann).update(exp_year=2025, exp_month=11)
    free = world.plan("Honorary", 0)
    world.member("Eve Eck", free, paid_through=LAST_YEAR)
    runs.generate(world.desk, name="Honorary", effective_on=NEW_YEAR, actor=STAFF)
    client = signed_in(world)
    text = text_of(client, world, "review/")
    for said in (
        "Ann Ames",
        "expires 2025-11",
        "Card expired",
        "Cid Cole",
        "No payment method",
        "$400.00",
        "Yes",
        "No",
    ):
        assert said in text, said
    only = text_of(client, world, "review/?exception=no_method")
    assert "Cid Cole" in only
    assert "Ann Ames" not in only
    assert "Bob Burr" not in text_of(client, world, "review/?exception=any")
    second = BillingRun.objects.get(name="Honorary")
    assert "Zero amount" in text_of(client, world, f"review/?run={second.id}")
    lines = b"".join(client.get(at(world, "review/?export=csv")).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 5


def test_marking_a_run_as_reviewed_asks_first_and_is_done_once() -> None:
    world = a_billed_club()
    client, run = signed_in(world), BillingRun.objects.get()
    page = text_of(client, world, f"runs/{run.id}/review/")
    assert "4 invoices, $400.00 in all, may then be submitted." in page
    assert BillingRun.objects.get().reviewed_at is None
    for _ in range(2):
        done = client.post(at(world, f"runs/{run.id}/review/"), follow=True)
        assert "Nothing waits to be reviewed" in words(done.content.decode())
    assert BillingRun.objects.get().reviewed_by == "Pat Treasurer"
    assert "not been reviewed" not in text_of(client, world, "submit/")


# ---------------------------------------------------------------- submit: I-20, I-27, I-39 to I-43


def test_the_list_is_what_will_be_submitted() -> None:
    world = a_billed_club()
    client = signed_in(world)
    text = text_of(client, world, "submit/")
    assert "Ann Ames" in text
    assert "Cid Cole" not in text  # no method: on the other tab, with the reason
    assert "Dee Dunn" not in text  # not on autopay
    assert "The invoices of “2026” have not been reviewed." in text
    refused = text_of(client, world, "submit/?show=refused")
    assert "Cid Cole" in refused
    assert "No payment method on file" in refused
    assert "Bob" not in text_of(client, world, "submit/?name=ANN")
    assert "Nothing to submit" in text_of(
        client, world, "submit/?due_by=2025-12-31"
    )  # the begin date is the due date
    assert "lies ahead" in text_of(client, world, "submit/?due_by=2027-01-01")
    submitted(client, world)
    assert Attempt.objects.count() == 2


def test_submitting_says_what_will_happen_and_happens_once() -> None:
    world = a_billed_club()
    client = signed_in(world)
    page = text_of(client, world, "submit/confirm/")
    assert "2 invoices, $200.00 in all, are collected" in page
    assert "1 invoice can't be submitted" in page.replace("&#x27;", "'")
    assert "I have read the invoices of “2026”" in page
    form = confirmed(client, world)
    for _ in range(2):
        said = words(client.post(at(world, "submit/"), form, follow=True).content.decode())
        assert "Submitted for payment: 2 invoices, $200.00." in said
    assert Attempt.objects.count() == 2
    assert "Nothing to submit" in text_of(client, world, "submit/")


@pytest.mark.parametrize(("query", "code"), [("", "review_required"), ("?due_by=2027-01-01", "not_yet_due")])
def test_what_has_to_be_ticked_is_not_skipped(query: str, code: str) -> None:
    world = a_billed_club()
    client = signed_in(world)
    if code == "not_yet_due":
        client.post(at(world, f"runs/{BillingRun.objects.get().id}/review/"))
    answer = client.post(at(world, "submit/"), confirmed(client, world, query, acknowledge=""))
    assert answer.status_code == 409
    assert code in answer.content.decode()
    assert Attempt.objects.count() == 0


def test_a_list_that_changed_since_it_was_read_is_refused() -> None:
    world = a_billed_club()
    client = signed_in(world)
    form = confirmed(client, world)
    ann = Invoice.objects.get(party=party_named(world, "Ann Ames"))
    open_attempt(world.organization, ann.id, max_attempts=3, initiator="staff", actor=STAFF, now=NOW)
    answer = client.post(at(world, "submit/"), form)
    assert answer.status_code == 409
    assert "it now has 1 invoice, $100.00" in words(answer.content.decode())
    assert Attempt.objects.count() == 1


def test_a_date_that_is_none_is_named() -> None:
    world = a_billed_club()
    answer = signed_in(world).get(at(world, "submit/?due_by=tomorrow"))
    assert answer.status_code == 409
    assert "“tomorrow” is no date." in words(answer.content.decode())


def test_a_long_list_is_a_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "AT_ONCE", 1)
    world = a_billed_club()
    client = signed_in(world)
    answer = client.post(at(world, "submit/"), confirmed(client, world))
    place = answer.headers["Location"].removeprefix(at(world))
    assert "Submitted for payment: 2 invoices" in text_of(client, world, place)
    assert "Waiting for a worker" in text_of(client, world, place)
    assert Attempt.objects.count() == 0
    assert is_submitting(world.organization.id)
    assert "A worker is submitting a list" in text_of(client, world, "submit/")
    submit_invoices(str(world.organization.id), "2026-01-01", "", True, "Pat Treasurer")
    assert Attempt.objects.count() == 2
    assert "0 of 2 invoices" in text_of(client, world, place)
    part = client.get(at(world, place), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<section")
    runs.collect_unsent(world.desk)
    ProcrastinateJob.objects.filter(task_name="paidthru.submit")._raw_delete(
        "default"
    )  # the worker has done it
    assert "See what became of them" in text_of(client, world, place)


def test_pages_of_a_long_list_lead_onward_and_back() -> None:
    world = a_world()
    plan = world.plan()
    for n in range(110):
        world.member(f"Member {n:03}", plan, paid_through=LAST_YEAR, card=True, autopay=True)
    runs.generate(world.desk, name="2026", effective_on=NEW_YEAR, actor=STAFF)
    client = signed_in(world)
    for path in ("submit/", "review/"):
        seen: list[str] = []
        tails: list[str] = [""]
        while True:
            page = shown(client, world, path + tails[-1])
            seen += sorted(set(re.findall(r"Member \d{3}", page)))
            onward = re.search(r'<a class="button" href="(\?[^"]+)" rel="next"', page)
            if not onward:
                break
            tails.append(onward[1].replace("&amp;", "&"))
        assert seen == [f"Member {n:03}" for n in range(110)]
        for tail in (2, 1):
            back = re.search(r'<a class="button" href="(\?[^"]*)" rel="prev"', page)
            assert back
            page = shown(client, world, path + back[1].replace("&amp;", "&"))
            assert f"Member {(tail - 1) * 50:03}" in page
        assert 'rel="prev"' not in page


# ---------------------------------------------------------------- retrieve: I-46 to I-59


def test_in_flight_the_latest_first_and_the_results() -> None:
    world = a_billed_club()
    client = signed_in(world)
    levers = levers_of(world.organization)
    levers.set_script(str(party_named(world, "Ann Ames").id), "decline", "insufficient_funds")
    assert "Awaiting Sync" in submitted(client, world)
    listed = shown(client, world, "retrieve/")
    assert listed.index("Bob Burr") < listed.index("Ann Ames"), "I-55: submitted after her"
    assert "Invoice Settlement Status" in words(listed), "I-56"
    runs.collect_unsent(world.desk)
    assert "Nothing is under way" in text_of(client, world, "retrieve/")
    text = text_of(client, world, "retrieve/?show=processed")
    for said in ("Settlement Status", "Completed", "Failed", "Settled", "Not Settled", "See why"):
        assert said in text, said
    assert Invoice.objects.get(party=party_named(world, "Bob Burr")).state == "paid"
    lines = b"".join(client.get(at(world, "retrieve/?show=processed&export=csv")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "Bob Burr" in lines


def test_retrieving_asks_the_gateway_and_says_what_it_found() -> None:
    world = a_billed_club()
    client = signed_in(world)
    levers = levers_of(world.organization)
    for name in ("Ann Ames", "Bob Burr"):
        levers.set_script(str(party_named(world, name).id), "silent")
    collected(client, world)
    page = shown(client, world, "retrieve/")
    assert "In Progress" in page
    nothing = words(client.post(at(world, "retrieve/"), follow=True).content.decode())
    assert "Asked about 2 payments: 0 completed, 0 failed, 2 still under way." in nothing
    levers.answer(str(party_named(world, "Ann Ames").id), "succeeded")
    levers.answer(str(party_named(world, "Bob Burr").id), "failed", "generic_decline")
    found = words(client.post(at(world, "retrieve/"), follow=True).content.decode())
    assert "Asked about 2 payments: 1 completed, 1 failed, 0 still under way." in found
    assert Payment.objects.count() == 1
    again = words(client.post(at(world, "retrieve/"), follow=True).content.decode())
    assert "Nothing is waiting for an answer" in again
    assert Payment.objects.count() == 1


def test_what_needs_a_person_is_red_and_leads_to_the_trace() -> None:
    world = a_billed_club()
    client = signed_in(world)
    ann, bob = party_named(world, "Ann Ames"), party_named(world, "Bob Burr")
    levers = levers_of(world.organization)
    levers.set_script(str(ann.id), "decline", "a_code_nobody_knows")
    levers.set_script(str(bob.id), "silent")
    collected(client, world)
    world.organization.sandbox_now = NOW.replace(day=7)
    world.organization.save()
    processed = shown(client, world, "retrieve/?show=processed")
    assert 'class="badge is-bad">Unknown' in processed
    waiting = shown(client, world, "retrieve/")
    assert 'class="badge is-bad">Failed to reconcile – timed out' in waiting
    attempt = Attempt.objects.get(party=ann)
    assert f'href="{at(world, f"attempts/{attempt.id}/")}"' in processed
    assert f'hx-get="{at(world, f"attempts/{attempt.id}/live/")}"' in shown(
        client, world, f"attempts/{attempt.id}/"
    )
    trace = text_of(client, world, f"attempts/{attempt.id}/live/")
    for said in (
        "Unknown",
        "a_code_nobody_knows",
        "Payment created",
        "Declined",
        "this attempt",
        attempt.intent.gateway_ref,
    ):
        assert str(said) in trace, said
    assert "no final answer for days" in text_of(
        client, world, f"attempts/{Attempt.objects.get(party=bob).id}/"
    )


def test_money_that_cannot_be_applied_is_failed_to_settle() -> None:
    world = a_billed_club()
    client = signed_in(world)
    ann = party_named(world, "Ann Ames")
    levers = levers_of(world.organization)
    levers.set_script(str(ann.id), "silent")
    collected(client, world)
    Invoice.objects.filter(party=ann).update(state="void", balance_minor=0)
    levers.answer(str(ann.id), "succeeded")
    page = client.post(at(world, "retrieve/"), follow=True).content.decode()
    assert 'class="badge is-bad">Failed to Settle' in page
    assert "kept as credit" in page


def test_many_open_questions_are_a_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_billed_club()
    client = signed_in(world)
    for name in ("Ann Ames", "Bob Burr"):
        levers_of(world.organization).set_script(str(party_named(world, name).id), "silent")
    collected(client, world)
    Attempt.objects.update(next_look_at=NOW.replace(day=30))
    monkeypatch.setattr(retrieval, "AT_ONCE", 1)
    said = words(client.post(at(world, "retrieve/"), follow=True).content.decode())
    assert "A worker is asking about 2 payments" in said
    levers_of(world.organization).answer(str(party_named(world, "Ann Ames").id), "succeeded")
    runs.work(desk_for(world.organization))
    assert Payment.objects.count() == 1


# ---------------------------------------------------------------- who may

ACTS = {
    "review/": ("get", "view"),
    "runs/{run}/review/": ("post", "review"),
    "submit/": ("get", "view"),
    "submit/confirm/": ("get", "submit"),
    "submit/progress/": ("get", "view"),
    "submit": ("post", "submit"),
    "retrieve/": ("get", "view"),
    "retrieve": ("post", "retrieve"),
    "attempts/{attempt}/": ("get", "view"),
}


@pytest.mark.parametrize("path", ACTS)
def test_who_may(path: str) -> None:
    world, other = a_billed_club(), a_world(name="Other")
    collected(signed_in(world), world)
    run, attempt = BillingRun.objects.get(), Attempt.objects.first()
    assert attempt
    method, act = ACTS[path]
    tail = path.format(run=run.id, attempt=attempt.id).rstrip("/") + "/"
    viewer, stranger = signed_in(world, "viewer"), signed_in(other)
    assert getattr(viewer, method)(at(world, tail)).status_code == (200 if act == "view" else 403)
    assert getattr(stranger, method)(at(world, tail)).status_code == 404
    assert getattr(Client(), method)(at(world, tail)).status_code == 302
    if "{" in path:
        assert getattr(stranger, method)(at(other, tail)).status_code == 404
    if method == "post":
        assert signed_in(world, csrf=True).post(at(world, tail)).status_code == 403
    before = list(Attempt.objects.values("id", "state"))
    signed_in(world, "auditor").get(at(world, tail))  # reading changes nothing (I-66)
    assert list(Attempt.objects.values("id", "state")) == before


def test_finance_sees_the_list_and_an_approver_submits_it() -> None:
    world = a_billed_club()
    assert "An approver submits them." in text_of(signed_in(world, "finance"), world, "submit/")
    assert "submit/confirm/" not in shown(signed_in(world, "finance"), world, "submit/")
    assert "submit/confirm/" in shown(signed_in(world, "approver"), world, "submit/")


def test_an_id_that_is_none_is_refused() -> None:
    world = a_billed_club()
    client = signed_in(world)
    assert client.get(at(world, "review/?run=x")).status_code == 409
    assert client.get(at(world, f"attempts/{UUID(int=1)}/")).status_code == 404
