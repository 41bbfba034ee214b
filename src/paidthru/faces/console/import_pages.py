"""An import as pages: which column is which, the report, the progress."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from django.http import QueryDict

from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import money_text
from paidthru.faces.console.pages import (
    Confirm,
    Fault,
    ImportMappingPage,
    ImportReportPage,
    MappedColumn,
    MappedValue,
    Problem,
    ProgressPage,
    problem_of,
)
from paidthru.faces.console.parts import Action, Choice, Fact, Filter, Link
from paidthru.faces.console.run_pages import many
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, parse_amount, plain
from paidthru.membership.models import Plan
from paidthru.membership.rules.columns import guess_columns, heading_of
from paidthru.membership.rules.csv_reading import ENCODINGS, Limits, members_after_header, recognize
from paidthru.membership.rules.roster import Corrections, Survey, survey
from paidthru.membership.rules.roster_fields import AMOUNT_FIELDS, DATE_FIELDS, FIELDS
from paidthru.membership.rules.roster_report import EVERY, Choices, UnknownPlan, settle_plans, usually
from paidthru.wiring import Kept

FAULTS_A_PAGE = 50
_CREATE, _NONE, _FAULT, _PLAN = "create", "none", "fault", "plan:"
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_ORDERS = {"day_first": "day first, 31/12/2026", "month_first": "month first, 12/31/2026"}
_MARKS = {".": "1,250.00", ",": "1.250,00"}


def survey_of(visit: Visit, kept: Kept, choices: Mapping[str, Any]) -> Survey:
    """Looks through the file once, with what was said about it. Refused as `survey` refuses."""
    corrections = Corrections(**choices.get("corrections", {}))
    with kept.open() as stream:
        seen = survey(
            stream, currency=visit.organization.currency, today=visit.desk.today, corrections=corrections
        )
    kept.note(rows=seen.rows)
    return seen


def levels_of(visit: Visit, seen: Survey) -> tuple[UnknownPlan, ...]:
    """The levels of the file that are no plan yet."""
    if "plan" not in seen.layout.columns:
        return ()
    names = Plan.objects.filter(organization=visit.organization).values_list("name", flat=True)
    return settle_plans(seen.plans, seen.rows, names, Choices(create_offered=False), seen.prices).unknown


# ---------------------------------------------------------------- which column is which


def mapping_page(
    visit: Visit,
    kept: Kept,
    choices: Mapping[str, Any],
    problem: Problem | None = None,
    posted: Mapping[str, str] | None = None,
) -> ImportMappingPage:
    """The columns with their guesses, the options of reading, and the levels that are no plan yet. What was `posted`
    about the levels and refused stays as it was typed."""
    seen: Survey | None = None
    try:
        seen = survey_of(visit, kept, choices)
        headers, sample = seen.layout.headers, seen.sample
        columns: Mapping[str, int] = seen.layout.columns
    except Refused as refused:
        problem = problem or problem_of(refused, "Please say which column is which")
        headers, sample, columns = _headings(kept, choices)
    fields = {column: name for name, column in columns.items()}
    corrections = choices.get("corrections", {})
    return ImportMappingPage(
        title=f"Import {kept.file_name}",
        action_url=visit.url(f"import/{kept.token}/"),
        columns=tuple(
            MappedColumn(
                f"column-{at}",
                heading_of(headers, at),
                _samples(sample, at),
                _FIELD_CHOICES,
                fields.get(at, ""),
            )
            for at in range(len(headers))
        ),
        values=_values(visit, seen, choices, posted or {}) if seen else (),
        values_title="Levels of the file that are no plan yet",
        read_as=_read_as(seen) if seen else (),
        options=(
            Filter(
                "encoding",
                "Letters are written in",
                "choice",
                corrections.get("encoding") or "",
                (
                    Choice("", f"As guessed{f': {_encoding(seen.layout.encoding)}' if seen else ''}"),
                    *(Choice(name, _encoding(name)) for name in ENCODINGS),
                ),
            ),
            Filter(
                "delimiter",
                "Columns are separated by",
                "choice",
                corrections.get("delimiter") or "",
                (
                    Choice("", f"As guessed{f': {_DELIMITERS.get(seen.layout.delimiter)}' if seen else ''}"),
                    *(Choice(sign, name) for sign, name in _DELIMITERS.items()),
                ),
            ),
            Filter(
                "dates",
                "Dates are written",
                "choice",
                _same(corrections.get("date_orders")),
                (
                    Choice("", "As guessed"),
                    *(Choice(order, words) for order, words in _ORDERS.items()),
                ),
            ),
            Filter(
                "decimals",
                "Amounts are written",
                "choice",
                _same(corrections.get("decimal_marks")),
                (
                    Choice("", "As guessed"),
                    *(Choice(mark, words) for mark, words in _MARKS.items()),
                ),
            ),
            Filter(
                "every",
                "New plans bill",
                "choice",
                choices.get("every") or usually(visit.organization.preset),
                tuple(Choice(every, f"Every {every}") for every in EVERY),
                always=True,
            ),
        ),
        fields=(("levels", _levels_key(seen, visit)), ("width", str(len(headers)))),
        cancel_url=visit.url("import/"),
        problem=problem,
        crumbs=(Link("Import", visit.url("import/")),),
    )


def _encoding(name: str) -> str:
    return {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}.get(name, name.upper())


_FIELD_CHOICES = (
    Choice("", "Leave out"),
    *(Choice(field.name, field.label.capitalize()) for field in FIELDS),
)


def _headings(
    kept: Kept, choices: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], Mapping[str, int]]:
    """Headings, first rows and guess of a file whose columns are not clear enough to survey it."""
    corrections = choices.get("corrections", {})
    with kept.open() as stream:
        form = recognize(
            stream, Limits(), encoding=corrections.get("encoding"), delimiter=corrections.get("delimiter")
        )
        _, headers, rows = members_after_header(stream, form, Limits())
        sample = [tuple(cells) for _, (_, cells) in zip(range(5), rows, strict=False) if cells]
    return tuple(headers), tuple(sample), guess_columns(headers, sample).columns


def _samples(sample: tuple[tuple[str, ...], ...], column: int) -> tuple[str, ...]:
    found = [row[column] for row in sample if column < len(row) and row[column].strip()]
    return tuple(dict.fromkeys(found))[:3]


def _same(said: Mapping[str, str] | None) -> str:
    return next(iter(said.values()), "") if said else ""


def _read_as(seen: Survey) -> tuple[Fact, ...]:
    assumed = [
        Fact(one.column or "The file", f"read as {one.read_as.replace('_', ' ')}",
             one.reason + (f", such as {one.example}" if one.example else ""))
        for one in seen.assumptions
    ]  # fmt: skip
    return (Fact("Rows", seen.rows), *assumed)


def _values(
    visit: Visit, seen: Survey, choices: Mapping[str, Any], posted: Mapping[str, str]
) -> tuple[MappedValue, ...]:
    names = list(
        Plan.objects.filter(organization=visit.organization, closed=False)
        .order_by("name")
        .values_list("name", flat=True)
    )
    mapped, created = choices.get("plan_map", {}), choices.get("create_plans", {})
    said = bool(choices.get("create_plans") or choices.get("plan_map"))
    values = []
    for at, level in enumerate(levels_of(visit, seen)):
        if level.text in created:
            guess = _CREATE
        elif level.text in mapped:
            guess = _PLAN + mapped[level.text] if mapped[level.text] else _NONE
        else:
            guess = _CREATE if level.offered and not said else _FAULT
        price = created.get(level.text) if said else level.price_minor
        values.append(
            MappedValue(
                f"level-{at}",
                level.text,
                level.rows,
                (
                    Choice(_CREATE, "A new plan of this name"),
                    *(Choice(_PLAN + name, f"The plan {name}") for name in names),
                    Choice(_NONE, "A contact without a membership"),
                    *(() if level.offered else (Choice(_FAULT, "A mistake: leave its rows out"),)),
                ),
                posted.get(f"level-{at}", _CREATE if level.offered and guess == _FAULT else guess),
                f"price-{at}",
                posted.get(
                    f"price-{at}", plain(price, visit.organization.currency) if price is not None else ""
                ),
            )
        )
    return tuple(values)


def _levels_key(seen: Survey | None, visit: Visit) -> str:
    return "|".join(level.text for level in levels_of(visit, seen)) if seen else ""


def said_in(visit: Visit, kept: Kept, posted: QueryDict) -> tuple[dict[str, Any], str]:
    """What a person said on the mapping page, as the choices of an import; and, where the page has to be read again
    because the file now reads otherwise, a sentence why. Refused: `column_twice`, `amount_invalid`, and what the
    survey refuses."""
    before = kept.notes().get("choices", {}).get("corrections", {})
    corrections: dict[str, Any] = {
        "encoding": posted.get("encoding") or None,
        "delimiter": posted.get("delimiter") or None,
    }
    if any(corrections[name] != before.get(name) for name in corrections):
        survey_of(visit, kept, {"corrections": corrections})
        return {"corrections": corrections}, "The file was read anew. Look at its columns again."
    corrections["columns"] = _columns_in(posted)
    if order := posted.get("dates"):
        corrections["date_orders"] = {name: order for name in DATE_FIELDS if corrections["columns"].get(name)}
    if mark := posted.get("decimals"):
        corrections["decimal_marks"] = {
            name: mark for name in AMOUNT_FIELDS if corrections["columns"].get(name)
        }
    every = posted.get("every", "")
    choices: dict[str, Any] = {
        "corrections": corrections,
        "create_offered": False,
        "every": every if every in EVERY else "",
    }
    seen = survey_of(visit, kept, choices)
    if posted.get("levels", "") != _levels_key(seen, visit):
        return choices, "Say also what the levels in the plan column become."
    return choices | _plans_in(visit, seen, posted), ""


def _columns_in(posted: QueryDict) -> dict[str, str | None]:
    width = posted.get("width", "0")
    columns: dict[str, str | None] = {field.name: None for field in FIELDS}
    for at in range(min(int(width) if width.isdecimal() else 0, Limits().columns)):
        name = posted.get(f"column-{at}", "")
        if not name:
            continue
        if columns.get(name):
            label = next((field.label for field in FIELDS if field.name == name), name)
            raise Refused(
                "column_twice",
                f"Two columns are to be the {label}: {columns[name]} and #{at + 1}.",
                field=name,
                fix="Give each field one column, and leave the other out.",
            )
        columns[name] = f"#{at + 1}"
    return columns


def _plans_in(visit: Visit, seen: Survey, posted: QueryDict) -> dict[str, Any]:
    mapped: dict[str, str] = {}
    created: dict[str, int | None] = {}
    for at, level in enumerate(levels_of(visit, seen)):
        choice, price = posted.get(f"level-{at}", ""), posted.get(f"price-{at}", "").strip()
        if choice == _CREATE:
            try:
                created[level.text] = parse_amount(price, visit.organization.currency) if price else None
            except Refused as refused:
                raise Refused(
                    refused.code, refused.message, field=level.text, value=price, fix=refused.fix
                ) from refused
            if (created[level.text] or 0) < 0:
                raise Refused(
                    "amount_invalid",
                    f"A price is not negative: {price}.",
                    field=level.text,
                    value=price,
                    fix="Leave it empty to give the price later.",
                )
        elif choice == _NONE:
            mapped[level.text] = ""
        elif choice.startswith(_PLAN):
            mapped[level.text] = choice.removeprefix(_PLAN)
    return {"plan_map": mapped, "create_plans": created}


# ---------------------------------------------------------------- progress and report


def progress_page(visit: Visit, kept: Kept, notes: Mapping[str, Any]) -> ProgressPage:
    """A large file being read."""
    done = int(notes.get("done") or 0)
    return ProgressPage(
        title=kept.file_name,
        label=f"{'Importing' if notes['state'] == 'taking' else 'Checking'} {kept.file_name}",
        done=done,
        total=int(notes.get("total") or 0) or None,
        poll_url=visit.url(f"import/{kept.token}/report/"),
        state="running" if done else "waiting",
        noun=("row", "rows"),
        crumbs=(Link("Import", visit.url("import/")),),
    )


def report_page(visit: Visit, kept: Kept, notes: Mapping[str, Any]) -> ImportReportPage:
    """What the import will do, or did, and everything that was found in its rows."""
    said, taken = notes["report"], notes["state"] == "taken"
    here = visit.url(f"import/{kept.token}/")
    start = visit.request.GET.get("from", "0")
    first = min(int(start), len(said["faults"])) if start.isdecimal() and len(start) < 9 else 0
    shown = said["faults"][first : first + FAULTS_A_PAGE]
    more = first + FAULTS_A_PAGE < len(said["faults"])
    actions = (
        (Action("See the members", visit.url("members/"), "primary", icon="people"),
         Action("Generate renewals", visit.url("renewals/generate/")))
        if taken else
        (Action("Correct the columns", here), Action("Throw the file away", f"{here}discard/", method="post"))
    )  # fmt: skip
    return ImportReportPage(
        title=f"{kept.file_name} is imported" if taken else f"Report on {kept.file_name}",
        rows=said["rows"],
        add=said["add"],
        change=said["change"],
        unchanged=said["unchanged"],
        faulty=said["left_out"],
        faults=tuple(
            Fault(
                one["row"],
                one["field"],
                one["value"],
                one["problem"],
                one["fix"],
                cast(Literal["error", "warning", "note"], one["severity"]),
            )
            for one in shown
        ),
        fault_total=said["faults_found"],
        header_row=said.get("header_row", 1),
        faults_url=f"{here}faults.csv",
        next_url=f"?from={first + FAULTS_A_PAGE}" if more else None,
        previous_url=f"?from={max(0, first - FAULTS_A_PAGE)}" if first else None,
        confirm=None if taken else _confirm(visit, here, said),
        intro=_intro(said, taken),
        actions=actions,
        crumbs=(Link("Import", visit.url("import/")),),
        done=taken,
    )


def _intro(said: Mapping[str, Any], taken: bool) -> str:
    if taken and not said["left_out"]:
        return "Every row was taken. Nothing was billed, mailed or charged."
    if taken:
        return (
            "Rows with faults were left out. Correct them in the file and import it again: it then updates."
        )
    return "Nothing has been written yet. Read what would happen; then import the good rows."


def _new_plan(visit: Visit, plan: Mapping[str, Any]) -> str:
    currency = visit.organization.currency
    if plan["price"] is None:
        return f"{plan['plan']} (every {plan['every']}, no price yet)"
    price = money_text(Money(parse_amount(plan["price"], currency, "."), currency), visit.organization.locale)
    return f"{plan['plan']} ({price} every {plan['every']})"


def _what_happens(visit: Visit, said: Mapping[str, Any]) -> str:
    """“Adds 9 members”, “Adds 1 member, changes 2 members and leaves 3 members unchanged”: what there is of it."""
    parts = [
        f"{verb} {many(visit, said[name], 'member', 'members')}{rest}"
        for verb, name, rest in (
            ("adds", "add", ""),
            ("changes", "change", ""),
            ("leaves", "unchanged", " unchanged"),
        )
        if said[name]
    ]
    text = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return text[:1].upper() + text[1:]


def _orders(orders: Mapping[str, str]) -> list[str]:
    """How dates in numbers were read, the columns named where they differ."""
    columns: dict[str, list[str]] = {}
    for heading, order in orders.items():
        columns.setdefault(order, []).append(f"“{heading}”")
    if len(columns) == 1:
        return [_ORDERS[next(iter(columns))]]
    return [f"{_ORDERS[order]} in {' and '.join(headings)}" for order, headings in columns.items()]


def _confirm(visit: Visit, here: str, said: Mapping[str, Any]) -> Confirm:
    good = said["add"] + said["change"] + said["unchanged"]
    if not good:
        return Confirm(
            f"{here}take/", "", ("No row can be taken. Correct the faults in the file, or the columns.",)
        )
    lines = [f"{_what_happens(visit, said)}."]
    lines += [f"Dates are read {one}." for one in _orders(said.get("date_orders", {}))]
    if said["left_out"]:
        lines.append(f"Leaves out {many(visit, said['left_out'], 'row', 'rows')}, for the faults above.")
    if said["plans_new"]:
        plans = ", ".join(_new_plan(visit, plan) for plan in said["plans_new"])
        lines.append(f"Creates {many(visit, len(said['plans_new']), 'plan', 'plans')}: {plans}.")
    if any(plan["price"] is None for plan in said["plans_new"]):
        lines.append("Members of a plan without a price can't be billed until it has one.")
    if said["dates_kept"]:
        lines.append(
            f"Keeps the dates of {many(visit, said['dates_kept'], 'member', 'members')} whom Paidthru bills already."
        )
    if said["balances"]:
        have = many(visit, said["balances"], "row has", "rows have")
        lines.append(f"{have} a balance, which is not booked.")
    lines.append("Nothing is billed, mailed or charged.")
    return Confirm(
        f"{here}take/", f"Import {many(visit, good, 'row', 'rows')}", tuple(lines), digest=said["token"]
    )
