"""`paidthru renewals`: a run is previewed, read, and committed as previewed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, bar, dated, day, desk, me, say, say_json, table
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.membership.models import BillingRun
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Option(help="The run's name, unique in the organization.")]
Effective = Annotated[
    str, typer.Option(help="Bills who is paid to before this date; annual terms start on it.", metavar="DATE")
]
AutopayOnly = Annotated[bool, typer.Option("--autopay-only", help="Only members on autopay.")]
Cycle = Annotated[str, typer.Option(help="A billing cycle, which names the customer types to bill.")]
BillDate = Annotated[str, typer.Option(help="The date of the invoices; today without it.", metavar="DATE")]
Limit = Annotated[int, typer.Option(help="How many proposals to show; 0 shows all.", min=0)]


@app.command()
def preview(
    name: Name, effective: Effective, autopay_only: AutopayOnly = False, cycle: Cycle = "", bill_date: BillDate = "",
    again: Annotated[bool, typer.Option("--again", help="Make a preview that is there already anew.")] = False,
    limit: Limit = 20, slug: Org = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show whom a run would bill, how much and why, and whom it leaves out. Nothing is billed."""
    at = desk(slug)
    run = _previewed(at, name, effective, bill_date, autopay_only, cycle, again=again, shown=not as_json)
    if as_json:
        say_json(facts(run, limit))
    else:
        show(run, limit)
        if run.billed:
            say(
                f'To bill this: paidthru renewals commit --name "{run.name}" --effective {run.effective_on}'
                f" --org {run.organization.slug}"
            )
        elif not run.candidates:
            say("There are no members yet: import them first (paidthru import members FILE).")


