"""Documents of an invoice: those that asked for the same one after the other, closed ones and the live one (X4, A2-16),
and their PDFs."""

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import invoice_url
from paidthru.faces.console.badges import invoice_badge
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Action, Column, Row, Table
from paidthru.invoicing.models import Invoice, Line
from paidthru.invoicing.queries import asked_on
from paidthru.invoicing.rules.states import CLOSED_BECAUSE
from paidthru.kernel.money import Money


def documents_section(visit: Visit, found: Invoice, lines: list[Line]) -> tuple[Section, ...]:
    """All invoices that ask for anything that this one asks for, or did, with why they are closed; nothing where it is
    the only one."""
    asked = asked_on([line.receivable_id for line in lines])
    documents = sorted(
        {one.id: one for each in asked.values() for one in each}.values(), key=lambda one: one.number or 0
    )
    if len(documents) < 2:
        return ()
    columns = (
        Column("number", "Invoice", "code"),
        Column("on", "Billed on", "date"),
        Column("state", "State", "badge"),
        Column("why", "Why", "prose"),
        Column("total", "Total", "money"),
    )
    rows = tuple(
        Row(
            (
                one.label,
                one.bill_on,
                invoice_badge(one, visit.desk.today),
                "This one" if one.id == found.id and not one.closed_because else _why(one),
                Money(one.total_minor, one.currency),
            ),
            invoice_url(visit, one.id),
        )
        for one in documents
    )
    return (Section("documents", "Documents of the same", Table(columns, rows, "Documents of the same")),)


def _why(one: Invoice) -> str:
    said = CLOSED_BECAUSE.get(one.closed_because, "")
    return f"{said} The next one is still to come." if one.awaits_reissue else said


def pdf_actions(visit: Visit, found: Invoice) -> tuple[Action, ...]:
    """The invoice as PDF; while something of a membership's is open, its renewal notice too."""
    here = invoice_url(visit, found.id)
    if found.number is None and found.state != "draft":
        return ()
    notice = (Action("Renewal notice (PDF)", f"{here}notice/pdf/"),)
    renews = found.kind == "membership" and found.state == "sent" and found.balance_minor > 0
    return (Action("PDF", f"{here}pdf/"), *(notice if renews else ()))
