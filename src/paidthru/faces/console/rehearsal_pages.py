"""A rehearsal as the console shows it: how it is played, what came of it, and where two courses part."""

from collections.abc import Iterator, Sequence
from datetime import date

from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting import money_said
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.charts import Group, chart_of
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import ProgressPage, RecordPage, Section, problem_of
from paidthru.faces.console.parts import Action, Column, Fact, Figure, Link, Row, Table, Value, badge_of
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import month_text
from paidthru.kernel.money import Money
from paidthru.organizations.models import Course, Organization, Rehearsal
from paidthru.organizations.rules.policies import shown
from paidthru.organizations.rules.rehearsing import state_of_all
from paidthru.runs.rehearsed import Figures, Outcome, Parting, partings
from paidthru.runs.rehearsing import ends_at

CALLED = {"present": "As it is", "proposed": "With the changes"}
SHOWN = 25
_MONEY = {"billed_minor": "Billed", "collected_minor": "Collected"}
_COUNTS = {
    "billed": "Invoices",
    "declined": "Payments declined",
    "mails": "Mails that would have gone out",
    "ended": "Memberships that ended",
}
_BY_MONTH = {"declined": "Declined", "mails": "Mails", "ended": "Ended"}


def rehearsal_url(visit: Visit, rehearsal: Rehearsal) -> str:
    """A rehearsal's page."""
    return visit.url(f"rehearsals/{rehearsal.id}/")


def courses_of(rehearsal: Rehearsal) -> list[Course]:
    """Its courses, the present one first."""
    return sorted(rehearsal.courses.all(), key=lambda one: one.kind)


def is_under_way(courses: Sequence[Course]) -> bool:
    """Whether a course is still to be played."""
    return any(course.state in ("waiting", "playing") for course in courses)


def progress_page(visit: Visit, rehearsal: Rehearsal, courses: Sequence[Course]) -> ProgressPage:
    """How far it is, in days of all courses."""
    zone, locale = visit.organization.zone, visit.organization.locale
    begin = local_date(rehearsal.begins_at, zone)
    days = (local_date(ends_at(rehearsal, zone), zone) - begin).days or 1

    def reached(course: Course) -> date:
        return local_date(course.reached_at, zone) if course.reached_at else begin

    done = sum(
        days if course.state == "played" else (reached(course) - begin).days
        for course in courses
    )  # fmt: skip
    under_way = is_under_way(courses)
    way = rehearsal_url(visit, rehearsal)
    return ProgressPage(
        title=rehearsal.name,
        label=f"{rehearsal.months} months are played in a copy of {visit.organization.name}",
        done=done,
        total=days * len(courses),
        poll_url=f"{way}?progress=1",
        state="running" if under_way else "done",
        detail="; ".join(f"{CALLED[one.kind]}: {day_text(reached(one), locale)}" for one in courses),
        result=None if under_way else Link("What came of it", way),
        noun=("day", "days"),
        crumbs=(Link("Rehearsals", visit.url("rehearsals/")),),
    )


def rehearsal_page(visit: Visit, rehearsal: Rehearsal, courses: Sequence[Course]) -> RecordPage:
    """What came of each course, side by side."""
    found = {one.kind: Figures.of(one.figures) for one in courses if one.figures is not None}
    failed = next((one for one in courses if one.state == "failed"), None)
    warning = None
    if failed is not None:
        told = Refused("rehearsal_failed", failed.problem, fix="Throw it away and try another one.")
        warning = problem_of(told, f"“{CALLED[failed.kind]}” was not played to its end")
    discard = Action("Throw it away", f"{rehearsal_url(visit, rehearsal)}discard/", ask=True)
    return RecordPage(
        title=rehearsal.name,
        kind="Rehearsal",
        warning=warning,
        badges=(badge_of(state_of_all([one.state for one in courses])),),
        facts=tuple(_how(visit, rehearsal)),
        figures=tuple(_figures(visit, found)),
        sections=tuple(_sections(visit, rehearsal, courses, found)),
        actions=(discard,) if _is_there(rehearsal, courses) and visit.may("rehearse") else (),
        crumbs=(Link("Rehearsals", visit.url("rehearsals/")),),
    )


