"""The form around the examples that an organization keeps beside its policies."""

from .forms import Step, step


@step("staff keeps the preset's examples")
class StaffKeepsExamples(Step):
    """The organization keeps the examples of its preset that speak of what it has decided, as every one but a story's
    does from its first day."""
