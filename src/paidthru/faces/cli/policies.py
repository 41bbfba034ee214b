"""`paidthru policy`: what an organization decides, for itself, a plan, a member or one membership, now or later."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, day, desk, me, member, plan, say, say_json, table
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from uuid import UUID

    from paidthru.membership.operations.deciding import Scope
    from paidthru.organizations.rules.policies import Policies, Value
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)
Key = Annotated[str, typer.Argument(metavar="KEY", help="The policy, such as term.basis.")]
Member = Annotated[
    str, typer.Option("--member", help="For one member: exact name, roster id, or #number.", metavar="MEMBER")
]
Plan = Annotated[str, typer.Option("--plan", help="For one plan, by its name.", metavar="PLAN")]
Membership = Annotated[
    str, typer.Option("--membership", help="For the present membership of one member.", metavar="MEMBER")
]
From = Annotated[
    str, typer.Option("--from", help="A later date, from which it holds by itself.", metavar="DATE")
]
Examples = Annotated[
    list[str] | None,
    typer.Option(
        "--example",
        metavar="FILE",
        help="An example that is changed together with it: of the same title, or “TITLE=FILE”.",
    ),
]


@app.command("list")
def list_policies(of: Member = "", of_plan: Plan = "", slug: Org = "", as_json: AsJson = False) -> None:
    """List what is decided, where each value came from, and what it can be."""
    from paidthru.organizations.rules.policies import CATALOGUE, shown

    policies = _asked(desk(slug), of, of_plan)
    found = []
    for key in CATALOGUE.values():
        effective = policies.effective(key.name)
        found.append({"policy": key.name, "value": shown(effective.value), "source": effective.source,
                      "allowed": key.expected(), "scopes": list(key.scopes), "decides": key.sentence})  # fmt: skip
    if as_json:
        say_json({"policies": found})
    else:
        table(["Policy", "Value", "From", "Can be"],
              [[one["policy"], one["value"], one["source"], one["allowed"]] for one in found])  # fmt: skip


@app.command("set")
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A word, a number, or a call: day(14).")],
    of: Member = "",
    of_plan: Plan = "",
    of_membership: Membership = "",
    since: From = "",
    example: Examples = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would alter in the next 30 days; change nothing.")
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Set a policy for the organization, or for one plan, member or membership where the policy allows that. Where a
    change breaks an example, nothing is changed."""
    from paidthru.faces.cli.examples import say_impact
    from paidthru.organizations.rules.policies import parse, shown

    read = parse(key, value)
    if dry_run:
        if since:
            raise Refused("which_scope", "What it would alter is foretold as of now.",
                          field="dry-run", fix="Leave out --from.")  # fmt: skip
        at = desk(slug)
        say_impact(at, {key: read}, as_json, _scope(at, of, of_plan, of_membership))
        return
    found = _change(slug, key, read, of, of_plan, of_membership, since, example)
    if as_json:
        say_json({"policy": key, "value": shown(read), **found})
    else:
        say(f"{key} = {shown(read)}{_for(found)}.")


