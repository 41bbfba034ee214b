"""What the commands share: their options, how they print, and whom they work for."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import parse_amount, plain
from paidthru.kernel.texts import sign_in_address

if TYPE_CHECKING:
    from paidthru.membership.models import Plan
    from paidthru.people.models import Party
    from paidthru.runs import Desk
    from paidthru.timeline.operations import Actor

Org = Annotated[
    str,
    typer.Option(
        "--org", help="The organization's short name, where there is more than one.", metavar="SLUG"
    ),
]
As = Annotated[
    str, typer.Option("--as", help="Who acts: the address of a member of the staff.", metavar="EMAIL")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_WIDTH = 110  # where nobody's window says how wide it is


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    return console


def say(text: str = "", style: str | None = None) -> None:
    """A line for a person."""
    _console().print(text, style=style, markup=False)


def many(count: int, one: str) -> str:
    """`1 unit`, `2,000 units`."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def heading(text: str) -> None:
    """A short headed section begins."""
    console = _console()
    console.print()
    console.rule(text, align="left", style="dim")


def say_json(value: object) -> None:
    """The result for a program: one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table; columns named in `right` are aligned to the right, as amounts and counts are."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for header in headers:
        made.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else _plain(cell) for cell in row))
    _console().print(made)


def _plain(cell: object) -> str:
    return str(cell).replace("[", "\\[")  # no mark-up in what people wrote


def amount(amount_minor: int, currency: str) -> str:
    """An amount with grouped thousands: `1,250.00`."""
    text = plain(amount_minor, currency)
    whole, point, rest = text.lstrip("-").partition(".")
    return f"{'-' if amount_minor < 0 else ''}{int(whole):,}{point}{rest}"


@contextmanager
def bar(what: str, *, shown: bool = True) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the error stream, so that output stays clean; call what it gives with (done, all)."""
    progress = Progress(
        TextColumn(f"{what:<24}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn(),
        console=_console(stderr=True), disable=not shown,
    )  # fmt: skip
    with progress:
        task = progress.add_task(what, total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=max(done, total))

        yield told


def day(text: str, field: str) -> date:
    """A date that was typed. Refused `date_invalid`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            "date_invalid",
            f"“{text}” is not a date.",
            field=field,
            value=text,
            fix="Write it as year-month-day, such as 2027-01-31.",
        ) from None


def price(text: str, currency: str, field: str = "price") -> int:
    """An amount that was typed, in minor units: `100`, `1,250.00`, `100.00 USD`.

    Refused: `currency_mismatch` (it names another currency), `amount_invalid`.
    """
    words = text.split()
    codes = [word for word in words if word.isalpha() and len(word) == 3]
    for code in codes:
        if code.upper() != currency:
            raise Refused(
                "currency_mismatch",
                f"“{text}” is in {code.upper()}; it has to be in {currency}.",
                field=field,
                value=text,
                fix=f"Give the amount in {currency}.",
            )
    made = parse_amount(" ".join(word for word in words if word not in codes), currency)
    if made < 0:
        raise Refused(
            "amount_invalid",
            "A price can't be less than nothing.",
            field=field,
            value=text,
            fix="Enter zero or more.",
        )
    return made


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """`TEXT=VALUE` options by text. Refused `option_unreadable`."""
    made: dict[str, str] = {}
    for one in given:
        name, equals, value = one.rpartition("=")
        if not equals or not name.strip():
            raise Refused(
                "option_unreadable",
                f"{option} “{one}” says nothing: an = is missing.",
                field=option,
                value=one,
                fix=f'Write it as {option} "THIS=THAT".',
            )
        made[name.strip()] = value.strip()
    return made


def desk(slug: str) -> "Desk":
    """The desk of the organization that is meant. Refused: `organization_unknown`, `which_organization`."""
    from paidthru.organizations.queries import organization_by_slug
    from paidthru.wiring import desk_for

    return desk_for(organization_by_slug(slug or None))


def member(at: "Desk", text: str) -> "Party":
    """Whoever is meant by an exact name, an id in the roster, or a number (`12`; `#12` is nothing else).

    Refused: `member_unknown`, `which_member`.
    """
    from django.db.models import Q

    from paidthru.people.models import Party

    text = text.strip()
    digits = text.removeprefix("#")
    meant = Q(name=text) | Q(external_id__iexact=text)
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        numbered = Q(number=int(digits))
        meant = numbered if text.startswith("#") else meant | numbered
    found = list(Party.objects.filter(meant, organization=at.organization).order_by("number")[:5])
    if not found:
        raise Refused(
            "member_unknown",
            f"There is nobody called “{text}”.",
            field="member",
            value=text,
            fix=_nearest(at, text),
        )
    if len(found) > 1:
        raise Refused(
            "which_member",
            f"“{text}” can be {', '.join(f'{one.name} (#{one.number})' for one in found)}.",
            field="member",
            value=text,
            fix=f"Give the number, such as #{found[0].number}.",
        )
    return found[0]


NEAR = 5  # so many are named who may be meant


def _nearest(at: "Desk", text: str) -> str:
    """The way out of a name that nobody has: who may be meant, for a name holds each of its words."""
    from paidthru.people.models import Party
    from paidthru.people.queries import found_by

    given = (
        "Give the exact name, the id in the roster, or the number. `import members` adds somebody;"
        " `member join --new` does, with a plan."
    )
    if not text:
        return given
    near = Party.objects.filter(found_by(text), organization=at.organization).order_by("name", "number")[
        : NEAR + 1
    ]
    found = list(near)
    if not found:
        return given
    if len(found) == 1:
        return f"{found[0].name} (#{found[0].number}) may be meant: give that name, or #{found[0].number}."
    named = ", ".join(f"{one.name} (#{one.number})" for one in found[:NEAR])
    more = " and others" if len(found) > NEAR else ""
    return f"It may be {named}{more}: give the full name, or a number such as #{found[0].number}."


def plan(at: "Desk", name: str) -> "Plan":
    """The plan of that name. Refused `plan_unknown`."""
    from paidthru.membership.queries import plan_named

    found = plan_named(at.organization.id, name.strip())
    if found is None:
        raise Refused(
            "plan_unknown",
            f"There is no plan called “{name}”.",
            field="plan",
            value=name,
            fix="`paidthru plan list` shows them.",
        )
    return found


def me() -> "Actor":
    """Whoever types, as the timeline shows them."""
    from paidthru.timeline.operations import Actor

    return Actor("command", "the command line")


def somebody(at: "Desk", email: str, act: str) -> "Actor":
    """A member of the staff who types, by their address; without one, whoever types. Refused: `staff_unknown`,
    `role_lacking`."""
    from paidthru.organizations.models import User
    from paidthru.organizations.queries import roles_in, user_may
    from paidthru.timeline.operations import Actor

    if not email:
        return me()
    user = User.objects.filter(email=sign_in_address(email), is_active=True).first()
    if user is None or not roles_in(user, at.organization.id):
        raise Refused(
            "staff_unknown",
            f"Nobody on the staff has the address “{email}”.",
            field="as",
            value=email,
            fix="`paidthru staff add` adds somebody.",
        )
    if not user_may(user, at.organization.id, act):
        raise Refused(
            "role_lacking",
            f"{user.name or user.email} may not do this.",
            field="as",
            value=email,
            fix="Somebody with another role has to.",
        )
    return Actor("command", user.name or user.email, str(user.id))


def dated(value: Any) -> str:
    """A date or an instant, or nothing."""
    return "" if value is None else value.isoformat()[:16].replace("T", " ")
