"""`paidthru audit`: all that happened, and the chain that proves it."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, day, desk, many, say, say_json, table

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def show(
    text: Annotated[str, typer.Option(help="Who, what or why: a part of it.")] = "",
    from_: Annotated[str, typer.Option("--from", help="The first day.")] = "",
    to: Annotated[str, typer.Option(help="The last day.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest.")] = 50,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """What happened, the newest first."""
    from datetime import time, timedelta

    from paidthru.kernel.clock import local_instant
    from paidthru.timeline.queries.audit_log import audit_log

    at = desk(slug)
    zone = at.organization.zone
    found = audit_log(
        at.organization.id,
        text=text,
        start=local_instant(day(from_, "from"), time.min, zone) if from_ else None,
        end=local_instant(day(to, "to") + timedelta(days=1), time.min, zone) if to else None,
    )[:limit]
    if as_json:
        say_json(
            [
                {
                    "id": str(one.id), "at": one.at.isoformat(), "actor_kind": one.actor_kind, "actor": one.actor,
                    "verb": one.verb, "subject_kind": one.subject_kind, "subject_id": str(one.subject_id),
                    "party_id": str(one.party_id) if one.party_id else None, "why": one.why, "facts": one.facts,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    table(
        ["When", "Who", "What", "Why"],
        [[f"{one.at:%Y-%m-%d %H:%M}", one.actor, one.verb.replace("_", " "), one.why] for one in found],
    )


@app.command()
def verify(
    head: Annotated[str, typer.Option(help="NUMBER:DIGEST of a seal that was kept elsewhere.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Read the whole chain: that nothing was changed, removed or slipped in since it was sealed."""
    from paidthru.kernel.errors import Refused
    from paidthru.timeline.queries.audit import broken_chain, last_seal
    from paidthru.wiring import audit_keys

    at = desk(slug)
    number, _, digest = head.partition(":")
    if head and not (number.isascii() and number.isdigit() and len(number) < 19 and len(digest) == 64):
        raise Refused(
            "head_invalid",
            f"“{head[:80]}” is no head of a chain.",
            field="head",
            value=head[:80],
            fix="Write it as it was shown: the number, a colon, the digest.",
        )
    broken = broken_chain(at.organization.id, audit_keys(), head=(int(number), digest) if head else None)
    last = last_seal(at.organization.id)
    if as_json:
        say_json(
            {"ok": not broken, "broken": broken, "head": f"{last.number}:{last.digest}" if last else None}
        )
    else:
        for one in broken:
            say(one, style="red")
        if not broken:
            say(f"The chain stands: {many(last.number, 'seal')}." if last else "Nothing is sealed yet.")
        if last:
            say(f"Its head, to be kept elsewhere: {last.number}:{last.digest}")
    if broken:
        raise typer.Exit(1)
