"""`paidthru member switch`, `renewal-date`, `set-active`, `mark-paid`, `resolve`, `set-dates`: what is changed of a
running membership, by the acts that the console has, in its words."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.enrolment import Who
from paidthru.faces.cli.shell import (
    As,
    AsJson,
    Org,
    amount,
    day,
    desk,
    member,
    plan,
    say,
    say_json,
    somebody,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from uuid import UUID

    from paidthru.actions.switch_plan import SwitchPreview
    from paidthru.people.models import Party

Why = Annotated[str, typer.Option(help="Why; it stands in the timeline.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show what it would do, and do nothing.")]


def switch(
    who: Who,
    plan_name: Annotated[str, typer.Option("--plan", help="The plan to switch to.")],
    why: Why = "",
    preview: Preview = False,
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Switch a member to another plan, at once or at the next renewal, by policy; what is billed is collected."""
    from paidthru.actions.switch_plan import preview_switch
    from paidthru.runs import changes

    at = desk(slug)
    party, to, actor = member(at, who), plan(at, plan_name), somebody(at, as_, "renew")
    found = preview_switch(at.organization, party.id, to.id, actor=actor, now=at.clock.now())
    if preview:
        facts = {"member": party.name, "preview": True, **_switching(found)}
        if as_json:
            say_json(facts)
        else:
            say(_switch_said(party, facts))
        return
    switched = changes.switch(at, party.id, to.id, actor=actor, why=why)
    facts = {"member": party.name, "preview": False, **_switching(found), **_invoice(switched.invoice_id)}
    if as_json:
        say_json(facts)
    else:
        say(_switch_said(party, facts))


def _switching(found: "SwitchPreview") -> dict[str, Any]:
    return {
        "plan": found.plan.name, "when": found.when, "bills_on": found.bills_on, "currency": found.currency,
        "amount": plain(found.amount_minor, found.currency), "credited": plain(found.unused_minor, found.currency),
    }  # fmt: skip


def _invoice(invoice_id: "UUID | None") -> dict[str, Any]:
    from paidthru.invoicing.models import Invoice

    invoice = Invoice.objects.filter(id=invoice_id).first() if invoice_id else None
    if invoice is None:
        return {"invoice": None}
    return {"invoice": invoice.named, "balance": plain(invoice.balance_minor, invoice.currency)}


def _switch_said(party: "Party", facts: dict[str, Any]) -> str:
    """The switch in sentences; `invoice` is there once it is done."""
    to, money = facts["plan"], f"{facts['amount']} {facts['currency']}"
    would = "would be" if facts["preview"] else "is"
    match facts["when"]:
        case "undone":
            return f"{party.name} stays on {to}: the change at the next renewal {would} taken back."
        case "next_renewal":
            bills = (
                f"the term from {facts['bills_on']} {would} billed by it"
                if facts["bills_on"]
                else "no bill comes"
            )
            return f"{party.name} {would} on {to} from the next renewal; {bills}."
        case "at_once":
            return f"{party.name} {would} on {to} from today; nothing is billed for it."
    said = f"{party.name} {would} on {to} from today: {money} {would} billed, {facts['credited']} credited"
    if facts.get("invoice"):
        said += f"; invoice {facts['invoice']}, {facts['balance']} of it is open"
    return f"{said}."


def renewal_date(
    who: Who,
    to: Annotated[str, typer.Argument(metavar="DATE", help="The day on which the next term bills.")],
    why: Why = "",
    preview: Preview = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="A date in the past is meant: it bills within the hour.")
    ] = False,
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Set a member's renewal date; terms that were billed ahead move with it."""
    from paidthru.actions.set_renewal_date import preview_renewal_date, set_renewal_date

    at = desk(slug)
    party, on, now = member(at, who), day(to, "renewal_date"), at.clock.now()
    actor = somebody(at, as_, "renew")
    found = preview_renewal_date(at.organization, party.id, on, now=now)
    if not preview:
        set_renewal_date(at.organization, party.id, on, actor=actor, now=now, confirmed=yes, why=why)
    following = found.next
    bills = plain(following.amount_minor, following.currency) if following else None
    if as_json:
        say_json({"member": party.name, "renewal_date": on, "preview": preview, "said": list(found.said),
                  "bills": bills, "on": following.on if following else None})  # fmt: skip
        return
    for sentence in found.said:
        say(sentence)
    if following:
        say(
            f"Bills {amount(following.amount_minor, following.currency)} {following.currency} on {following.on}."
        )


