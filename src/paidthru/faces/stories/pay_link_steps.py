"""The steps of invoices that are paid by their links."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.make_pay_link import make_pay_link
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
    begun = begin_visit(desk, link, return_url="/{setup}")
    page, setup = sandbox_setup(begun.ref), setup_of(desk, begun.ref)
    assert page is not None and setup is not None  # it was just opened
    page.complete("bank" if step.method == "bank account" else "card", "ok")
    method = given(desk, link, setup)
    assert method is not None  # it was just entered
    pay_as_visitor(desk, link, method, amount_minor=standing_of(invoice).open_minor)


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    VisitorPaysInvoice: _visitor_pays,
}
