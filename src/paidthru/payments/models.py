"""Tables of the payments room (field-notes C.1)."""

from typing import ClassVar

from django.db import models

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.ledger.models import Batch
from paidthru.organizations.models import Owned
from paidthru.people.models import Party

OPEN_ATTEMPT = ["created", "submitted", "unknown", "requires_action", "processing", "needs_review"]


class PaymentMethod(Owned):
    """A way to pay that the member saved: the gateway's token and what may be shown of it, nothing else (I-22)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)  # card | bank
    token = models.CharField(max_length=120)
    brand = models.CharField(max_length=40)
    last4 = models.CharField(max_length=4)
    exp_month = models.SmallIntegerField(null=True)
    exp_year = models.SmallIntegerField(null=True)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="active")  # active | replaced | removed
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["party"], name="one_active_method_per_party", condition=models.Q(state="active")
            ),
        ]


class PaymentIntent(Owned):
    """Our collecting of an invoice through a gateway. `gateway_ref` is written once."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=20)
    livemode = models.BooleanField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    gateway_ref = models.CharField(max_length=120, null=True)
    state = models.CharField(max_length=10, default="open")  # rules/intents.py
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["gateway", "livemode", "gateway_ref"], name="one_intent_per_gateway_ref"
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="intent_collects_something"),
        ]


class IntentInvoice(Owned):
    """THE guard against charging twice: an invoice has at most one open intent, whoever opened it."""

    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="invoices")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="intents")
    amount_minor = models.BigIntegerField()
    open = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["invoice"], name="one_open_intent_per_invoice", condition=models.Q(open=True)
            ),
        ]


class Attempt(Owned):
    """One try on an intent (states: `rules/settlement.py`). Parameters are frozen when it is written."""

    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="attempts")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    n = models.SmallIntegerField()
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="+", db_index=False)
    method_fingerprint = models.CharField(max_length=64)
    initiator = models.CharField(max_length=20)  # submission | schedule | member | staff
    off_session = models.BooleanField()
    idempotency_key = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=16, default="created")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)  # business instant of the first send
    concluded_at = models.DateTimeField(null=True)
    send_deadline = models.DateTimeField(null=True)  # database time
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)  # database time
    next_look_at = models.DateTimeField(null=True)  # business instant of the next reconciliation
    looks = models.SmallIntegerField(default=0)
    decline_code = models.CharField(max_length=60, blank=True)
    soft = models.BooleanField(null=True)
    message = models.CharField(max_length=300, blank=True)
    apply_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["intent", "n"], name="one_attempt_per_number"),
            models.UniqueConstraint(
                fields=["intent"],
                name="one_open_attempt_per_intent",
                condition=models.Q(state__in=OPEN_ATTEMPT),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "created_at", "id"], name="attempt_in_order"),
            models.Index(
                fields=["organization", "id"],
                name="attempt_unsent",
                condition=models.Q(state="created"),
            ),
            models.Index(
                fields=["organization", "next_look_at"],
                name="attempt_open",
                condition=models.Q(state__in=["submitted", "unknown", "requires_action", "processing"]),
            ),
        ]


class Payment(Owned):
    """Money that came. `unallocated_minor` is the part that stands as the party's credit."""

    number = models.BigIntegerField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payments")
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, null=True, related_name="payment")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120, null=True)
    means = models.CharField(max_length=12)  # card | bank | check | cash | transfer | terminal
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    unallocated_minor = models.BigIntegerField()
    taken_at = models.DateTimeField()
    received_on = models.DateField()
    state = models.CharField(max_length=16, default="succeeded")

    @property
    def stands_as_credit(self) -> bool:
        """Whether all of it is still credit: it has paid nothing yet (I-50)."""
        return self.unallocated_minor == self.amount_minor

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_payment_per_number"),
            models.UniqueConstraint(fields=["gateway", "gateway_ref"], name="one_payment_per_gateway_charge"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0)
                & models.Q(unallocated_minor__gte=0)
                & models.Q(unallocated_minor__lte=models.F("amount_minor")),
                name="payment_amounts_hold",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "received_on", "id"], name="payment_by_date"),
            models.Index(
                fields=["party"], name="payment_with_credit", condition=models.Q(unallocated_minor__gt=0)
            ),
        ]


class Allocation(Owned):
    """Which receivable a payment paid, on which invoice, and when (local date)."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount_minor = models.BigIntegerField()
    allocated_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="allocation_is_positive"),
        ]
