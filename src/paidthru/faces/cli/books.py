"""`paidthru batch` and `paidthru ledger`: journals in batches, and what the books say."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, dated, day, desk, me, say, say_json, table
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

batch = typer.Typer(no_args_is_help=True)
ledger = typer.Typer(no_args_is_help=True)


@ledger.callback()
def group() -> None:
    """What the books say."""


@batch.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """List the batches with their totals, the newest first."""
    from paidthru.ledger.models import Batch
    from paidthru.ledger.queries import batch_totals

    organization = desk(slug).organization
    found = []
    for one in Batch.objects.filter(organization=organization).order_by("-number")[:100]:
        totals = [
            {"currency": total.currency, "journals": total.journals,
             "amount": plain(total.amount_minor, total.currency), "debit": plain(total.debit_minor, total.currency),
             "credit": plain(total.credit_minor, total.currency)}
            for total in batch_totals(one.id)
        ]  # fmt: skip
        found.append({"batch": one.number, "name": one.name, "kind": one.kind, "state": one.state,
                      "dated": one.dated_on, "totals": totals, "posted": dated(one.posted_at) or None,
                      "by": one.posted_by or None})  # fmt: skip
    if as_json:
        say_json({"batches": found})
        return
    table(["Batch", "Name", "State", "Dated", "Journals", "Amount", ""],
          [[one["batch"], one["name"] or one["kind"], one["state"], one["dated"], total["journals"], total["amount"],
            total["currency"]] for one in found for total in one["totals"]],  # type: ignore[attr-defined]
          right=["Batch", "Journals", "Amount"])  # fmt: skip


@batch.command()
def post(
    number: Annotated[int, typer.Argument(help="The batch's number.")],
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Post a batch: its journals are sealed and released to exports."""
    from paidthru.actions.post_batch import post_batch
    from paidthru.ledger.models import Batch

    at = desk(slug)
    found = Batch.objects.filter(organization=at.organization, number=number).first()
    if found is None:
        raise Refused(
            "batch_unknown",
            f"There is no batch {number}.",
            field="batch",
            value=number,
            fix="`paidthru batch list` shows them.",
        )
    posted = post_batch(found.id, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"batch": posted.number, "name": posted.name, "state": posted.state,
                  "posted": dated(posted.posted_at)})  # fmt: skip
    else:
        say(f"Batch {posted.number} is posted.")


@ledger.command("trial-balance")
def trial_balance(
    through: Annotated[str, typer.Option(help="Up to and with this date.", metavar="DATE")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Show what every account holds; debits and credits are equal."""
    from paidthru.ledger.queries import trial_balance as read

    organization = desk(slug).organization
    found = read(organization.id, through=day(through, "through") if through else None)
    totals: dict[str, int] = {}
    for one in found:
        totals[one.currency] = totals.get(one.currency, 0) + one.balance_minor
    if as_json:
        say_json({
            "accounts": [
                {"number": one.number, "account": one.code, "currency": one.currency,
                 "debit": plain(one.debit_minor, one.currency), "credit": plain(one.credit_minor, one.currency),
                 "balance": plain(one.balance_minor, one.currency)}
                for one in found
            ],
            "sums": {currency: plain(total, currency) for currency, total in totals.items()},
            "balanced": not any(totals.values()),
        })  # fmt: skip
        return
    if not found:
        say("Nothing has been booked yet.")
        return
    show_balance(organization.id)


def show_balance(organization_id: object) -> None:
    """The trial balance for a person, currency by currency."""
    from paidthru.ledger.queries import trial_balance as read

    found = read(organization_id)  # type: ignore[arg-type]
    for currency in sorted({one.currency for one in found}):
        own = [one for one in found if one.currency == currency and one.kind != "memo"]
        memo = [one for one in found if one.currency == currency and one.kind == "memo"]
        debit = sum(max(one.balance_minor, 0) for one in own)
        credit = sum(-min(one.balance_minor, 0) for one in own)
        rows: list[list[object]] = [
            [one.number, one.code, amount(one.balance_minor, currency) if one.balance_minor > 0 else "",
             amount(-one.balance_minor, currency) if one.balance_minor < 0 else ""]
            for one in own if one.balance_minor
        ]  # fmt: skip
        rows.append(["", f"Sum in {currency}", amount(debit, currency), amount(credit, currency)])
        rows += [
            [one.number, f"{one.code} (memo: billed, not received)", amount(one.balance_minor, currency), ""]
            for one in memo if one.balance_minor > 0
        ]  # fmt: skip
        table(["No.", "Account", "Debit", "Credit"], rows, right=["Debit", "Credit"])
