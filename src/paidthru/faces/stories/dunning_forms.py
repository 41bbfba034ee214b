"""The forms around what is unpaid: the board of cases, and what staff decide about one."""

from datetime import date
from typing import Annotated, Literal

from .forms import Expectation, Step, expectation, step
from .slots import AMOUNT, DATE, Day, Member, Slot, Words, read_amount, read_date
from .values import AmountText


def _read_parts(written: str) -> tuple[tuple[AmountText, date], ...]:
    found = []
    for one in written.split(","):
        amount, _, on = one.strip().rpartition(" by ")
        found.append((read_amount(amount), read_date(on)))
    return tuple(found)


Parts = Annotated[
    tuple[tuple[AmountText, date], ...],
    Slot(rf"{AMOUNT} by {DATE}(?:, {AMOUNT} by {DATE})*", _read_parts, "AMOUNT by DATE, AMOUNT by DATE"),
]


@step("staff pauses MEMBER until UNTIL")
class StaffPauses(Step):
    """Nothing is done about what a member owes until a date; the days between don't count."""

    member: Member
    until: Day


@step("staff resumes MEMBER")
class StaffResumes(Step):
    """A pause or an arrangement is ended, and the ladder goes on."""

    member: Member


@step("staff skips next step of MEMBER")
class StaffSkips(Step):
    """The next step is left out."""

    member: Member


@step("staff arranges MEMBER pays PARTS")
class StaffArranges(Step):
    """What a member owes is paid in parts, or later."""

    member: Member
    parts: Parts


@step("staff closes case of MEMBER [because REASON]")
class StaffClosesCase(Step):
    """Nothing more is done by itself about what a member owes."""

    member: Member
    reason: Words | None = None


@step("staff lets open cases adopt the ladder")
class StaffAdopts(Step):
    """Open cases go on by the policies as they are now."""


@expectation("case MEMBER open since SINCE [next NEXT]")
class CaseIs(Expectation):
    """The oldest open case of a member, and the date of its next step."""

    member: Member
    since: Day
    next: Day | None = None


@expectation("case MEMBER closed REASON")
class CaseClosed(Expectation):
    """Why the member's latest case was closed."""

    member: Member
    reason: Literal[
        "paid",
        "credited",
        "voided",
        "written_off",
        "canceled",
        "lapsed",
        "downgraded",
        "ended",
        "staff",
    ]


@expectation("no open case MEMBER")
class NoCase(Expectation):
    """Nothing of a member is followed up."""

    member: Member


@expectation("steps MEMBER: STEPS")
class StepsAre(Expectation):
    """What was done about the member's latest case: the date and kind of each mail or end, `withheld` after one that
    was left out, in order."""

    member: Member
    steps: Annotated[
        str,
        Slot(
            rf"{DATE} [a-z_ ]+?(?:, {DATE} [a-z_ ]+?)*",
            lambda written: " ".join(written.split()),
            "DATE KIND",
        ),
    ]
