"""What an import will do, as a person reads it before it is done; and the question which plans are new."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.cell_words import word_key
from paidthru.membership.rules.roster_items import Fault
from paidthru.membership.rules.roster_layout import Assumption, Corrections

OFFERED_SHARE = 50  # a level that one row in fifty names is a level, not a slip of the pen
OFFERED_ROWS = 3  # and at least so many, where the organization has plans to compare with


#: How often a plan bills, in the words that a person chooses by.
EVERY = {
    "month": Interval(1, Unit.MONTH),
    "quarter": Interval(3, Unit.MONTH),
    "half-year": Interval(6, Unit.MONTH),
    "year": Interval(1, Unit.YEAR),
}


def interval_every(every: str) -> Interval:
    """The interval of a word of EVERY. Refused `interval_unknown`."""
    if every not in EVERY:
        raise Refused("interval_unknown", f"Plans don’t bill every “{every}” here.", field="every", value=every,
                      fix=f"Choose one of: {', '.join(EVERY)}.")  # fmt: skip
    return EVERY[every]


def usually(preset: str) -> str:
    """How often plans bill in organizations of a preset, one of EVERY: desks are let by the month."""
    return "month" if preset == "coworking" else "year"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said about a roster; all of it may be left open.

    `plan_map`: a level of the file → the name of a plan, '' for no membership. `create_plans`: a level of the file →
    the price of the plan to be created, in minor units, None for none yet. `create_offered`: create every level that
    is offered, without a price; None does so only for an organization that has no plan at all. `every`: how often the
    plans that are created bill, one of EVERY, '' for as usual in the organization's preset. `status_map`: a word of the
    file → one of `cell_words.STATUSES`.
    """

    corrections: Corrections = field(default_factory=Corrections)
    plan_map: Mapping[str, str] = field(default_factory=dict)
    create_plans: Mapping[str, int | None] = field(default_factory=dict)
    create_offered: bool | None = None
    every: str = ""
    status_map: Mapping[str, str] = field(default_factory=dict)


def choices_from(parts: Mapping[str, Any]) -> Choices:
    """Choices from their JSON: the fields of `Choices`, of its corrections under `corrections`; what is missing is
    left open."""
    return Choices(
        corrections=Corrections(**parts.get("corrections", {})),
        plan_map=dict(parts.get("plan_map", {})),
        create_plans=dict(parts.get("create_plans", {})),
        create_offered=parts.get("create_offered"),
        every=parts.get("every", ""),
        status_map=dict(parts.get("status_map", {})),
    )


