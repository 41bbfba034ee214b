"""The outbox: a mail is written with the money it tells of, sent once, and never holds money up (B-68)."""

from dataclasses import replace

import pytest
from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.record_payment import record_payment
from paidthru.actions.retry_mail import retry_mail, trust_address
from paidthru.actions.send_invoice import send_invoice
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.documents.rules.electronic import ElectronicInvoice
from paidthru.documents.rules.sheets import Sheet
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.notices.mailer import MailRefused, MailUnsent
from paidthru.notices.models import RefusedAddress
from paidthru.notices.rules.catalogue import Mail
from paidthru.payments.models import MemberLink
from paidthru.people.models import Party
from paidthru.runs.mail import ENOUGH, TRIES, send_mail
from paidthru.runs.mail_papers import MOST
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)


class Postman:
    """Carries mail, or doesn't."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.trouble: Exception | None = None

    def send(self, mail: Mail, *, sender: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.sent.append(mail)


def _with(postman: Postman, found: Collection) -> Collection:
    desk = replace(found.world.desk, mailer=postman, public_url="https://pay.example.org")
    found.world.desk = desk
    for name in found.members:
        Party.objects.filter(id=found.party(name)).update(email=f"{name.lower()}@example.org")
    return found


def test_a_receipt_is_written_once_and_sent_once() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann"))
    found.collect()
    assert send_mail(found.desk) == 1
    assert send_mail(found.desk) == 0
    assert [(mail.to, mail.subject) for mail in postman.sent] == [("ann@example.org", "Receipt: 100.00 USD")]


def test_a_decline_brings_a_link_whose_token_is_kept_nowhere() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann", dunning__on_failure="mail"))
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    send_mail(found.desk)
    (mail,) = postman.sent
    token = mail.text.split("https://pay.example.org/m/")[1].split("/")[0]
    link = MemberLink.objects.get(party_id=found.party("Ann"))
    assert link.purpose == "method"
    assert token not in link.token_hash
    assert token not in str(list(Message.objects.values_list("facts", flat=True)))


def test_what_is_not_taken_is_tried_again_and_given_up_in_the_end() -> None:
    postman = Postman()
    postman.trouble = MailUnsent("nobody answers")
    found = _with(postman, billed("Ann"))
    found.collect()
    for _ in range(TRIES):
        send_mail(found.desk)
        found.move(days=1)
    message = Message.objects.get(party_id=found.party("Ann"))
    assert (message.state, message.tries) == ("failed", TRIES)
    assert len(found.payments("Ann")) == 1
    found.check()


def test_an_address_that_is_refused_or_missing_is_not_tried_again() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann", "Bob"))
    Party.objects.filter(id=found.party("Bob")).update(email="")
    postman.trouble = MailRefused("no such box")
    found.collect()
    send_mail(found.desk)
    states = dict(Message.objects.values_list("party_id", "state"))
    assert states == {found.party("Ann"): "failed", found.party("Bob"): "dropped"}


def test_of_a_failed_payment_nothing_leaves_once_it_is_paid() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann", dunning__on_failure="mail"))
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    record_payment(
        found.world.organization,
        found.party("Ann"),
        amount_minor=10_000,
        currency="USD",
        means="check",
        actor=STAFF,
        now=found.desk.clock.now(),
    )
    send_mail(found.desk)
    assert [mail.subject for mail in postman.sent] == ["Receipt: 100.00 USD"]
    assert Message.objects.get(kind="payment_failed").state == "dropped"


def test_an_address_that_was_refused_is_marked_until_somebody_says_that_it_works() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann"))
    postman.trouble = MailRefused("The server refuses this address (550).")
    found.collect()
    send_mail(found.desk)
    organization, ann, now = found.world.organization, found.party("Ann"), found.desk.clock.now()
    assert RefusedAddress.objects.get().email == "ann@example.org"
    assert (
        Event.objects.get(party_id=ann, verb="mail_refused").why == "The server refuses this address (550)."
    )
    postman.trouble = None
    receipt = Message.objects.get(party_id=ann)
    retry_mail(organization, receipt.id, actor=STAFF, now=now)
    send_mail(found.desk)
    receipt.refresh_from_db()
    assert (receipt.state, "was refused on" in receipt.last_error, postman.sent) == ("dropped", True, [])
    assert trust_address(organization, "Ann@example.org ", actor=STAFF, now=now) == 1
    assert trust_address(organization, "ann@example.org", actor=STAFF, now=now) == 0
    retry_mail(organization, receipt.id, actor=STAFF, now=now)
    assert send_mail(found.desk) == 1
    receipt.refresh_from_db()
    assert (receipt.state, receipt.sent_to, receipt.last_error) == ("sent", "ann@example.org", "")
    with pytest.raises(Refused, match="has not failed"):
        retry_mail(organization, receipt.id, actor=STAFF, now=now)


def test_a_mail_that_is_refused_for_itself_leaves_the_address_alone() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann"))
    postman.trouble = MailRefused("The server refuses this mail (554).", address=False)
    found.collect()
    send_mail(found.desk)
    assert Message.objects.get().state == "failed"
    assert not RefusedAddress.objects.exists()


def test_where_no_mail_is_taken_the_rest_is_not_tried_at_once() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann", "Bob", "Cat", "Dan", "Eve"))
    postman.trouble = MailUnsent("nobody answers")
    found.collect()
    send_mail(found.desk)
    assert Message.objects.filter(tries=1).count() == ENOUGH
    assert Message.objects.filter(tries=0, state="waiting").count() == 5 - ENOUGH


def test_no_mail_leaves_a_sandbox() -> None:
    found = billed("Ann")
    found.collect()
    assert send_mail(found.desk) == 0
    assert Message.objects.get(party_id=found.party("Ann")).state == "kept"


class Paper:
    """Draws so many bytes of any document, or can't."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.titles: list[str] = []

    def pdf(self, sheet: Sheet, *, electronic: ElectronicInvoice | None = None) -> bytes:
        if not self.size:
            raise Refused("document_undrawable", "The logo is broken.")
        self.titles.append(sheet.frame.heading)
        return b"x" * self.size


