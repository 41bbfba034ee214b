"""Tables of the invoicing room."""

from typing import ClassVar

from django.db import models

from paidthru.ledger.models import Batch
from paidthru.organizations.models import Owned
from paidthru.people.models import Party


class Receivable(Owned):
    """What is owed, once: this source (a membership), this fee, this period [period_start, period_end).

    `balance_minor` is what is still open; the ledger says the same (an invariant compares them). `basis` and
    `income_code` are fixed at billing, so that later settings never touch what was billed (field-notes D.3).
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)  # dues
    source_id = models.UUIDField()
    fee_id = models.UUIDField()
    period_start = models.DateField()
    period_end = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    written_off_minor = models.BigIntegerField(db_default=0)  # given up, and not recovered since
    due_on = models.DateField()
    position = models.SmallIntegerField(default=0)
    is_primary = models.BooleanField(default=True)
    voluntary = models.BooleanField(default=False)
    basis = models.CharField(max_length=8)  # accrual | cash
    deferred = models.BooleanField(default=False)
    income_code = models.CharField(max_length=60)
    state = models.CharField(max_length=12, default="open")  # open | settled | written_off | void | canceled

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source_id", "fee_id", "period_start"],
                name="owed_once",
                condition=~models.Q(state="canceled"),
            ),
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0)
                & models.Q(balance_minor__lte=models.F("amount_minor")),
                name="balance_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(written_off_minor__gte=0)
                & models.Q(amount_minor__gte=models.F("balance_minor") + models.F("written_off_minor")),
                name="written_off_within_amount",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["party", "due_on"], name="receivable_open", condition=models.Q(state="open")
            ),
        ]


class Invoice(Owned):
    """A document that asks for receivables. Numbers are gapless, given at issue; drafts have none.

    A receivable may stand on several, one of them live. `first` is the first document of a chain: each try of a payment
    asks with a new one (X4), dated like the first. `awaits_reissue` marks the last of a chain between two tries: it is
    closed, what it asked for is owed, and the next try makes the next document. `due_on` is the first one's, so that
    what is owed is aged from there (A2-16).
    """

    number = models.BigIntegerField(null=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="invoices", db_index=False)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    state = models.CharField(max_length=14)  # rules/states.py
    kind = models.CharField(max_length=20)  # membership
    bill_on = models.DateField()
    due_on = models.DateField()
    run_id = models.UUIDField(null=True)
    first = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    closed_because = models.CharField(max_length=20, blank=True, db_default="")  # rules/states.py
    awaits_reissue = models.BooleanField(db_default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_invoice_per_number"),
            # Beyond the total it comes where a payment of a balance that was carried on is taken back.
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0), name="invoice_balance_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(awaits_reissue=False) | models.Q(state="closed", balance_minor=0),
                name="only_closed_awaits_reissue",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "due_on"],
                name="invoice_due",
                condition=models.Q(state="sent", balance_minor__gt=0) | models.Q(awaits_reissue=True),
            ),
            models.Index(fields=["first"], name="invoice_of_chain", condition=models.Q(first__isnull=False)),
            models.Index(fields=["run_id"], name="invoice_of_run", condition=models.Q(run_id__isnull=False)),
        ]


class Line(Owned):
    """A line of an invoice, with the derivation of its amount (rule, inputs, steps, a sentence)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    description = models.CharField(max_length=300)
    quantity = models.IntegerField(default=1)
    unit_amount_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    derivation = models.JSONField()


class CreditNote(Owned):
    """A document that takes back an invoice or a part of it (minor units); issued, it never changes (I-34)."""

    number = models.BigIntegerField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    issued_on = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    issued_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_credit_note_per_number"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="credit_note_takes_back"),
        ]


class CreditNoteLine(Owned):
    """The part of a credit note that lowers one receivable (minor units)."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
