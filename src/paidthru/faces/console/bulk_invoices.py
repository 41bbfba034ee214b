"""What can be done for many invoices at once: drafts sent, invoices mailed again, voided, written off.

Each act is the one of the invoice's own page, for the roles that may do it there. What is being collected is left: an
answer that is on its way is waited for, or the invoice is seen to on its own page."""

from typing import Any

from django.http import QueryDict

from paidthru.actions.send_invoice import send_invoice
from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting_forms import ActForm, WhyForm
from paidthru.faces.console.addresses import invoice_url
from paidthru.faces.console.badges import invoice_badge
from paidthru.faces.console.bulk_kinds import BulkAct, Foreseen, Kind
from paidthru.faces.console.formats import day_text, instant_text
from paidthru.faces.console.parts import Link
from paidthru.faces.console.views.invoice_acts import term_said
from paidthru.faces.console.views.writing import mailed_said
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import open_on_all
from paidthru.invoicing.rules.writing import restored
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.notices.queries import refused_address
from paidthru.payments.queries import has_open_attempt
from paidthru.runs.charges import give_up, void
from paidthru.runs.invoices import reckon, send


def _refuse_draft(one: Invoice) -> None:
    if one.state == "draft":
        raise Refused("invoice_draft", "It is a draft: nobody owes it yet.")


def _refuse_closed(visit: Visit, one: Invoice) -> None:
    """Refuses what asks for nothing: whether it is paid, void, closed or a draft is said."""
    _refuse_draft(one)
    if one.state != "sent" or one.balance_minor <= 0:
        state = invoice_badge(one, visit.desk.today).label.lower()
        raise Refused("invoice_closed", f"It asks for nothing any more: it is {state}.")


def _refuse_under_way(one: Invoice) -> None:
    if has_open_attempt(one.id):
        raise Refused(
            "payment_in_progress",
            "A payment of it is under way: wait for its answer, or do it on its own page.",
        )


def _issued(visit: Visit, one: Invoice) -> Foreseen:
    if one.state != "draft":
        raise Refused("invoice_not_draft", "It is no draft any more.")
    lines = restored(one.written or ())
    come_to = reckon(visit.desk, one.party, lines, currency=one.currency, on=visit.desk.today)
    return Foreseen(
        "It is owed from today, gets its number, and is not changed any more.",
        mailed_said(one.party.email),
        (Money(come_to.total_minor, one.currency),),
    )


def _mailed(visit: Visit, one: Invoice) -> Foreseen:
    _refuse_closed(visit, one)
    email = one.party.email
    if not email:
        raise Refused("no_email", "There is no e-mail address.")
    if refused_address(visit.organization.id, email) is not None:
        raise Refused("address_refused", f"The mail server refused {email}: nothing is sent there.")
    before = ""
    if one.sent_at is not None:
        organization = visit.organization
        said = instant_text(one.sent_at, organization.zone, organization.locale)
        before = f"It was mailed before, on {said}; this is the same invoice with the same link."
    return Foreseen(f"Mailed to {email}.", before, (Money(one.balance_minor, one.currency),))


def _voided(visit: Visit, one: Invoice) -> Foreseen:
    _refuse_closed(visit, one)
    if one.balance_minor != one.total_minor:
        raise Refused("invoice_part_paid", "It is paid or credited in part, and can’t be void any more.")
    _refuse_under_way(one)
    return Foreseen(
        "It keeps its number and is owed no more; the income of it is taken back.",
        " ".join(term_said(one)),
        (Money(one.total_minor, one.currency),),
    )


def _written_off(visit: Visit, one: Invoice) -> Foreseen:
    _refuse_draft(one)
    if not one.awaits_reissue:  # closed between two tries it is still owed
        _refuse_closed(visit, one)
    open_minor = open_on_all([one.id]).get(one.id, 0)
    if not open_minor:
        raise Refused("invoice_closed", "Nothing of it is open.")
    _refuse_under_way(one)
    return Foreseen(
        "It is owed no more, and not collected any more.",
        "The term that it billed stays unpaid." if one.kind == "membership" else "",
        (Money(open_minor, one.currency),),
    )


def _why(visit: Visit, posted: QueryDict | None, initial: dict[str, Any]) -> ActForm:
    return WhyForm(posted, initial=initial, label="Reason", note="It stands in the timeline of each.")


def _due(visit: Visit, one: Invoice) -> str:
    due = f"due {day_text(one.due_on, visit.organization.locale)}"
    return f"Draft, {due}" if one.state == "draft" else f"Invoice {one.label}, {due}"


INVOICES: Kind[Invoice] = Kind(
    path="invoices/",
    current="invoices",
    needs="send_link",
    filters=("q", "kind", "from", "to", "show"),
    acts={
        "mail": BulkAct(
            "Mail to the payer",
            "mailed",
            "send_link",
            _mailed,
            lambda visit, one, given, key: send_invoice(
                visit.organization, one.id, actor=visit.actor, now=visit.desk.clock.now(), key=key
            ),
            sums="Asked for in all",
            besides="Each is mailed by itself, with a link by which it is paid: who has several gets several mails.",
        ),
        "issue": BulkAct(
            "Send the draft",
            "sent",
            "charge",
            _issued,
            lambda visit, one, given, key: send(visit.desk, one.id, actor=visit.actor, key=key),
            sums="Owed from today",
        ),
        "void": BulkAct(
            "Void",
            "void",
            "credit",
            _voided,
            lambda visit, one, given, key: void(
                visit.desk, one.id, reason=given["why"], actor=visit.actor, key=key
            ),
            sums="Taken back",
            besides="This is for invoices that should never have been. What will not be paid is written off instead.",
            form=_why,
            danger=True,
        ),
        "write_off": BulkAct(
            "Write off",
            "written off",
            "credit",
            _written_off,
            lambda visit, one, given, key: give_up(
                visit.desk, one.id, reason=given["why"], actor=visit.actor, key=key
            ),
            sums="Written off",
            besides="Money that still comes for them is taken, and what it pays is owed again.",
            form=_why,
            danger=True,
        ),
    },
    noun=lambda visit: ("invoice", "invoices"),
    title=lambda visit: "Invoices",
    subject=lambda visit, one: Link(one.party.name, invoice_url(visit, one.id), _due(visit, one)),
    related=("party",),
    order=("bill_on", "id"),
    none_chosen="No invoice is chosen: tick which ones it is about, or all that the list shows.",
)
