"""Writes docs/policies.md and docs/states.md from the code, so that they can't differ from it.

Run `python scripts/reference.py` after changing a policy or a state table; a test compares (tests/house).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from paidthru.invoicing.rules.states import DOCUMENT
from paidthru.kernel.states import Machine
from paidthru.ledger.rules.batches import BATCH
from paidthru.membership.rules.runs import RUN
from paidthru.membership.rules.status import COLLECTION, ENTITLEMENT, LIFECYCLE
from paidthru.organizations.rules.policies import PRESETS, SUBJECTS, Key, shown
from paidthru.payments.rules.disputes import DISPUTE_MACHINE
from paidthru.payments.rules.intents import INTENT
from paidthru.payments.rules.refunds import REFUND_MACHINE
from paidthru.payments.rules.settlement import ATTEMPT_MACHINE

MACHINES: tuple[Machine, ...] = (
    LIFECYCLE,
    COLLECTION,
    ENTITLEMENT,
    DOCUMENT,
    INTENT,
    ATTEMPT_MACHINE,
    REFUND_MACHINE,
    DISPUTE_MACHINE,
    RUN,
    BATCH,
)
FOLDER = Path(__file__).parents[1] / "docs"


SUBJECT_TITLES = {
    "billing": "Billing",
    "terms": "Terms, proration and paid through",
    "collecting": "Collecting",
    "status": "What a member is called and told",
    "lifecycle": "Changing, ending and coming back",
    "mail": "Notices ahead and hours of mail",
    "money": "Accounting, credit and refunds",
    "staff": "Who works here, and how they sign in",
}


def policies() -> Iterator[str]:
    """The page of policies: how one is resolved, what each decides, what it can be, and every preset's value."""
    yield "# Policies\n"
    yield (
        "What an organization may decide. The effective value is the most specific one that is set: subscription,"
        " plan, customer, organization, and else the preset's. [Deciding](deciding.md) says how one is set, resolved,"
        " changed on a later day, and what excludes what.\n"
    )
    for title in SUBJECT_TITLES.values():
        yield f"- [{title}](#{_anchor(title)})"
    yield ""
    for subject, keys in SUBJECTS.items():
        yield f"## {SUBJECT_TITLES[subject]}\n"
        for key in keys:
            yield from _policy(key)


def _policy(key: Key) -> Iterator[str]:
    yield f"### `{key.name}`\n"
    yield f"**{key.title}.** {key.sentence} ({key.rows})\n"
    at = "" if key.scopes == ("organization",) else f" It is set for: {', '.join(reversed(key.scopes))}."
    if key.is_fact:
        yield f"It is always `{key.expected()}`: it says how things are, and there is nothing to decide.\n"
    else:
        yield f"It can be: {key.expected()}.{at}\n"
    for closed in {one.code: one for one in key.closed.values()}.values():
        values = ", ".join(f"`{value}`" for value, one in key.closed.items() if one.code == closed.code)
        yield f"{values} is refused with `{closed.code}`: {closed.why} ({closed.rows})\n"
    if key.is_fact:
        return
    yield "| " + " | ".join(PRESETS) + " |\n|" + "---|" * len(PRESETS)
    yield "| " + " | ".join(f"`{shown(key.default(preset))}`" for preset in PRESETS) + " |\n"


def _anchor(title: str) -> str:
    return title.lower().replace(",", "").replace(" ", "-")


def states() -> Iterator[str]:
    """The page of state tables."""
    yield "# States\n"
    yield "Each machine is a table in the code; what is not in it is refused. Labels are derived from these.\n"
    for machine in MACHINES:
        yield f"## {machine.name}\n"
        yield f"Starts as `{machine.initial}`.\n"
        yield "| from | event | to |\n|---|---|---|"
        for (before, event), after in machine.table.items():
            yield f"| {before} | {event} | {after} |"
        yield ""


PAGES = {"policies.md": policies, "states.md": states}


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text("\n".join(page()).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
