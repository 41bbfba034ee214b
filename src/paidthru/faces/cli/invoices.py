"""`paidthru invoice`: list, read, write, send, credit, void and write off invoices, and write them as PDF."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.documents import pdf
from paidthru.faces.cli.shell import (
    As,
    AsJson,
    Org,
    day,
    desk,
    member,
    pairs,
    price,
    say,
    say_json,
    somebody,
    table,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.invoicing.models import Invoice
    from paidthru.invoicing.rules.writing import WrittenLine
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)
app.command()(pdf)

Which = Annotated[str, typer.Argument(help="The invoice's number; of a draft, what the list calls it.")]
Because = Annotated[str, typer.Option("--because", help="The reason, for the record.")]


@app.command("list")
def list_(
    who: Annotated[str, typer.Option("--of", help="Only this payer's.")] = "",
    state: Annotated[
        str, typer.Option(help="Only these: draft, open, overdue, paid, closed, void, uncollectible.")
    ] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """List the latest invoices, drafts first."""
    from paidthru.invoicing.models import Invoice
    from paidthru.invoicing.rules.states import shown_state

    at = desk(slug)
    found = Invoice.objects.filter(organization=at.organization).exclude(state="void", number=None)
    if who:
        found = found.filter(party=member(at, who))
    rows = []
    for one in found.select_related("party").order_by("-number", "-id")[:500]:
        shown = shown_state(one.state, one.due_on, one.balance_minor, at.today)
        if state and state not in (shown, "open" if shown in ("sent", "overdue") else shown):
            continue
        rows.append(
            {"invoice": _called(one), "payer": one.party.name, "state": shown, "billed": one.bill_on,
             "due": one.due_on, "total": plain(one.total_minor, one.currency),
             "open": plain(one.balance_minor, one.currency), "currency": one.currency}
        )  # fmt: skip
    if as_json:
        say_json({"invoices": rows})
        return
    heads = ["Invoice", "For", "State", "Billed", "Due", "Total", "Open", ""]
    table(heads, [list(row.values()) for row in rows[:100]], right=["Invoice", "Total", "Open"])


@app.command()
def show(which: Which, slug: Org = "", as_json: AsJson = False) -> None:
    """Show an invoice with its lines, its tax and what is open."""
    from paidthru.invoicing.queries import billed_lines, credit_notes_of, lines_of
    from paidthru.invoicing.rules.states import shown_state
    from paidthru.invoicing.rules.writing import restored

    at = desk(slug)
    one = _invoice(at, which)
    cur = one.currency
    if one.state == "draft":
        lines = [
            {"line": place, "for": each.description, "amount": plain(each.amount_minor, cur), "tax": each.tax,
             "open": ""}
            for place, each in enumerate(restored(one.written or ()), start=1)
        ]  # fmt: skip
    else:
        lines = [
            {"line": place, "for": each.line.description, "amount": plain(each.line.amount_minor, cur),
             "tax": plain(each.tax_minor, cur) if each.tax else "", "open": plain(each.open_minor, cur)}
            for place, each in enumerate(billed_lines(lines_of(one.id)), start=1)
        ]  # fmt: skip
    notes = [
        {"credit_note": note.number, "on": note.issued_on, "amount": plain(note.amount_minor, cur),
         "reason": note.reason}
        for note in credit_notes_of(one.id)
    ]  # fmt: skip
    shown = shown_state(one.state, one.due_on, one.balance_minor, at.today)
    if as_json:
        say_json({"invoice": _called(one), "payer": one.party.name, "state": shown, "billed": one.bill_on,
                  "due": one.due_on, "total": plain(one.total_minor, cur), "open": plain(one.balance_minor, cur),
                  "currency": cur, "lines": lines, "credit_notes": notes})  # fmt: skip
        return
    say(f"Invoice {_called(one)} for {one.party.name}: {shown}, billed {one.bill_on}, due {one.due_on}.")
    heads = ["Line", "For", "Amount", "Tax", "Open"]
    table(heads, [list(line.values()) for line in lines], right=["Line", "Amount", "Tax", "Open"])
    say(f"{plain(one.total_minor, cur)} {cur} in all, {plain(one.balance_minor, cur)} open.")
    for note in notes:
        say(f"Credit note {note['credit_note']} of {note['on']}: {note['amount']} {cur}. {note['reason']}")


@app.command()
def new(
    lines: Annotated[
        list[str],
        typer.Option(
            "--line",
            help="DESCRIPTION | AMOUNT | QUANTITY | TAX | FUND; what follows the amount may be left out.",
        ),
    ],
    who: Annotated[str, typer.Option("--for", help="A member; or a name, with --email.")],
    email: Annotated[str, typer.Option(help="Of somebody who is typed in.")] = "",
    due: Annotated[str, typer.Option(help="By when; today without.", metavar="DATE")] = "",
    currency: Annotated[str, typer.Option(help="Another than the organization's.")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Keep it, and send it later.")] = False,
    as_: As = "",
    slug: Org = "",
) -> None:
    """Write an invoice and mail it, or keep it as a draft."""
    from paidthru.actions.write_invoice import Payer
    from paidthru.runs.invoices import bill

    at = desk(slug)
    of = currency or at.organization.currency
    payer = Payer(None, who, email) if email else Payer(member(at, who).id)
    invoice = bill(
        at, payer, [_line(text, of, row) for row, text in enumerate(lines, start=1)],
        actor=somebody(at, as_, "charge"), currency=of, due_on=day(due, "due") if due else None, as_draft=draft,
    )  # fmt: skip
    said = f"{plain(invoice.total_minor, of)} {of}"
    say(
        f"Draft {_called(invoice)} over {said} is kept."
        if draft
        else f"Invoice {invoice.label} over {said} is issued."
    )


@app.command()
def send(which: Which, as_: As = "", slug: Org = "") -> None:
    """Issue a draft and mail it; of an invoice that is sent, mail the same document again."""
    from paidthru.runs.invoices import send as send_now

    at = desk(slug)
    sent = send_now(at, _invoice(at, which).id, actor=somebody(at, as_, "charge"))
    to = f" and mailed to {sent.party.email}" if sent.party.email else "; its payer has no address"
    say(f"Invoice {sent.number} is issued{to}.")


@app.command()
def resend(which: Which, as_: As = "", slug: Org = "") -> None:
    """Mail an invoice again: the same document, with the same link."""
    from paidthru.actions.send_invoice import send_invoice

    at = desk(slug)
    one = _invoice(at, which)
    send_invoice(at.organization, one.id, actor=somebody(at, as_, "charge"), now=at.clock.now())
    say(f"Invoice {_called(one)} is mailed to {one.party.email}.")


@app.command()
def discard(which: Which, because: Because = "", as_: As = "", slug: Org = "") -> None:
    """Discard a draft; it never had a number."""
    from paidthru.actions.discard_draft import discard_draft

    at = desk(slug)
    one = _invoice(at, which)
    discard_draft(
        at.organization, one.id, actor=somebody(at, as_, "charge"), now=at.clock.now(), reason=because
    )
    say("The draft is discarded.")


@app.command()
def credit(
    which: Which,
    amount: Annotated[str, typer.Option(help="How much of it; all that is open without.")] = "",
    line: Annotated[
        list[str] | None,
        typer.Option("--line", help="NUMBER=AMOUNT of a line, its tax with it; may be repeated."),
    ] = None,
    because: Because = "",
    as_: As = "",
    slug: Org = "",
) -> None:
    """Issue a credit note over what is open of an invoice: all, a part, or so much of each line."""
    from paidthru.actions.credit_invoice import credit_invoice
    from paidthru.invoicing.queries import billed_lines, lines_of

    at = desk(slug)
    one = _invoice(at, which)
    if line and amount:
        raise Refused(
            "options_conflict",
            "An amount of the whole invoice and amounts of lines say two things.",
            field="amount",
            fix="Give --amount or --line.",
        )
    by_line = None
    if line:
        known = {
            str(place): each.line.id for place, each in enumerate(billed_lines(lines_of(one.id)), start=1)
        }
        by_line = {}
        for place, text in pairs(line, "--line").items():
            if place not in known:
                raise Refused(
                    "line_unknown",
                    f"Invoice {_called(one)} has no line {place}.",
                    field="line",
                    value=place,
                    fix=f"`paidthru invoice show {_called(one)}` numbers them.",
                )
            by_line[known[place]] = price(text, one.currency, "amount")
    note = credit_invoice(
        at.organization, one.id, amount_minor=price(amount, one.currency, "amount") if amount else None,
        lines=by_line, reason=because, actor=somebody(at, as_, "credit"), now=at.clock.now(),
    )  # fmt: skip
    say(
        f"Credit note {note.number} over {plain(note.amount_minor, note.currency)} {note.currency} is issued."
    )


@app.command()
def void(which: Which, because: Because = "", as_: As = "", slug: Org = "") -> None:
    """Void an invoice that should not have been; it keeps its number."""
    from paidthru.runs.charges import void as void_now

    at = desk(slug)
    one = _invoice(at, which)
    void_now(at, one.id, reason=because, actor=somebody(at, as_, "credit"))
    say(f"Invoice {_called(one)} is void.")


@app.command("write-off")
def write_off(
    which: Which,
    amount: Annotated[str, typer.Option(help="How much of it; all that is open without.")] = "",
    because: Because = "",
    as_: As = "",
    slug: Org = "",
) -> None:
    """Give up what is open of an invoice; it is booked as bad debt."""
    from paidthru.actions.write_off import write_off as act

    at = desk(slug)
    one = _invoice(at, which)
    act(
        at.organization, one.id, amount_minor=price(amount, one.currency, "amount") if amount else None,
        reason=because, actor=somebody(at, as_, "credit"), now=at.clock.now(),
    )  # fmt: skip
    say(f"Invoice {_called(one)} is written off{' in part' if amount else ''}.")


def _called(one: "Invoice") -> str:
    """An invoice's number; a draft has none yet, and is called by the end of its id."""
    return one.label if one.number is not None else f"draft-{one.id.hex[-8:]}"


