"""Attempts in the console: the processor's trace, the red queue, what a person settles, and giving one up.

I-37, I-48, I-52, I-57, I-66, I-68; field-notes E.3.
"""

import pytest
from django.test import Client
from tests.actions.test_reviews import in_review, separate
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, filled, hidden, kim, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import NOW, a_world

from paidthru.actions.submit import failed_page
from paidthru.invoicing.models import Invoice
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import Attempt, Payment, PaymentIntent, Review
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def attempt_at(found: Collection, act: str = "") -> str:
    return at(found.world, f"renewals/attempts/{found.attempt('Ann').id}/{act}")


# ---------------------------------------------------------------- live


def test_live_asks_the_processor_and_changes_nothing() -> None:
    found = billed("Ann")
    found.collect()
    client = signed_in(found.world, "viewer")
    before = (Event.objects.count(), list(Attempt.objects.values_list("state", "looks")))
    assert "Asking the processor" in text(client, attempt_at(found))
    whole = text(client, attempt_at(found, "live/"))
    assert "Money taken" in whole and "this attempt" in whole
    part = client.get(attempt_at(found, "live/"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "Money taken" in words(part)
    assert (Event.objects.count(), list(Attempt.objects.values_list("state", "looks"))) == before
    payment = found.payments("Ann")[0]
    assert (
        f"{found.attempt('Ann').id}/#live"
        in client.get(at(found.world, f"payments/{payment.id}/")).content.decode()
    )


def test_a_retrieved_payment_is_searched_for_and_followed_to_the_processor() -> None:
    """I-68: by the member's name; what the processor knows of it is one step away."""
    found = billed("Ann", "Bob")
    found.behave("Ann", "silent_but_charges")
    found.collect()
    client = signed_in(found.world, "viewer")
    assert found.payments("Ann") == []
    found.answer("Ann", "succeeded")
    assert "Ann" in text(client, at(found.world, "payments/?q=ANN"))
    assert "Bob" not in text(client, at(found.world, "payments/?q=ANN"))
    payment = found.payments("Ann")[0]
    page = client.get(at(found.world, f"payments/{payment.id}/")).content.decode()
    assert f"{found.attempt('Ann').id}/#live" in page
    assert "Money taken" in text(client, attempt_at(found, "live/"))


def test_live_says_when_the_processor_can_t_be_asked() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent")
    found.collect()
    client = signed_in(found.world, "viewer")
    assert "The processor can’t be reached just now" in text(client, attempt_at(found, "live/"))
    PaymentIntent.objects.update(gateway="stripe")
    assert "This went through “stripe”, and “sandbox” is connected now." in text(
        client, attempt_at(found, "live/")
    )


def test_live_says_when_the_processor_has_not_heard_of_it() -> None:
    found = billed("Ann")
    found.submit()
    assert "has not heard of it yet" in text(signed_in(found.world), attempt_at(found, "live/"))


def test_the_red_queue_stands_on_the_first_page_and_as_a_filter() -> None:
    found = billed("Ann", "Bob", "Cid", "Dee")
    found.behave("Ann", "decline", "a_code_nobody_knows")
    found.behave("Bob", "silent")
    found.behave("Cid", "silent")
    found.collect()
    Invoice.objects.filter(party_id=found.party("Cid")).update(state="void", balance_minor=0)
    found.answer("Cid", "succeeded")
    found.behave("Bob", "silent")
    found.world.organization.sandbox_now = NOW.replace(day=8)
    found.world.organization.save()
    client = signed_in(found.world, "viewer")
    home = text(client, at(found.world))
    for said in (
        "To look at first 3",
        "Unknown 1",
        "Failed to Settle 1",
        "Failed to reconcile – timed out 1",
    ):
        assert said in home, said
    red = text(client, at(found.world, "renewals/retrieve/?show=red"))
    assert "3 payments" in red
    for name in ("Ann", "Bob", "Cid"):
        assert name in red
    assert "Dee" not in red
    assert "Failed to Settle" in text(client, at(found.world, "payments/?status=failed_to_settle"))


def test_a_first_page_with_nothing_to_do_says_so() -> None:
    world = a_world()
    assert "Nothing waits for you." in text(signed_in(world), at(world))


def test_a_try_that_failed_for_good_says_why_and_what_helps() -> None:
    """I-44: on its own page as on the failed list; on the page of a later try only."""
    found = billed("Ann")
    found.behave("Ann", "decline", "stolen_card")
    found.collect()
    client = signed_in(found.world, "finance")
    shown = text(client, attempt_at(found))
    assert "may be submitted again" not in shown
    assert "Allow another attempt" in shown
    assert "Send the member a link" in shown
    failed = text(client, at(found.world, "renewals/failed/"))
    one = failed_page(found.world.organization, now=found.desk.clock.now())[0][0]
    assert one.why in failed
    assert one.why in shown
    assert "Allow another attempt" not in text(signed_in(found.world, "viewer"), attempt_at(found))


# ---------------------------------------------------------------- settled with evidence


def test_one_proposes_with_evidence_and_another_approves() -> None:
    found, _ = in_review(charged=True)
    separate(found)
    pat, other = signed_in(found.world), kim(found.world)
    assert "Ann" in text(pat, at(found.world, "renewals/needs-review/"))
    assert "A person has to find out what became of it" in text(pat, attempt_at(found))
    path = attempt_at(found, "propose/")
    assert "Say how you know what became of it." in words(filled(pat, path, 422, outcome="succeeded"))
    assert "Choose what became of it." in words(filled(pat, path, 422, evidence="Seen"))
    for bad in ("The card 4242 4242 4242 4242 was charged", "x" * 501):
        assert "Evidence" in words(filled(pat, path, 422, outcome="succeeded", evidence=bad))
    assert not Review.objects.exists()
    form = hidden(pat.get(path).content.decode()) | {
        "outcome": "succeeded",
        "evidence": "On the statement of May 5",
    }
    pat.post(path, form)
    said = words(pat.post(path, form, follow=True).content)  # a double click
    assert Review.objects.count() == 1
    assert "Your proposal is written down. Somebody else has to approve it." in said
    assert "approve/" not in pat.get(attempt_at(found)).content.decode()
    assert "You proposed this outcome yourself." in words(
        pat.post(attempt_at(found, "approve/"), {"review": Review.objects.get().id}, follow=True).content
    )
    assert "Proposals to be approved 1" in text(other, at(found.world))
    page = other.get(attempt_at(found, "approve/")).content.decode()
    assert "Takes $100.00 into the books as a payment of Ann." in words(page)
    assert "It is settled as was proposed." in confirmed(other, attempt_at(found, "approve/"), page)
    assert "Nothing is left to decide here." in confirmed(other, attempt_at(found, "approve/"), page)
    assert Payment.objects.count() == 1
    assert "Approved by Kim Approver" in text(pat, attempt_at(found))
    found.check()


def test_evidence_can_t_contradict_the_processor_and_a_proposal_is_withdrawn() -> None:
    found, _ = in_review(charged=True)
    client = signed_in(found.world)
    path = attempt_at(found, "propose/")
    form = hidden(client.get(path).content.decode()) | {"outcome": "declined", "evidence": "Nothing came"}
    client.post(path, form)
    page = client.get(attempt_at(found, "approve/")).content.decode()
    assert "says of it: succeeded" in confirmed(client, attempt_at(found, "approve/"), page)
    review = Review.objects.get()
    gone = {"review": review.id}
    assert "withdrawn" in words(client.post(attempt_at(found, "withdraw/"), gone, follow=True).content)
    assert "Nothing is left to decide" in words(
        client.post(attempt_at(found, "withdraw/"), gone, follow=True).content
    )
    for nonsense in ("", "x", found.attempt("Ann").id):
        assert client.post(attempt_at(found, "approve/"), {"review": nonsense}).status_code == 404
    assert found.states("Ann") == ["needs_review"]


# ---------------------------------------------------------------- given up


def test_an_attempt_is_given_up_at_the_processor_first() -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    client, path = signed_in(found.world, "finance"), attempt_at(found, "give-up/")
    assert "Get the link to confirm it" in text(client, attempt_at(found))
    assert "Say why in a sentence." in words(filled(client, path, 422))
    form = hidden(client.get(path).content.decode()) | {"why": "Pays by check"}
    for _ in range(2):
        said = words(client.post(path, form, follow=True).content)
        assert "canceled for good" in said or "Not Settled" in said
    assert found.states("Ann") == ["canceled"]
    assert found.listed() == {"Ann": ""}
    assert client.get(path).status_code == 302, "nothing is left to give up"
    found.check()


def test_money_that_was_taken_is_settled_instead_of_given_up() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent_but_charges")
    found.collect()
    found.behave("Ann", "accept")
    client, path = signed_in(found.world), attempt_at(found, "give-up/")
    form = hidden(client.get(path).content.decode()) | {"why": "No answer"}
    said = words(client.post(path, form, follow=True).content)
    assert "Settled" in said
    assert Payment.objects.count() == 1
    found.check()


ACTS = {
    "": "view",
    "live/": "view",
    "propose/": "resolve",
    "approve/": "approve",
    "withdraw/": "resolve",
    "give-up/": "resolve",
}


@pytest.mark.parametrize("act", ACTS)
def test_who_may(act: str) -> None:
    found, _ = in_review(charged=False)
    other = a_world(name="Other")
    path = attempt_at(found, act)
    for role in ROLES:
        client, allowed = signed_in(found.world, role), ACTS[act] in MAY[role]
        assert (client.get(path).status_code != 403) == allowed, role
        if not allowed:
            assert client.post(path, {"why": "x"}).status_code == 403, role
    stranger = signed_in(other)
    for method in ("get", "post"):
        assert getattr(stranger, method)(path).status_code == 404
        elsewhere = path.replace(f"/{found.world.organization.slug}/", f"/{other.organization.slug}/")
        assert getattr(stranger, method)(elsewhere).status_code == 404
        assert getattr(Client(), method)(path).status_code == 302
    if ACTS[act] != "view":
        assert signed_in(found.world, csrf=True).post(path).status_code == 403
    assert (found.states("Ann"), Review.objects.count()) == (["needs_review"], 0)