@app.command()
def commit(
    name: Name, effective: Effective = "", autopay_only: AutopayOnly = False, cycle: Cycle = "",
    bill_date: BillDate = "", limit: Limit = 0, slug: Org = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Bill a run as it was previewed; without a preview, make one and bill it. A run cut off is gone on with."""
    from paidthru.actions.commit_run import commit_run
    from paidthru.actions.resume_run import resume_run
    from paidthru.membership.queries import run_named
    from paidthru.runs import write_run

    at = desk(slug)
    run = run_named(at.organization.id, name.strip())
    now = at.clock.now()
    if run is not None and run.state in ("queued", "running", "failed"):
        resume_run(run.id, actor=me(), now=now)
    else:
        if run is not None and run.state in ("previewing", "previewed") and not effective:
            effective = run.effective_on.isoformat()
            bill_date, autopay_only = run.bill_on.isoformat(), run.autopay_only
            cycle = run.billing_cycle.name if run.billing_cycle else ""
        if not effective:
            raise Refused(
                "effective_missing",
                f"No run called “{name}” waits to be committed.",
                field="effective",
                value=name,
                fix="Preview it first, or give --effective to bill it at once.",
            )
        run = _previewed(at, name, effective, bill_date, autopay_only, cycle, again=False, shown=not as_json)
        commit_run(run.id, actor=me(), now=now)
    with bar("Billing", shown=not as_json) as told:
        run = write_run(run.id, actor=me(), now=now, progress=told)
    if as_json:
        say_json(facts(run, limit))
    else:
        say(
            f"Run “{run.name}” billed {run.billed:,} members, {_total(run)} in all, in batch"
            f" {run.batch.number if run.batch else '–'}; {run.skipped:,} were left out."
        )


def _previewed(
    at: "Desk",
    name: str,
    effective: str,
    bill_date: str,
    autopay_only: bool,
    cycle: str,
    *,
    again: bool,
    shown: bool,
) -> "BillingRun":
    """The preview of that name that asks the same question, made if it isn't there. Refused `run_name_taken`."""
    from paidthru.actions.preview_run import preview as make
    from paidthru.actions.preview_run import preview_again, start_run
    from paidthru.membership.queries import run_named

    effective_on = day(effective, "effective")
    bill_on = day(bill_date, "bill_date") if bill_date else None
    run = run_named(at.organization.id, name.strip())
    if run is not None and run.state in ("previewing", "previewed"):
        known = (run.effective_on, run.autopay_only, run.billing_cycle.name if run.billing_cycle else "")
        same = known == (effective_on, autopay_only, cycle) and bill_on in (None, run.bill_on)
    else:
        same = False
    if run is None or not same:
        run = start_run(
            at.organization,
            name=name,
            effective_on=effective_on,
            bill_on=bill_on,
            actor=me(),
            now=at.clock.now(),
            autopay_only=autopay_only,
            billing_cycle=cycle,
        )
    elif again:
        preview_again(run)
    with bar("Previewing", shown=shown) as told:
        made = make(run.id, progress=lambda count: told(count, count))
        told(made.candidates, made.candidates)
    return made


def _total(run: "BillingRun") -> str:
    from paidthru.membership.queries import run_totals

    return " + ".join(
        f"{amount(one.amount_minor, one.currency)} {one.currency}" for one in run_totals([run])[run.id]
    )


def facts(run: "BillingRun", limit: int) -> dict[str, Any]:
    """The run for a program: its figures, the reasons, and the first proposals."""
    from paidthru.membership.queries import proposals, run_totals, skipped_by_reason

    currency = run.organization.currency
    items = proposals(run, limit=limit or run.candidates or 1)
    names = _names([id_ for item in items for id_ in (item.party_id, item.payer_id) if id_])
    return {
        "name": run.name, "state": run.state, "effective": run.effective_on, "bill_date": run.bill_on,
        "autopay_only": run.autopay_only, "candidates": run.candidates, "billed": run.billed, "skipped": run.skipped,
        "total": plain(run.total_minor, currency), "currency": currency,
        "totals": {one.currency: plain(one.amount_minor, one.currency) for one in run_totals([run])[run.id]},
        "reasons": skipped_by_reason(run),
        "token": run.preview_token, "batch": run.batch.number if run.batch else None, "done": run.done,
        "items": [
            {"member": names.get(item.party_id, ""), "payer": names.get(item.payer_id),
             "amount": plain(item.total_minor, item.currency), "currency": item.currency,
             "reason": item.reason or None, "detail": item.detail, "start": item.start_on, "end": item.end_on,
             "outcome": item.outcome or None}
            for item in items
        ],
    }  # fmt: skip


def _names(party_ids: list[Any]) -> dict[Any, str]:
    from paidthru.people.models import Party

    return dict(Party.objects.filter(id__in=party_ids).values_list("id", "name"))


def show(run: "BillingRun", limit: int) -> None:
    """The run for a person: totals, the reasons of those left out, the first proposals."""
    found = facts(run, limit)
    say(
        f"Run “{run.name}”, effective {run.effective_on}, dated {run.bill_on}: {run.billed:,} billed,"
        f" {_total(run)}; {run.skipped:,} left out."
    )
    if found["reasons"]:
        table(
            ["Left out because", "Members"],
            [[reason, f"{count:,}"] for reason, count in found["reasons"].items()],
            right=["Members"],
        )
        say()
    table(
        ["Member", "Amount", "Why"],
        [
            [
                item["member"],
                "" if item["reason"] else f"{amount(_minor(item), item['currency'])} {item['currency']}",
                f"{item['reason']}: {item['detail']}" if item["reason"] else item["detail"],
            ]
            for item in found["items"]
        ],
        right=["Amount"],
    )
    if run.candidates > len(found["items"]):
        say(f"… and {run.candidates - len(found['items']):,} more (--limit 0 shows all).")


def _minor(item: dict[str, Any]) -> int:
    from paidthru.kernel.money import parse_amount

    return parse_amount(item["amount"], item["currency"], ".")


@app.command()
def log(slug: Org = "", as_json: AsJson = False) -> None:
    """List the runs, the newest first."""
    from paidthru.membership.models import BillingRun
    from paidthru.membership.queries import run_totals

    organization = desk(slug).organization
    runs = BillingRun.objects.filter(organization=organization).select_related("batch").order_by("-id")[:100]
    totals = run_totals(list(runs))
    found: list[dict[str, Any]] = [
        {"name": run.name, "kind": run.kind, "state": run.state, "effective": run.effective_on,
         "bill_date": run.bill_on, "billed": run.billed, "skipped": run.skipped,
         "total": plain(run.total_minor, organization.currency), "totals": [str(one) for one in totals[run.id]],
         "batch": run.batch.number if run.batch else None, "by": run.committed_by or run.created_by,
         "committed": dated(run.committed_at) or None, "reviewed": dated(run.reviewed_at) or None,
         "failure": run.failure or None}
        for run in runs
    ]  # fmt: skip
    if as_json:
        say_json({"runs": found})
    elif found:
        table(["Run", "State", "Effective", "Billed", "Left out", "Total", "Batch", "By"],
              [[one["name"], one["state"], one["effective"], one["billed"], one["skipped"], " + ".join(one["totals"]),
                one["batch"], one["by"]] for one in found], right=["Billed", "Left out", "Total", "Batch"])  # fmt: skip
    else:
        say("No run yet. Preview one: paidthru renewals preview --name NAME --effective DATE")


@app.command()
def review(name: Name, slug: Org = "", as_json: AsJson = False) -> None:
    """Say that somebody has read a run's invoices, so that they may be submitted."""
    from paidthru.actions.review_run import review_run
    from paidthru.membership.queries import run_named

    at = desk(slug)
    run = run_named(at.organization.id, name.strip())
    if run is None:
        raise Refused(
            "run_unknown",
            f"There is no run called “{name}”.",
            field="name",
            value=name,
            fix="`paidthru renewals log` lists them.",
        )
    reviewed = review_run(run.id, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"name": reviewed.name, "reviewed": dated(reviewed.reviewed_at), "by": reviewed.reviewed_by})
    else:
        say(f"Run “{reviewed.name}” is reviewed ({dated(reviewed.reviewed_at)}, {reviewed.reviewed_by}).")