def _how(visit: Visit, rehearsal: Rehearsal) -> Iterator[Fact]:
    zone, locale = visit.organization.zone, visit.organization.locale
    begin, end = local_date(rehearsal.begins_at, zone), local_date(ends_at(rehearsal, zone), zone)
    yield Fact(
        "Played",
        f"{day_text(begin, locale)} to {day_text(end, locale)}",
        f"asked for by {rehearsal.asked_by}",
    )
    if rehearsal.changes:
        said = "; ".join(
            f"{key} = {'the preset’s' if value is None else shown(value)}"
            for key, value in rehearsal.changes.items()
        )
        yield Fact("The changes", said)
    yield Fact(
        "Payments",
        f"{_percent(rehearsal.declined)} of charges fail for want of money; {_percent(rehearsal.lost)} of cards and"
        f" accounts are closed in a year. {_percent(rehearsal.by_hand)} of invoices that nobody collects are paid,"
        f" {rehearsal.by_hand_days} days after they are due.",
    )
    yield Fact(
        "People",
        "Nobody joins, cancels, visits or replaces a card, and staff do each step on its day. No mail leaves, no money"
        " moves; a day’s work is done in the evening.",
    )


def _percent(of_a_thousand: int) -> str:
    whole, tenth = divmod(of_a_thousand, 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"


def _figures(visit: Visit, found: dict[str, Figures]) -> Iterator[Figure]:
    present, proposed = found.get("present"), found.get("proposed")
    shown_ = proposed or present
    if shown_ is None:
        return
    currency = visit.organization.currency
    for name, label in _MONEY.items():
        note = ""
        if proposed is not None and present is not None:
            note = f"{money_said(visit, present.total(name), currency)} as it is"
        yield Figure(label, Money(shown_.total(name), currency), note)
    note = f"{present.total('ended')} as it is" if proposed is not None and present is not None else ""
    yield Figure("Memberships that ended", shown_.total("ended"), note)


def _sections(
    visit: Visit, rehearsal: Rehearsal, courses: Sequence[Course], found: dict[str, Figures]
) -> Iterator[Section]:
    if not found:
        return
    kinds = [kind for kind in ("present", "proposed") if kind in found]
    yield _side_by_side(visit, found, kinds)
    yield _by_month(visit, found, kinds)
    if len(kinds) == 2 and all(_slug(one) for one in courses):
        parted, total = partings(rehearsal, limit=SHOWN)
        more = Link(f"All {total:,}", f"{rehearsal_url(visit, rehearsal)}members/") if total > SHOWN else None
        text = "" if parted else f"It makes no difference to any of the {visit.words.members}."
        table = Table(PARTED, tuple(parting_row(visit, one) for one in parted), "For whom it differs")
        yield Section(
            "members",
            f"For whom it differs: {total:,}",
            table if parted else None,
            text=text,
            more=more,
        )
    inside = tuple(
        Fact(
            CALLED[course.kind], Link("Look inside the copy", f"/o/{slug}/"), "its invoices, mails and books"
        )
        for course in courses
        if (slug := _slug(course))
    )
    if inside:
        yield Section("inside", "The copies", facts=inside)


def _is_there(rehearsal: Rehearsal, courses: Sequence[Course]) -> bool:
    """Whether there is something to throw away: a copy, or the wish to play it."""
    return rehearsal.discarded_at is None or any(_slug(course) for course in courses)


def _slug(course: Course) -> str | None:
    if course.fork_id is None:
        return None
    return Organization.objects.filter(id=course.fork_id).values_list("slug", flat=True).first()


def _side_by_side(visit: Visit, found: dict[str, Figures], kinds: Sequence[str]) -> Section:
    currency = visit.organization.currency
    rows = [
        _compared(label, [Money(found[k].total(name), currency) for k in kinds])
        for name, label in _MONEY.items()
    ]
    rows.append(_compared("Owed at the end", [Money(found[k].owed_minor, currency) for k in kinds]))
    rows += [_compared(label, [found[k].total(name) for k in kinds]) for name, label in _COUNTS.items()]
    labels = sorted({label for k in kinds for label in found[k].labels})
    members = visit.words.titled("members")
    rows += [
        _compared(f"{members} who are {label} at the end", [found[k].labels.get(label, 0) for k in kinds])
        for label in labels
    ]
    columns = (Column("what", "What"), *(Column(kind, CALLED[kind], "money") for kind in kinds))
    if len(kinds) == 2:
        columns += (Column("difference", "Difference", "money"),)
    return Section("side-by-side", "In all", Table(columns, tuple(rows), "In all"))


def _compared(label: str, values: Sequence[Money | int]) -> Row:
    if len(values) < 2:
        return Row((label, *values))
    first, second = values
    if isinstance(first, Money) and isinstance(second, Money):
        parting: Value = Money(second.amount_minor - first.amount_minor, first.currency)
    else:
        assert isinstance(first, int) and isinstance(second, int)
        parting = second - first
    return Row((label, first, second, parting))


def _by_month(visit: Visit, found: dict[str, Figures], kinds: Sequence[str]) -> Section:
    locale, currency = visit.organization.locale, visit.organization.currency
    months = list(zip(*(found[kind].months for kind in kinds), strict=True))
    groups = tuple(
        Group(
            month_text(of[0].start, locale, short=True),
            tuple(one.collected_minor for one in of),
            tuple(money_said(visit, one.collected_minor, currency) for one in of),
        )
        for of in months
    )
    rows = tuple(
        Row(
            (
                month_text(of[0].start, locale),
                *(Money(minor, currency) for one in of for minor in (one.billed_minor, one.collected_minor)),
            )
        )
        for of in months
    )
    columns = (
        Column("month", "Month"),
        *(
            Column(f"{kind}_{name}", f"{label}, {CALLED[kind].lower()}" if len(kinds) > 1 else label, "money")
            for kind in kinds
            for name, label in _MONEY.items()
        ),
    )
    chart = chart_of(
        tuple(f"Collected, {CALLED[kind].lower()}" for kind in kinds),
        groups,
        lambda minor: money_said(visit, minor, currency),
    )
    table = Table(columns, rows, "By month")
    counts = tuple(
        Row((month_text(of[0].start, locale), *(getattr(one, name) for name in _BY_MONTH for one in of)))
        for of in months
    )
    counted = (
        Column("month", "Month"),
        *(
            Column(f"{kind}_{name}", label if kind == kinds[0] else CALLED[kind].lower(), "number")
            for name, label in _BY_MONTH.items()
            for kind in kinds
        ),
    )
    below = Table(counted, counts, "Declines, mails and ends by month")
    return Section("by-month", "Collected by month", table, chart=chart, folded=True, below=below)


PARTED = (
    Column("member", "Member", "link"),
    Column("billed", "Billed", "money"),
    Column("billed_then", "with the changes", "money"),
    Column("paid", "Paid", "money"),
    Column("paid_then", "with the changes", "money"),
    Column("what", "What else", "prose"),
)


def parting_row(visit: Visit, one: Parting) -> Row:
    """A member for whom two courses differ."""
    currency, before, after = visit.organization.currency, one.present, one.proposed
    return Row(
        (
            Link(one.name, member_url(visit, one.party_id)),
            Money(before.billed_minor, currency),
            Money(after.billed_minor, currency),
            Money(before.paid_minor, currency),
            Money(after.paid_minor, currency),
            "; ".join(_else(visit, before, after)),
        )
    )


def _else(visit: Visit, before: Outcome, after: Outcome) -> Iterator[str]:
    locale = visit.organization.locale

    def day(on: date | None) -> str:
        return day_text(on, locale) if on else "never"

    if before.state != after.state:
        yield f"membership {after.state or 'none'} instead of {before.state or 'none'}"
    if before.paid_through != after.paid_through:
        yield f"paid through {day(after.paid_through)} instead of {day(before.paid_through)}"
    if before.declined != after.declined:
        yield f"{after.declined} declined instead of {before.declined}"
    if before.mails != after.mails:
        yield f"{after.mails} mails instead of {before.mails}"
