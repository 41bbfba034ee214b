"""Tables of the ledger room. Party, invoice and receivable are ids here: their rooms lie beside or above."""

from typing import ClassVar

from django.db import models

from paidthru.organizations.models import Owned


class Account(Owned):
    """An account of one currency. `code` is its name in rules and stories, `number` the one in the books."""

    code = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    number = models.CharField(max_length=10)
    kind = models.CharField(max_length=12)  # asset | liability | income | expense | memo

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "code", "currency"], name="one_account_per_code"),
        ]


class Batch(Owned):
    """Journals that staff review and post together: opened → reviewed → posted (I-17)."""

    number = models.BigIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)  # renewal, or one of operations.BATCH_NAMES
    dated_on = models.DateField()
    state = models.CharField(max_length=10, default="open")  # open | reviewed | posted
    opened_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=200, blank=True)
    posted_at = models.DateTimeField(null=True)
    posted_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_batch_per_number"),
            models.UniqueConstraint(
                fields=["organization", "kind", "dated_on"],
                name="one_open_batch_per_kind_and_date",
                condition=models.Q(state__in=["open", "reviewed"]) & ~models.Q(kind="renewal"),
            ),
        ]


class Journal(Owned):
    """A balanced set of entries in one currency, effective on a local date. Written once, never changed.

    `(source_kind, source_id, event)` names what it books and is unique: booking twice is impossible.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="journals")
    currency = models.CharField(max_length=3)
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    source_kind = models.CharField(max_length=20)
    source_id = models.UUIDField()
    event = models.CharField(max_length=60)
    text = models.CharField(max_length=300)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source_id", "source_kind", "event"], name="one_journal_per_source_and_event"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "effective_on", "id"], name="journal_by_date"),
        ]


class Entry(Owned):
    """One side of a journal: minor units, debit positive."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    amount_minor = models.BigIntegerField()
    party_id = models.UUIDField(null=True)
    invoice_id = models.UUIDField(null=True)
    receivable_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["invoice_id"], name="entry_of_invoice", condition=models.Q(invoice_id__isnull=False)
            ),
        ]


class DeferralSchedule(Owned):
    """Income of a line spread over the months of its term (field-notes D.5).

    The parts are a pure function of `total_minor`, `start_on` and `end_on` (`rules/deferral.py`), so only what has
    been recognized is stored. `next_on` is the month end that is due next; none when all is recognized.
    """

    receivable_id = models.UUIDField(unique=True)
    invoice_id = models.UUIDField()
    party_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    start_on = models.DateField()
    end_on = models.DateField()
    income_code = models.CharField(max_length=60)
    recognized_minor = models.BigIntegerField(default=0)
    canceled_minor = models.BigIntegerField(db_default=0)  # refunded or credited before it was earned
    next_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(recognized_minor__gte=0)
                & models.Q(canceled_minor__gte=0)
                & models.Q(total_minor__gte=models.F("recognized_minor") + models.F("canceled_minor")),
                name="recognized_within_total",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_on"],
                name="recognition_due",
                condition=models.Q(next_on__isnull=False),
            ),
        ]


class Recognition(Owned):
    """A month's part of a schedule, taken to income once."""

    schedule = models.ForeignKey(DeferralSchedule, on_delete=models.PROTECT, related_name="recognitions")
    month_on = models.DateField()
    amount_minor = models.BigIntegerField()
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["schedule", "month_on"], name="one_recognition_per_month"),
        ]


class ClosedPeriod(Owned):
    """The books closed through the last day of a month: nothing is booked on that day or before (the database refuses).

    The latest that isn't open again counts; only it can be opened, with a reason, where separation is on by two people:
    closed → asked → reopened. A closing that was opened stays, for whoever reads the history.
    """

    closed_through = models.DateField()
    state = models.CharField(max_length=10, default="closed")  # rules/batches.py
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    separated = models.BooleanField(default=False)
    requested_by = models.CharField(max_length=200, blank=True)
    requester_id = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=200, blank=True)
    reopener_id = models.CharField(max_length=64, blank=True)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "closed_through"],
                name="one_closing_per_day",
                condition=~models.Q(state="reopened"),
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", reason="")
                | models.Q(~models.Q(reason=""), state__in=["asked", "reopened"]),
                name="reopened_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="reopened")
                | models.Q(separated=False)
                | (
                    (models.Q(requester_id="") | models.Q(reopener_id=""))
                    & ~models.Q(reopened_by=models.F("requested_by"))
                )
                | (
                    ~models.Q(requester_id="")
                    & ~models.Q(reopener_id="")
                    & ~models.Q(reopener_id=models.F("requester_id"))
                ),
                name="nobody_reopens_alone",
            ),
        ]


class BookExport(Owned):
    """Posted batches that were handed to another program together, under a number: no batch twice. What it says is
    written anew from the journals whenever it is asked for, and never differs, for these never change."""

    number = models.BigIntegerField()
    exported_at = models.DateTimeField()
    exported_by = models.CharField(max_length=200)
    asserted_through = models.DateField(null=True)  # the months' ends that it states: closed ones

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_export_per_number"),
        ]


class ExportedBatch(Owned):
    """A batch that an export holds."""

    export = models.ForeignKey(BookExport, on_delete=models.PROTECT, related_name="batches")
    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="exported")