@app.command()
def unset(
    key: Key,
    of: Member = "",
    of_plan: Plan = "",
    of_membership: Membership = "",
    since: From = "",
    example: Examples = None,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Remove what is set there: the next level decides, in the end the preset."""
    from paidthru.organizations.rules.policies import shown

    found = _change(slug, key, None, of, of_plan, of_membership, since, example)
    effective = _asked(desk(slug), of or of_membership, of_plan).effective(key)
    if as_json:
        say_json({"policy": key, "value": shown(effective.value), "source": effective.source, **found})
    else:
        say(f"{key} is no longer set{_for(found)}: {shown(effective.value)}, from {effective.source}.")


@app.command()
def planned(slug: Org = "", as_json: AsJson = False) -> None:
    """List the changes that come on a later date."""
    from paidthru.organizations.queries import planned_changes
    from paidthru.organizations.rules.policies import shown

    found = [{"policy": key, "value": None if value is None else shown(value), "from": one.comes_on.isoformat(),
              "scope": one.scope, "by": one.asked_by}
             for one in planned_changes(desk(slug).organization.id)
             for key, value in one.values.items()]  # fmt: skip
    if as_json:
        say_json({"planned": found})
    else:
        rows = [
            [one["policy"], one["value"] or "unset", one["from"], one["scope"], one["by"]] for one in found
        ]
        table(["Policy", "Value", "From", "For", "By"], rows)


@app.command()
def withdraw(key: Key, slug: Org = "", as_json: AsJson = False) -> None:
    """Withdraw the next planned change of a policy, and what was to change together with it."""
    from paidthru.actions.withdraw_policy_change import withdraw_policy_change
    from paidthru.organizations.queries import planned_changes

    at = desk(slug)
    found = [one for one in planned_changes(at.organization.id) if key in one.values]
    if not found:
        raise Refused("policy_change_unknown", f"No change of {key} is planned.", field="policy", value=key,
                      fix="`paidthru policy planned` lists them.")  # fmt: skip
    gone = withdraw_policy_change(at.organization, found[0].id, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"withdrawn": list(gone.values), "from": gone.comes_on.isoformat()})
    else:
        say(f"{', '.join(gone.values)} will not change on {gone.comes_on}.")


def _asked(at: "Desk", of: str, of_plan: str) -> "Policies":
    """What holds for the organization, a plan, or a member with the membership they have."""
    from paidthru.membership.queries import membership_of
    from paidthru.membership.queries.deciding import decided, decided_for

    if of:
        party = member(at, of)
        membership = membership_of(party.id)
        return decided_for(membership) if membership else decided(at.organization).within(customer=party.id)
    return decided(at.organization).within(plan=plan(at, of_plan).id if of_plan else "")


def _change(
    slug: str,
    key: str,
    value: "Value | None",
    of: str,
    of_plan: str,
    of_membership: str,
    since: str,
    example: list[str] | None,
) -> dict[str, str | None]:
    """Sets or (None) unsets at the level that the options name; returns which, for whoever reads the answer."""
    from paidthru.actions.set_policy import set_policy
    from paidthru.faces.cli.examples import drafts_from
    from paidthru.faces.stories.examples import change_policies

    at = desk(slug)
    on = day(since, "from") if since else None
    now = at.clock.now()
    _one_level(of, of_plan, of_membership)
    if not (of or of_plan or of_membership):
        drafts = drafts_from(at.organization, example or [])
        change_policies(at.organization, {key: value}, actor=me(), now=now, drafts=drafts, on=on)
        return {"scope": "organization", "member": None, "from": since or None}
    party = member(at, of or of_membership) if of or of_membership else None
    membership = _membership(at, of_membership) if of_membership else None
    product = plan(at, of_plan) if of_plan else None
    set_policy(
        at.organization,
        {key: value},
        actor=me(),
        now=now,
        on=on,
        plan_id=product.id if product else None,
        customer_id=party.id if party and of else None,
        membership_id=membership,
    )
    scope = "plan" if product else "customer" if of else "subscription"
    name = product.name if product else party.name if party else None
    return {"scope": scope, "plan" if product else "member": name, "from": since or None}


def _one_level(*given: str) -> None:
    if sum(map(bool, given)) > 1:
        raise Refused("which_scope", "A policy is set at one level at a time.", field="scope",
                      fix="Give one of --plan, --member and --membership.")  # fmt: skip


def _scope(at: "Desk", of: str, of_plan: str, of_membership: str) -> "Scope":
    """The level that the options name."""
    from paidthru.membership.operations.deciding import WHOLE, Scope

    _one_level(of, of_plan, of_membership)
    if of_plan:
        return Scope("plan", plan(at, of_plan).id)
    if of_membership:
        return Scope("subscription", _membership(at, of_membership))
    return Scope("customer", member(at, of).id) if of else WHOLE


def _membership(at: "Desk", of: str) -> "UUID":
    from paidthru.membership.queries import membership_of

    party = member(at, of)
    found = membership_of(party.id)
    if found is None:
        raise Refused("not_a_member", f"{party.name} has no membership.", field="member", value=party.name,
                      fix="Set it for the member, with --member.")  # fmt: skip
    return found.id


def _for(found: dict[str, str | None]) -> str:
    name = found.get("plan") or found.get("member")
    whom = f" for {name}" if name else ""
    return f"{whom} from {found['from']}" if found["from"] else whom