@dataclass(frozen=True, slots=True)
class UnknownPlan:
    """A level of the file that is no plan. `offered`: so many rows name it that it may become one; `price_minor`: what
    most of them say that it costs, in minor units."""

    text: str
    rows: int
    offered: bool
    price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan that the commit creates, with its price in minor units or none yet, and how often it bills (of EVERY)."""

    name: str
    rows: int
    price_minor: int | None
    every: str = ""


@dataclass(frozen=True, slots=True)
class Plans:
    """How the levels of a file are read: `words` as `Known.plan_words` takes them, plans to create, open questions."""

    words: Mapping[str, str]
    new: tuple[NewPlan, ...]
    unknown: tuple[UnknownPlan, ...]


def settle_plans(
    levels: Mapping[str, int],
    rows: int,
    existing: Iterable[str],
    choices: Choices,
    prices: Mapping[str, int] | None = None,
) -> Plans:
    """Decides which level of the file is which plan. `levels` counts how often each occurs among `rows` rows, `prices`
    are what they cost by the file (see `Survey.prices`).

    A level that is no plan and that one row in fifty names (where there are plans already, three rows at least) is
    offered for creation; its rows are not faulty. A rarer one is taken for a slip, and its rows are faults.
    Raises `Refused`: plan_unknown (mapped to a plan that isn't there), level_unknown (not in the file).
    """
    names = {word_key(name): name for name in existing}
    counted: dict[str, tuple[str, int]] = {}
    for text, count in levels.items():
        first, before = counted.get(word_key(text), (text, 0))
        counted[word_key(text)] = (first, before + count)
    asked = {word_key(text): (text, price) for text, price in choices.create_plans.items()}
    mapped = {word_key(text): (text, plan) for text, plan in choices.plan_map.items()}
    for key, (text, _) in [*asked.items(), *mapped.items()]:
        if key not in counted:
            raise Refused(
                "level_unknown", f"No row of the file names “{text}”.", field="plan", value=text,
                fix=f"The file names {', '.join(level for level, _ in counted.values()) or 'no plan'}.",
            )  # fmt: skip
    at_once = not names if choices.create_offered is None else choices.create_offered
    words: dict[str, str] = {}
    new: list[NewPlan] = []
    unknown: list[UnknownPlan] = []
    for key, (text, count) in counted.items():
        if key in mapped or key in names:
            continue
        offered = count * OFFERED_SHARE >= rows and (not names or count >= OFFERED_ROWS)
        if key in asked or (offered and at_once):
            new.append(NewPlan(text, count, asked[key][1] if key in asked else None, choices.every))
            words[text] = text
        else:
            unknown.append(UnknownPlan(text, count, offered, (prices or {}).get(text)))
            if offered:
                words[text] = text  # its rows are read, and wait for the answer
    there = names | {word_key(plan.name): plan.name for plan in new}
    for text, plan in mapped.values():
        if plan and word_key(plan) not in there:
            raise Refused(
                "plan_unknown", f"There is no plan called “{plan}”.", field="plan", value=plan,
                fix=f"Choose one of: {', '.join(there.values()) or 'none yet; create one'}.",
            )  # fmt: skip
        words[text] = there[word_key(plan)] if plan else ""
    most_first = sorted(unknown, key=lambda one: (-one.rows, one.text))
    return Plans(words, tuple(sorted(new, key=lambda one: (-one.rows, one.name))), tuple(most_first))


@dataclass(frozen=True, slots=True)
class Change:
    """What an import changes for somebody: field → (before, after)."""

    row: int
    name: str
    changes: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The report: rows = add + change + unchanged + left_out.

    `faults` holds the first of them (rows in order, warnings and notes too), `faults_found` how many there are, by
    code in `codes`. `token` stands for the file; a commit given it refuses another. `columns`: field → heading, guessed
    or said; `unmapped` the headings that are not imported. `dates_kept`: members whose dates in the file differ and
    are not taken, because Paidthru bills them already. `without_date`: new memberships that nothing will bill.
    `balances`: rows with a balance, which is read and not booked. `date_orders`: heading → the order in which day and
    month of its dates were read, where they are written in numbers. `header_row`: the row with the headings.
    """

    file: str
    token: str
    currency: str
    rows: int
    add: int
    change: int
    unchanged: int
    left_out: int
    faults: tuple[Fault, ...]
    faults_found: int
    codes: Mapping[str, int]
    plans_unknown: tuple[UnknownPlan, ...]
    plans_new: tuple[NewPlan, ...]
    statuses_unknown: Mapping[str, int]
    assumptions: tuple[Assumption, ...]
    columns: Mapping[str, str]
    unmapped: tuple[str, ...]
    changes: tuple[Change, ...]
    dates_kept: int
    without_date: int
    balances: int
    date_orders: Mapping[str, str] = field(default_factory=dict)
    header_row: int = 1
    committed: bool = False

    @property
    def plans_asked(self) -> tuple[UnknownPlan, ...]:
        """The levels that need an answer before the commit."""
        return tuple(one for one in self.plans_unknown if one.offered)

    def as_dict(self) -> dict[str, object]:
        """JSON-able, as `paidthru import members --json` prints it."""
        return {
            "file": self.file,
            "token": self.token,
            "committed": self.committed,
            "rows": self.rows,
            "add": self.add,
            "change": self.change,
            "unchanged": self.unchanged,
            "left_out": self.left_out,
            "faults": [fault.as_dict() for fault in self.faults],
            "faults_found": self.faults_found,
            "codes": dict(self.codes),
            "plans_unknown": [
                {
                    "text": one.text,
                    "rows": one.rows,
                    "offered": one.offered,
                    "price": self._price(one.price_minor),
                }
                for one in self.plans_unknown
            ],
            "plans_new": [
                {
                    "plan": one.name,
                    "rows": one.rows,
                    "price": self._price(one.price_minor),
                    "every": one.every,
                }
                for one in self.plans_new
            ],
            "statuses_unknown": dict(self.statuses_unknown),
            "assumptions": [asdict(one) for one in self.assumptions],
            "columns": dict(self.columns),
            "unmapped": list(self.unmapped),
            "changes": [
                {
                    "row": one.row,
                    "name": one.name,
                    "changes": {key: list(pair) for key, pair in one.changes.items()},
                }
                for one in self.changes
            ],
            "dates_kept": self.dates_kept,
            "without_date": self.without_date,
            "balances": self.balances,
            "date_orders": dict(self.date_orders),
            "header_row": self.header_row,
        }

    def _price(self, price_minor: int | None) -> str | None:
        return None if price_minor is None else plain(price_minor, self.currency)