def _invoice(at: "Desk", text: str) -> "Invoice":
    from paidthru.invoicing.models import Invoice
    from paidthru.invoicing.queries import invoice_called

    mine = Invoice.objects.filter(organization=at.organization).select_related("party")
    text = text.strip().removeprefix("#")
    found = None
    if called := invoice_called(at.organization.id, text):
        found = mine.get(id=called.id)
    elif text.startswith("draft-"):
        drafts = mine.filter(number=None, state="draft")
        found = next((one for one in drafts if _called(one) == text), None)
    if found is None:
        raise Refused(
            "invoice_unknown",
            f"There is no invoice {text}.",
            field="invoice",
            value=text,
            fix="`paidthru invoice list` shows them.",
        )
    return found


def _line(text: str, currency: str, row: int) -> "WrittenLine":
    from paidthru.invoicing.rules.writing import WrittenLine

    parts = [part.strip() for part in text.split("|")]
    if not 2 <= len(parts) <= 5:
        raise Refused(
            "line_unreadable",
            f"“{text}” is no line of an invoice.",
            field="line",
            row=row,
            value=text,
            fix='Write it as "DESCRIPTION | AMOUNT | QUANTITY | TAX | FUND", such as "Hall | 100.00 | 3 | VAT".',
        )
    description, unit, quantity, tax, fund = parts + [""] * (5 - len(parts))
    digits = quantity.removeprefix("-")
    readable = not digits or (digits.isascii() and digits.isdigit() and len(digits) < 19)
    if not readable or quantity == "-":
        raise Refused(
            "quantity_invalid",
            f"“{quantity}” is no quantity.",
            field="quantity",
            row=row,
            value=quantity,
            fix="Enter how many, a whole number.",
        )
    return WrittenLine(description, int(quantity or 1), price(unit, currency, "amount"), tax, fund=fund)