def set_active(
    who: Who,
    renewal: Annotated[
        str,
        typer.Option(
            "--renewal-date", help="When the next attempt comes; as it is without it.", metavar="DATE"
        ),
    ] = "",
    why: Why = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Set a member active who failed to pay: nothing more is tried before a renewal date that lies ahead."""
    from paidthru.actions.set_active import set_active as act

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "renew")
    on = day(renewal, "renewal_date") if renewal else None
    act(at.organization, party.id, actor=actor, now=at.clock.now(), renewal_on=on, why=why)
    _stands(party, as_json=as_json)


def mark_paid(
    who: Who,
    reason: Annotated[
        str,
        typer.Option(
            help="check, cash, terminal or transfer: money came; imported or resolved: none comes in."
        ),
    ],
    why: Why = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Mark the oldest unpaid billing cycle as paid. Only if the funds were actually collected; else it is credited."""
    from paidthru.actions.mark_cycle_paid import mark_cycle_paid
    from paidthru.membership.operations.settling_cycles import MONEY_CAME

    at = desk(slug)
    party = member(at, who)
    actor = somebody(at, as_, "record_payment" if reason in MONEY_CAME else "credit")
    mark_cycle_paid(at.organization, party.id, reason=reason, why=why, actor=actor, now=at.clock.now())
    _stands(party, as_json=as_json)


def resolve(
    who: Who,
    way: Annotated[str, typer.Option(help="paid_outside, charge_now, waive or skip.")],
    reason: Annotated[
        str, typer.Option(help="How it was paid outside: check, cash, terminal, transfer.")
    ] = "",
    renewal: Annotated[
        str, typer.Option("--renewal-date", help="Move the renewal date in the same act.", metavar="DATE")
    ] = "",
    why: Why = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Resolve a failed cycle: it was paid outside, is charged now, waived, or skipped."""
    from paidthru.runs import changes

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "charge")
    on = day(renewal, "renewal_date") if renewal else None
    how = changes.resolution(way, reason=reason, why=why, renewal_on=on)
    changes.resolve(at, party.id, how, actor=actor)
    _stands(party, as_json=as_json)


def set_dates(
    who: Who,
    why: Annotated[str, typer.Option(help="Why; it stands on record with the dates as they were.")],
    joined: Annotated[str, typer.Option(help="The day of joining.", metavar="DATE")] = "",
    anchor: Annotated[str, typer.Option(help="The day that cycles are counted from.", metavar="DATE")] = "",
    paid_through: Annotated[str, typer.Option(help="The last day that is paid for.", metavar="DATE")] = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Set a membership's dates by hand. Nothing is billed by it."""
    from paidthru.actions.set_dates import Dates
    from paidthru.actions.set_dates import set_dates as act

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "renew")
    given = [
        day(text, field) if text else None
        for text, field in ((joined, "joined"), (anchor, "anchor"), (paid_through, "paid_through"))
    ]
    if not any(given):
        raise Refused("date_missing", "No date is named.", field="joined",
                      fix="Name one with --joined, --anchor or --paid-through.")  # fmt: skip
    act(at.organization, party.id, Dates(*given), why=why, actor=actor, now=at.clock.now())
    _stands(party, as_json=as_json)


def _stands(party: "Party", *, as_json: bool) -> None:
    """How the membership stands now."""
    from paidthru.invoicing.queries import owed_by
    from paidthru.membership.queries import membership_of

    current = membership_of(party.id)
    assert current is not None  # it was just changed
    currency = current.plan.currency
    owed = owed_by(party.id).get(currency, 0)
    if as_json:
        say_json({"member": party.name, "plan": current.plan.name, "paid_through": current.paid_through,
                  "next_bill": current.next_bill_on, "owed": plain(owed, currency), "currency": currency})  # fmt: skip
        return
    paid = f"paid through {current.paid_through}" if current.paid_through else "nothing is paid yet"
    bills = f"bills next on {current.next_bill_on}" if current.next_bill_on else "bills no more by itself"
    say(f"{party.name}, {current.plan.name}: {paid}, {bills}, owes {amount(owed, currency)} {currency}.")
