"""The steps of invoices that are paid by their links."""

from collections.abc import Callable
from typing import Any, Literal

from paidthru.actions.make_pay_link import make_pay_link
from paidthru.invoicing.models import PayLink
from paidthru.runs.desk import Desk
from paidthru.runs.methods import setup_of
from paidthru.runs.paying import begin_visit, given, pay_as_visitor, standing_of
from paidthru.wiring import sandbox_setup

from .forms import Step
from .step_forms import VisitorPaysInvoice
from .telling import STAFF, Telling


def _visitor_pays(telling: Telling, step: VisitorPaysInvoice) -> None:
    """The whole way: the link, the processor's page, and what is read and confirmed there."""
    desk, invoice = telling.desk, telling.invoice(step.invoice)
    link = make_pay_link(telling.organization, invoice.id, actor=STAFF, now=desk.clock.now())
    kind: Literal["card", "bank"] = "bank" if step.method == "bank account" else "card"
    pay_with_a_new_one(desk, link, kind, standing_of(invoice).open_minor)


def pay_with_a_new_one(desk: Desk, link: PayLink, kind: Literal["card", "bank"], amount_minor: int) -> None:
    """A visitor gives a card or account on the processor's page and pays the amount (minor units) with it."""
    begun = begin_visit(desk, link, return_url="/{setup}")
    page, setup = sandbox_setup(begun.ref), setup_of(desk, begun.ref)
    assert page is not None and setup is not None  # it was just opened
    page.complete(kind, "ok")
    method = given(desk, link, setup)
    assert method is not None  # it was just entered
    pay_as_visitor(desk, link, method, amount_minor=amount_minor)


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    VisitorPaysInvoice: _visitor_pays,
}
