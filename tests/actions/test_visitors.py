"""A visitor's card at a real processor: a customer of its own, one charge, forgotten afterwards (A-16)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.collecting import billed
from tests.collecting_at_stripe import at_stripe, successes
from tests.stripe_stand_in import StripeStandIn
from tests.world import NOW, STAFF

from paidthru import invariants
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.actions.send_invoice import send_invoice
from paidthru.invoicing.models import PayLink
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.errors import Refused
from paidthru.notices.mailer import Mailer
from paidthru.notices.rules.catalogue import Mail
from paidthru.payments.models import PaymentMethod
from paidthru.people.models import Party
from paidthru.runs.mail import send_mail
from paidthru.runs.methods import setup_of
from paidthru.runs.paying import UNUSED, begin_visit, forget_unused, given, pay_as_visitor
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    with StripeStandIn(start=NOW) as desk:
        yield desk


def test_a_visitor_pays_at_stripe_and_leaves_nothing(stripe: StripeStandIn) -> None:
    found = at_stripe(stripe, "Ann")
    desk, invoice = found.desk, found.invoice("Ann")
    own = PaymentMethod.objects.get()
    link = make_pay_link(found.world.organization, invoice.id, actor=STAFF, now=desk.clock.now())
    begun = begin_visit(desk, link, return_url="https://club.example/{setup}/")
    setup = setup_of(desk, begun.ref)
    assert setup is not None and given(desk, link, setup) is None, "nothing is entered yet"
    stripe.complete_session(begun.ref, "pm_card_mastercard")
    method = given(desk, link, setup)
    assert method is not None and method == given(desk, link, setup)
    assert method.state == "once" and method.customer_ref not in ("", own.customer_ref)
    settled = pay_as_visitor(desk, link, method, amount_minor=invoice.balance_minor)
    assert settled is not None and settled.state == "succeeded"
    assert len(successes(stripe)) == 1
    with pytest.raises(Refused, match="paid"):
        pay_as_visitor(desk, link, method, amount_minor=invoice.balance_minor)
    assert stripe.object(method.token)["customer"] is None, "it is forgotten there too"
    own.refresh_from_db()
    assert own.state == "active"
    stripe.check()
    assert invariants.check(found.world.organization.id) == []


def test_what_a_visitor_left_unused_is_forgotten_a_week_later(stripe: StripeStandIn) -> None:
    found = at_stripe(stripe, "Ann")
    desk, invoice = found.desk, found.invoice("Ann")
    link = make_pay_link(found.world.organization, invoice.id, actor=STAFF, now=desk.clock.now())
    begun = begin_visit(desk, link, return_url="https://club.example/{setup}/")
    stripe.complete_session(begun.ref, "pm_card_mastercard")
    setup = setup_of(desk, begun.ref)
    method = given(desk, link, setup) if setup else None
    assert method is not None and forget_unused(desk) == 0, "they may come back to it"
    PaymentMethod.objects.filter(id=method.id).update(
        created_at=method.created_at - UNUSED - timedelta(hours=1)
    )
    assert (forget_unused(desk), forget_unused(desk)) == (1, 0)
    assert stripe.object(method.token)["customer"] is None
    assert Event.objects.filter(verb="visitor_method_dropped", party_id=method.party_id).count() == 1
    assert PaymentMethod.objects.get(state="active").id != method.id, "what is on file stays"
    method.refresh_from_db()
    with pytest.raises(Refused, match="can't be used here any more"):
        pay_as_visitor(desk, link, method, amount_minor=invoice.balance_minor)


class Postman(Mailer):
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail, *, sender: str) -> None:
        self.sent.append(mail)


def test_the_mail_has_the_invoice_s_own_link_and_nothing_that_is_paid_is_asked_for() -> None:
    """A-15, A-16: sent twice it is the same link; what was paid before the mail could leave is not asked for."""
    found, postman = billed("Ann", "Bea"), Postman()
    desk = replace(found.desk, mailer=postman, public_url="https://pay.example.org")
    Party.objects.update(email="somebody@example.org")
    for key in ("one", "two", "two"):
        send_invoice(found.world.organization, found.invoice("Ann").id, actor=STAFF, now=NOW, key=key)
    send_invoice(found.world.organization, found.invoice("Bea").id, actor=STAFF, now=NOW, key="bea")
    found.collect()
    send_mail(desk)
    assert [mail.subject for mail in postman.sent if "Invoice" in mail.subject] == []
    second = billed("Cyd", name="Oak Club")
    Party.objects.update(email="somebody@example.org")
    desk = replace(second.desk, mailer=postman, public_url="https://pay.example.org")
    for key in ("one", "two"):
        send_invoice(second.world.organization, second.invoice("Cyd").id, actor=STAFF, now=NOW, key=key)
    send_mail(desk)
    texts = [mail.text for mail in postman.sent if "Invoice" in mail.subject]
    url = f"https://pay.example.org/pay/{pay_token(PayLink.objects.get().id)}/"
    assert len(texts) == 2 and all(url in text and "100.00" in text for text in texts)
