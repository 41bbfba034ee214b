"""Examples of policies, as stories tell of them."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.keep_preset_examples import keep_preset_examples

from .example_forms import StaffKeepsExamples
from .forms import Step
from .telling import STAFF, Telling


def _keeps(telling: Telling, step: StaffKeepsExamples) -> None:
    keep_preset_examples(telling.organization, actor=STAFF, now=telling.desk.clock.now())


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {StaffKeepsExamples: _keeps}
"""What the forms of this subject do."""
