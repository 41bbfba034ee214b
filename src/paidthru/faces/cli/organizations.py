"""`paidthru org`, `paidthru staff`, `paidthru time`: who bills, who works here, and a sandbox's clock."""

import secrets
import sys
from datetime import datetime, time
from typing import Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, dated, desk, me, say, say_json, table
from paidthru.kernel.clock import SystemClock, local_instant, time_zone
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import sign_in_address

org = typer.Typer(no_args_is_help=True)
staff = typer.Typer(no_args_is_help=True)
clock = typer.Typer(no_args_is_help=True)


@org.command()
def create(
    named: Annotated[str, typer.Argument(metavar="NAME", help="Its name, as members read it.")] = "",
    name: Annotated[str, typer.Option(help="The same, as an option.")] = "",
    preset: Annotated[
        str, typer.Option(help="A named set of policies: recommended, association, community, coworking …")
    ] = "recommended",
    currency: Annotated[str, typer.Option(help="ISO 4217 code of its books.")] = "USD",
    zone: Annotated[str, typer.Option(help="IANA time zone of its business dates.")] = "UTC",
    locale: Annotated[str, typer.Option(help="How its dates and amounts are written.")] = "en_US",
    slug: Annotated[str, typer.Option(help="Its short name in addresses and commands.")] = "",
    live: Annotated[bool, typer.Option("--live", help="A live organization; without it a sandbox.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an organization: a sandbox with a clock of its own, or with --live a real one."""
    from django.db import transaction

    from paidthru.organizations.operations import create_organization, keep_templates

    with transaction.atomic():
        made = create_organization(
            name=name or named, preset=preset, currency=currency.upper(), zone=zone, locale=locale,
            mode="live" if live else "sandbox", now=SystemClock().now(), slug=slug,
        )  # fmt: skip
        keep_templates(made, now=made.created_at)
    if as_json:
        say_json(_facts(made))
    else:
        say(
            f"{made.name} is there, as “{made.slug}” ({made.preset}, {made.currency}, {made.zone}, {made.mode})."
        )
        bring = "unit import" if made.preset == "ams_hoa" else "import members"
        say(f"Next: paidthru {bring} FILE --org {made.slug} --preview")


@org.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the organizations of this installation."""
    from paidthru.organizations.models import Organization

    found = [_facts(one) for one in Organization.objects.filter(forked_from=None).order_by("name", "slug")]
    if as_json:
        say_json({"organizations": found})
    elif found:
        table(
            ["Slug", "Name", "Preset", "Currency", "Zone", "Mode"],
            [[one[key] for key in ("slug", "name", "preset", "currency", "zone", "mode")] for one in found],
        )
    else:
        say(
            "There is no organization yet. Make one: paidthru org create NAME --preset association --currency USD"
        )


def _facts(one: Any) -> dict[str, object]:
    return {
        "slug": one.slug, "name": one.name, "preset": one.preset, "currency": one.currency, "zone": one.zone,
        "locale": one.locale, "mode": one.mode, "clock": dated(one.sandbox_now) or None,
    }  # fmt: skip


@staff.command()
def add(
    email: Annotated[str, typer.Option(help="The address they sign in with.")],
    role: Annotated[
        list[str],
        typer.Option(help="viewer, front_desk, finance, approver, admin or auditor; may be repeated."),
    ],
    name: Annotated[str, typer.Option(help="Their name, as the timeline shows it.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the standard input.")
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in, with a role. A generated password is printed once; a known address keeps its own."""
    from paidthru.actions.add_staff import add_staff
    from paidthru.organizations.models import User
    from paidthru.wiring import places_of

    organization = desk(slug).organization
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    password = given or secrets.token_urlsafe(12)
    known = User.objects.filter(email=sign_in_address(email)).first()
    added = add_staff(organization, email=email, name=name, roles=role, password=password, actor=me(),
                      now=desk(slug).clock.now(), replace=password_stdin,
                      places=places_of(known) if known else ())  # fmt: skip
    printed = password if added and not given else None
    if as_json:
        say_json(
            {"email": email.strip().lower(), "roles": role, "org": organization.slug, "password": printed}
        )
        return
    say(f"{email} is {', '.join(role)} of {organization.name}.")
    if printed:
        say(f"Password: {printed}   (shown once; it isn't kept anywhere)")


@staff.command("reset-second-factor")
def reset_second_factor(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")], as_json: AsJson = False
) -> None:
    """Take away the app, passkeys and recovery codes of somebody who has lost them; the password is enough then."""
    from paidthru.actions.drop_second_factor import drop_second_factor
    from paidthru.organizations.models import User
    from paidthru.wiring import places_of

    found = User.objects.filter(email=sign_in_address(email)).first()
    if found is None:
        raise Refused("staff_unknown", f"Nobody signs in as {email}.", field="email", value=email,
                      fix="Look at the address again.")  # fmt: skip
    had = drop_second_factor(found, actor=me(), places=places_of(found))
    if as_json:
        say_json({"email": found.email, "removed": had})
    elif had:
        say(f"{found.email} signs in with the password alone. Set up another second factor soon.")
    else:
        say(f"{found.email} has no second factor.")


@clock.command()
def advance(
    to: Annotated[str, typer.Option(help="A date (its start), or a date and a time: “2027-01-31 09:00”.")],
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Move a sandbox's time on, and do on the way everything that falls due."""
    from paidthru.runs import advance as move

    at = desk(slug)
    organization = at.organization
    if not organization.is_sandbox:
        raise Refused("not_a_sandbox", "A live organization's time can't be moved.", field="to",
                      fix="Try it in a sandbox organization.")  # fmt: skip
    try:
        wanted = datetime.fromisoformat(to.strip())
    except ValueError:
        raise Refused("date_invalid", f"“{to}” is neither a date nor a date with a time.", field="to", value=to,
                      fix="Write it as 2027-01-31 or “2027-01-31 09:00”.") from None  # fmt: skip
    moment = time(wanted.hour, wanted.minute)
    instant = local_instant(wanted.date(), moment, organization.zone)
    if instant < at.clock.now():
        raise Refused("past_date", "Time never runs backwards.", field="to", value=to,
                      fix="Choose a later moment.")  # fmt: skip
    move(at, instant)
    now = at.clock.now().astimezone(time_zone(organization.zone))
    if as_json:
        say_json({"org": organization.slug, "now": now.isoformat()})
    else:
        say(f"In {organization.name} it is {now:%Y-%m-%d %H:%M}.")
