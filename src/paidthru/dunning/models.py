"""Tables of the dunning room."""

from typing import ClassVar

from django.db import models

from paidthru.invoicing.models import Receivable
from paidthru.organizations.models import Owned
from paidthru.people.models import Party


class Case(Owned):
    """Something unpaid that is followed up: one open case for each primary receivable.

    `opened_on` is day 0 (rules/ladder.py), a local date; `ladder` what it opened with. `next_on` is the local date on
    which the calendar next asks for a look; `tries_seen` how many attempts had ended at the last one (n), so
    that whatever is tried afterwards is looked at too; -1 - n where it is to be looked at anew. `membership_id` is the
    receivable's source.
    """

    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="cases", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField()
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    why = models.CharField(max_length=10)  # declined | returned | held | missed
    ladder = models.JSONField()
    state = models.CharField(max_length=6, default="open")  # open | closed
    for_staff = models.BooleanField(default=False)  # nothing more comes by itself
    next_on = models.DateField(null=True)
    tries_seen = models.IntegerField(default=-1)
    closed_on = models.DateField(null=True)
    closed_because = models.CharField(max_length=14, blank=True, default="")  # CLOSED below
    closed_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["receivable"], name="one_open_case_per_receivable", condition=models.Q(state="open")
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_on__isnull=True, closed_because="")
                | (models.Q(state="closed", closed_on__isnull=False) & ~models.Q(closed_because="")),
                name="closed_case_has_its_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_on"], name="case_open", condition=models.Q(state="open")
            ),
            models.Index(fields=["organization", "opened_on", "id"], name="case_in_order"),
            models.Index(fields=["receivable", "id"], name="case_of_receivable"),
        ]


class Step(Owned):
    """A step of a case, done once: with its mail sent or withheld, or skipped by staff."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps", db_index=False)
    key = models.CharField(max_length=10)  # rules/ladder.py: status | mail N | end
    mail = models.CharField(max_length=30, blank=True)  # the kind, "" for a step without
    state = models.CharField(max_length=8)  # done | withheld | skipped
    reason = models.CharField(max_length=300, blank=True)  # why it was withheld or skipped
    due_on = models.DateField()
    done_at = models.DateTimeField()
    done_by = models.CharField(max_length=200)
    message_key = models.CharField(max_length=120, blank=True)  # the mail's, in the outbox

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "key"], name="no_step_twice"),
        ]


class Pause(Owned):
    """Local days [from_on, until_on) on which a case stands still: because staff said so, or while an arrangement is
    kept. `owed_minor` is what was owed when it was made."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    kind = models.CharField(max_length=11)  # pause | arrangement
    from_on = models.DateField()
    until_on = models.DateField()
    owed_minor = models.BigIntegerField()
    why = models.CharField(max_length=300, blank=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ended = models.CharField(max_length=7, blank=True, default="")  # "" | over | broken | lifted

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], name="one_pause_at_a_time", condition=models.Q(ended="")
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="pause_ends_after_its_start"
            ),
        ]


class PromisedPart(Owned):
    """A part of an arrangement: so much (minor units) by that local date, inclusive."""

    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, related_name="parts")
    due_on = models.DateField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pause", "due_on"], name="one_part_per_date"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="part_is_positive"),
        ]


#: Why a case was closed, in the words of the board. Only paid and canceled may come back: see queries.py.
CLOSED = {
    "paid": "Paid",
    "credited": "Credited",
    "voided": "Voided",
    "written_off": "Written off",
    "canceled": "The membership was canceled",
    "lapsed": "The membership lapsed",
    "downgraded": "Moved to the default plan",
    "ended": "The membership ended",
    "staff": "Closed by staff",
}
UNTRIED = (0, -1)  # `Case.tries_seen` where nothing was tried
WHY = {
    "declined": "A payment failed",
    "returned": "A payment was taken back",
    "held": "Nothing could be charged",
    "missed": "Not paid by its due date",
}
