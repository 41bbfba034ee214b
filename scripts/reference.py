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
from paidthru.organizations.rules.policies import CATALOGUE, LATER, PRESETS, shown
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


def policies() -> Iterator[str]:
    """The page of policies: what each decides, what it can be, and every preset's value."""
    yield "# Policies\n"
    yield (
        "What an organization may decide. The effective value is the most specific one that is set: subscription,"
        " plan, customer, organization, and else the preset's.\n"
    )
    for key in CATALOGUE.values():
        yield f"## `{key.name}`\n"
        yield f"{key.sentence} ({key.rows})\n"
        yield f"It can be: {key.expected()}.\n"
        yield "| " + " | ".join(PRESETS) + " |\n|" + "---|" * len(PRESETS)
        yield "| " + " | ".join(f"`{shown(key.default(preset))}`" for preset in PRESETS) + " |\n"
    yield "## Not built yet\n"
    yield (
        "Setting one of these is refused by name: " + ", ".join(f"`{name}`" for name in sorted(LATER)) + ".\n"
    )


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