def test_each_is_written_to_in_their_own_language_or_the_organizations() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann", "Bob", "Cat"))
    found.world.organization.locale = "de_CH"
    found.world.organization.save()
    Party.objects.filter(id=found.party("Ann")).update(language="fr")
    Party.objects.filter(id=found.party("Bob")).update(language="en")
    found.collect()
    send_mail(found.desk)
    told = {mail.to.partition("@")[0]: mail for mail in postman.sent}
    assert told["ann"].subject == "Reçu : 100,00 USD"  # as French is written in Switzerland
    assert told["bob"].subject == "Receipt: 100.00 USD"
    assert told["cat"].subject == "Zahlung erhalten: 100.00 USD"
    assert '<html lang="fr">' in told["ann"].html


@pytest.mark.parametrize(
    ("attach", "drawn", "attached"),
    [
        ("both", 10, ["invoice-1.pdf", "receipt-1.pdf"]),
        ("receipt", 10, ["receipt-1.pdf"]),
        ("invoice", 10, ["invoice-1.pdf"]),
        ("none", 10, []),
        ("both", 0, []),
        ("both", MOST + 1, []),
    ],
)
def test_documents_go_with_their_mails_and_never_hold_them_up(
    attach: str, drawn: int, attached: list[str]
) -> None:
    postman, paper = Postman(), Paper(drawn)
    found = _with(postman, billed("Ann", mail__attach=attach))
    found.world.desk = replace(found.world.desk, printer=lambda: paper)
    found.collect()
    organization, now = found.world.organization, found.desk.clock.now()
    payer = Payer(found.party("Ann"))
    invoice = write_invoice(organization, payer, [WrittenLine("Locker", 1, 30_00)], actor=STAFF, now=now)
    send_invoice(organization, invoice.id, actor=STAFF, now=now)
    assert send_mail(found.desk) == 2
    names = {name.file_name for mail in postman.sent for name in mail.attachments}
    assert {name.partition("-")[0] for name in names} == {name.partition("-")[0] for name in attached}
    said = list(Message.objects.exclude(last_error="").values_list("last_error", flat=True))
    assert len(said) == (2 if drawn != 10 else 0)
    assert all(one.startswith("Sent without its PDF") for one in said)
    kept = Message.objects.filter(organization=organization, facts__has_key="attached")
    assert kept.count() == len(attached)
    found.check()


def test_of_a_cancellation_that_was_undone_no_mail_leaves() -> None:
    postman = Postman()
    found = _with(postman, billed("Ann"))
    found.collect()
    send_mail(found.desk)
    organization, ann, now = found.world.organization, found.membership("Ann"), found.desk.clock.now()
    cancel_membership(organization, ann.id, actor=STAFF, now=now)
    undo_cancellation(organization, ann.id, actor=STAFF, now=now)
    assert send_mail(found.desk) == 0
    dropped = Message.objects.get(kind="canceled")
    assert (dropped.state, dropped.last_error) == (
        "dropped",
        "The cancellation was undone before this mail could leave.",
    )
    found.move(days=1)
    cancel_membership(organization, ann.id, actor=STAFF, now=found.desk.clock.now())
    assert send_mail(found.desk) == 1
