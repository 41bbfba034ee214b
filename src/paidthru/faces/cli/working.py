"""The commands that stand alone: submit, retrieve, check."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, bar, day, desk, me, say, say_json, table
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.actions.submit import Selection
    from paidthru.payments.queries import Collectable
    from paidthru.runs import Desk


def submit(
    due_by: Annotated[
        str, typer.Option(help="Invoices due on or before this date; today without it.", metavar="DATE")
    ] = "",
    name_contains: Annotated[str, typer.Option(help="Only members whose name contains this.")] = "",
    only_list: Annotated[bool, typer.Option("--list", help="Only show what would be submitted.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="I have read the list: submit runs not reviewed, and dates ahead.")
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Collect the autopay invoices that are due: the list is what will be submitted."""
    from paidthru import runs
    from paidthru.actions.submit import Selection

    at = desk(slug)
    selection = Selection(day(due_by, "due_by") if due_by else at.today, name_contains)
    if only_list:
        _show_list(at, selection, as_json)
        return
    began = at.clock.now()
    done = runs.submit(at, selection, actor=me(), acknowledged=yes)
    with bar("Collecting", shown=not as_json) as told:
        runs.collect_unsent(at, progress=told)
    states, declined = _outcomes(at, began)
    if as_json:
        say_json(
            {
                "submitted": done.submitted,
                "refused": [_facts(one) for one in done.refused],
                "attempts": states,
                "declined": declined,
            }
        )
        return
    say(f"{done.submitted:,} submitted, {len(done.refused):,} refused.")
    if states:
        table(
            ["Attempts", "Count"], [[state, f"{count:,}"] for state, count in states.items()], right=["Count"]
        )
    if declined:
        table(["Declined", "Why"], [[one["member"], one["why"]] for one in declined])
    _table(done.refused)


def _outcomes(at: "Desk", began: datetime) -> tuple[dict[str, int], list[dict[str, str]]]:
    """What became of the attempts that were opened since an instant, and whose were declined, with the reason."""
    from collections import Counter

    from paidthru.payments.models import Attempt

    found = Attempt.objects.filter(organization=at.organization, created_at__gte=began)
    states = Counter(found.order_by("state").values_list("state", flat=True))
    declined = found.filter(state="declined").order_by("party__name", "id")
    return dict(states), [
        {"member": name, "why": message or code}
        for name, message, code in declined.values_list("party__name", "message", "decline_code")
    ]


def _show_list(at: "Desk", selection: "Selection", as_json: bool) -> None:
    from paidthru.actions.submit import submit_list

    found: list[Collectable] = []
    after = None
    while True:
        page, after = submit_list(at.organization, selection, now=at.clock.now(), after=after)
        found += page
        if after is None:
            break
    if as_json:
        say_json({"due_by": selection.due_by, "invoices": [_facts(one) for one in found]})
    elif found:
        _table(found)
        say(f"{len(found):,} {'invoice' if len(found) == 1 else 'invoices'}.")
    else:
        say(f"No autopay invoice is due by {selection.due_by}.")


def _facts(one: "Collectable") -> dict[str, Any]:
    return {"invoice": one.named, "member": one.name, "due": one.due_on,
            "balance": plain(one.balance_minor, one.currency), "currency": one.currency, "method": one.method or None,
            "tried": one.tried, "refused": one.refused or None}  # fmt: skip


def _table(found: Any) -> None:
    if found:
        table(["Invoice", "Member", "Due", "Balance", "Method", "Refused"],
              [[one.label, one.name, one.due_on, amount(one.balance_minor, one.currency), one.method, one.refused]
               for one in found], right=["Invoice", "Balance"])  # fmt: skip


def retrieve(slug: Org = "", as_json: AsJson = False) -> None:
    """Ask the processor about every payment that is still open, and settle what it says."""
    from paidthru import runs

    at = desk(slug)
    runs.collect_unsent(at)
    found = runs.retrieve(at)
    if as_json:
        say_json({"retrieved": sum(found.values()), "states": found})
    elif found:
        table(
            ["State", "Payments"],
            [[state, f"{count:,}"] for state, count in sorted(found.items())],
            right=["Payments"],
        )
    else:
        say("No payment is in progress.")


def check(slug: Org = "", as_json: AsJson = False) -> None:
    """Check every invariant: what must be true of the books and the memberships at every moment."""
    from paidthru.organizations.models import Organization

    chosen = [desk(slug).organization] if slug else list(Organization.objects.order_by("name", "slug"))
    found = [broken_of(one) for one in chosen]
    wrong = sum(len(one["violations"]) for one in found)
    if as_json:
        say_json({"ok": not wrong, "organizations": found})
    else:
        for one in found:
            say(f"{one['name']} ({one['org']})", style="bold")
            show_check(one)
        say(
            "Every invariant holds."
            if not wrong
            else f"{wrong:,} violations: see above, and ask for help with this"
            " output; nothing has been changed."
        )
    if wrong:
        raise typer.Exit(1)


_CHAIN = (
    "Every event stands in the audit log’s chain of seals as it was written; the newest wait for the worker."
)


def broken_of(organization: Any) -> dict[str, Any]:
    """Every invariant of an organization, ok or violated, and the rows that break one."""
    from paidthru.invariants import ALL
    from paidthru.timeline.queries.audit import broken_chain
    from paidthru.wiring import audit_keys

    violations = {one.name: one.violations(organization.id) for one in ALL}
    broken = broken_chain(organization.id, audit_keys())
    chain = {"name": "audit_chain", "sentence": _CHAIN, "ok": not broken}
    return {
        "org": organization.slug, "name": organization.name,
        "invariants": [{"name": one.name, "sentence": one.sentence, "ok": not violations[one.name]} for one in ALL]
                      + [chain],
        "violations": [{"invariant": one.invariant, "subject": one.subject, "what": one.what}
                       for rows in violations.values() for one in rows]
                      + [{"invariant": "audit_chain", "subject": organization.slug, "what": one} for one in broken],
    }  # fmt: skip


def show_check(found: dict[str, Any]) -> None:
    """The invariants for a person."""
    table(["", "Invariant", "Which says"], [["ok" if one["ok"] else "VIOLATED", one["name"], one["sentence"]]
                                            for one in found["invariants"]])  # fmt: skip
    for one in found["violations"]:
        say(f"  {one['invariant']}: {one['subject']}: {one['what']}", style="red")
