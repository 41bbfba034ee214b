"""`paidthru refund`: money of a payment is given back, through the processor or by hand."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import (
    As,
    AsJson,
    Org,
    amount,
    dated,
    day,
    desk,
    price,
    say,
    say_json,
    somebody,
    table,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.payments.models import Payment, Refund
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)

OfPayment = Annotated[int, typer.Argument(metavar="PAYMENT", help="The payment's number.")]
OfRefund = Annotated[int, typer.Argument(metavar="REFUND", help="The refund's number.")]
Why = Annotated[str, typer.Option("--because", help="The reason, for the record.")]


@app.command()
def request(
    number: OfPayment,
    amount_: Annotated[
        str, typer.Option("--amount", help="What is given back; without it, all that is left.")
    ] = "",
    because: Why = "",
    key: Annotated[str, typer.Option(help="The same key again is the same refund.")] = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Give a payment back through the processor that took it; it is sent at once, unless it has to be approved."""
    from paidthru import runs
    from paidthru.actions.request_refund import request_refund

    at = desk(slug)
    payment = _payment(at, number)
    refund = request_refund(
        at.organization,
        payment.id,
        amount_minor=price(amount_, payment.currency, "amount") if amount_ else None,
        reason=because,
        actor=somebody(at, as_, "refund"),
        now=at.clock.now(),
        key=f"cli:{key}" if key else None,
    )
    runs.send_refunds(at)
    _show(at, refund, as_json)


@app.command()
def record(
    number: OfPayment,
    amount_: Annotated[str, typer.Option("--amount", help="What was given back.")],
    by: Annotated[str, typer.Option("--by", help="check, cash, transfer or elsewhere.")],
    given_on: Annotated[str, typer.Option(help="The day; today without it.", metavar="DATE")] = "",
    because: Why = "",
    key: Annotated[str, typer.Option(help="The same key again is the same refund.")] = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Record money that was given back by hand: no processor is asked."""
    from paidthru.actions.record_refund import record_refund

    at = desk(slug)
    payment = _payment(at, number)
    refund = record_refund(
        at.organization,
        payment.id,
        amount_minor=price(amount_, payment.currency, "amount"),
        currency=payment.currency,
        via=by,
        reason=because,
        given_on=day(given_on, "given_on") if given_on else None,
        actor=somebody(at, as_, "refund"),
        now=at.clock.now(),
        key=f"cli:{key}" if key else None,
    )
    _show(at, refund, as_json)


@app.command()
def approve(number: OfRefund, as_: As = "", slug: Org = "", as_json: AsJson = False) -> None:
    """Approve a refund that somebody else asked for; it is sent at once."""
    from paidthru import runs
    from paidthru.actions.approve_refund import approve_refund

    at = desk(slug)
    refund = approve_refund(
        at.organization, _refund(at, number).id, actor=somebody(at, as_, "approve"), now=at.clock.now()
    )
    runs.send_refunds(at)
    _show(at, refund, as_json)


@app.command("turn-down")
def turn_down(
    number: OfRefund, because: Why = "", as_: As = "", slug: Org = "", as_json: AsJson = False
) -> None:
    """Turn down a refund that waits for approval: nothing is given back."""
    from paidthru.actions.approve_refund import turn_down_refund

    at = desk(slug)
    refund = turn_down_refund(
        at.organization,
        _refund(at, number).id,
        why=because,
        actor=somebody(at, as_, "approve"),
        now=at.clock.now(),
    )
    _show(at, refund, as_json)


@app.command()
def withdraw(
    number: OfRefund, because: Why = "", as_: As = "", slug: Org = "", as_json: AsJson = False
) -> None:
    """Call off a refund that was not sent yet, approved or not."""
    from paidthru.actions.approve_refund import withdraw_refund

    at = desk(slug)
    refund = withdraw_refund(
        at.organization,
        _refund(at, number).id,
        why=because,
        actor=somebody(at, as_, "refund"),
        now=at.clock.now(),
    )
    _show(at, refund, as_json)


@app.command("list")
def list_(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for approval.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """List the refunds, the newest first."""
    from paidthru.payments.queries.refunds import refunds_made, refunds_to_approve

    at = desk(slug)
    rows = (
        refunds_to_approve(at.organization.id)
        if waiting
        else refunds_made(at.organization.id).order_by("-id")
    )
    found = [_facts(at, one) for one in rows[:200]]
    if as_json:
        say_json({"refunds": found})
        return
    if not found:
        say("No refund waits for approval." if waiting else "Nothing has been given back yet.")
        return
    table(["Refund", "Payment", "Member", "Amount", "", "By", "State", "Asked for", "By whom"],
          [[one["refund"], one["payment"], one["member"], one["amount"], one["currency"], one["by"], one["state"],
            one["requested"], one["requested_by"]] for one in found],
          right=["Refund", "Payment", "Amount"])  # fmt: skip


def _payment(at: "Desk", number: int) -> "Payment":
    from paidthru.payments.queries import payment_numbered

    found = payment_numbered(at.organization.id, number)
    if found is None:
        raise Refused("payment_unknown", f"There is no payment {number}.", field="payment", value=number,
                      fix="The member's page in the console shows their payments.")  # fmt: skip
    return found


def _refund(at: "Desk", number: int) -> "Refund":
    from paidthru.payments.queries.refunds import refund_numbered

    found = refund_numbered(at.organization.id, number)
    if found is None:
        raise Refused("refund_unknown", f"There is no refund {number}.", field="refund", value=number,
                      fix="`paidthru refund list` shows them.")  # fmt: skip
    return found


def _facts(at: "Desk", refund: "Refund") -> dict[str, Any]:
    from paidthru.organizations.queries import policies_of
    from paidthru.payments.queries.refunds import label_of_refund

    label = label_of_refund(
        refund,
        zone=at.organization.zone,
        on=at.today,
        timeout_days=policies_of(at.organization).number("collect.reconcile_timeout_days"),
    )
    return {
        "refund": refund.number, "payment": refund.payment.number, "member": refund.party.name,
        "amount": plain(refund.amount_minor, refund.currency), "currency": refund.currency, "by": refund.via,
        "state": label.value, "requested": dated(refund.requested_at), "requested_by": refund.requested_by,
        "approved_by": refund.approved_by or None, "reason": refund.reason or None, "code": refund.code or None,
        "message": refund.message or None,
    }  # fmt: skip


def _show(at: "Desk", refund: "Refund", as_json: bool) -> None:
    from paidthru.payments.queries.refunds import refunds_made

    found = refunds_made(at.organization.id).get(id=refund.id)
    facts = _facts(at, found)
    if as_json:
        say_json(facts)
        return
    what = f"{amount(found.amount_minor, found.currency)} {found.currency} of payment {facts['payment']}"
    why = f" {facts['message']}" if facts["message"] else ""
    say(f"Refund {found.number}, {what} for {facts['member']}: {facts['state']}.{why}")
