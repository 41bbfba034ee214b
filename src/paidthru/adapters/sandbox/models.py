"""The sandbox processor's own tables. `organization_id` is the account that a row belongs to: a plain id, no
foreign key, for these are another company's books. Amounts are minor units; instants are those of the
account's clock.
"""

from typing import ClassVar

from django.db import models

from paidthru.payments.gateway import IntentStatus


class SandboxIntent(models.Model):
    """An intent. `held` is a confirmation whose request was lost on the way; `unheard`, that its outcome has
    not been told yet; `clears_at`, when a bank debit ends by itself (with `fails_with`, in a return)."""

    ref = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    customer_ref = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    received_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=30, default=IntentStatus.REQUIRES_CONFIRMATION.value)
    method_token = models.CharField(max_length=40, blank=True)
    decline_code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=300, blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    charge_ref = models.CharField(max_length=40, blank=True)
    clears_at = models.DateTimeField(null=True)
    fails_with = models.CharField(max_length=60, blank=True)
    held = models.JSONField(null=True)
    unheard = models.BooleanField(default=False)
    return_url = models.CharField(
        max_length=500, db_default="", blank=True
    )  # where a payer who confirms goes back to

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="sandbox_intent_has_amount"),
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in IntentStatus]),
                name="sandbox_intent_status_known",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(
                        status=IntentStatus.SUCCEEDED.value,
                        taken_at__isnull=False,
                        received_minor=models.F("amount_minor"),
                    )
                    | (
                        ~models.Q(status=IntentStatus.SUCCEEDED.value)
                        & models.Q(taken_at__isnull=True, received_minor=0)
                    )
                ),
                name="sandbox_intent_money_with_success",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization_id", "created_at", "ref"], name="sandbox_intent_by_time"),
            models.Index(fields=["organization_id", "customer_ref"], name="sandbox_intent_by_customer"),
            models.Index(
                fields=["organization_id", "clears_at"],
                name="sandbox_intent_clearing",
                condition=models.Q(clears_at__isnull=False),
            ),
        ]


class SandboxCharge(models.Model):
    """Money taken. An intent has at most one, whatever becomes of keys."""

    ref = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    intent = models.OneToOneField(SandboxIntent, on_delete=models.PROTECT, related_name="charge")
    customer_ref = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    taken_at = models.DateTimeField()
    fee_minor = models.BigIntegerField(db_default=0)  # what the processor keeps of it

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization_id", "taken_at"], name="sandbox_charge_by_time"),
        ]


class SandboxEvent(models.Model):
    """What happened to an intent, in order: the trail that staff read when they ask why (I-57)."""

    organization_id = models.UUIDField()
    intent = models.ForeignKey(SandboxIntent, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    detail = models.JSONField(default=dict)


class SandboxKey(models.Model):
    """An idempotency key: the digest of what came with it, and the reply, word for word."""

    organization_id = models.UUIDField()
    key = models.CharField(max_length=200)
    digest = models.BinaryField()
    reply = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization_id", "key"], name="sandbox_key_once"),
        ]


class SandboxMethod(models.Model):
    """A saved test method: what may be shown of it, and how it behaves. There is no number behind it."""

    token = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    customer_ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)
    brand = models.CharField(max_length=40)
    last4 = models.CharField(max_length=4)
    exp_month = models.SmallIntegerField(null=True)
    exp_year = models.SmallIntegerField(null=True)
    fingerprint = models.CharField(max_length=64)
    test_code = models.CharField(max_length=60)
    created_at = models.DateTimeField()


class SandboxScript(models.Model):
    """How the processor behaves toward a customer until told otherwise; no row means that it accepts."""

    organization_id = models.UUIDField()
    customer_ref = models.CharField(max_length=120)
    behaviour = models.CharField(max_length=20)
    code = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization_id", "customer_ref"], name="sandbox_script_once"),
        ]


class SandboxRefund(models.Model):
    """Money given back of a charge. `unheard`: its outcome has not been told yet."""

    ref = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    intent = models.ForeignKey(SandboxIntent, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    failure_code = models.CharField(max_length=60, blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="sandbox_refund_gives_something"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization_id", "created_at"], name="sandbox_refund_by_time"),
        ]


class SandboxDispute(models.Model):
    """A charge that was taken back: disputed, or returned late (`is_return`, lost from the start)."""

    ref = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    intent = models.ForeignKey(SandboxIntent, on_delete=models.PROTECT, related_name="disputes")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    is_return = models.BooleanField()
    code = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    fee_minor = models.BigIntegerField(db_default=0)  # what the processor asks for it

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization_id", "opened_at"], name="sandbox_dispute_by_time"),
        ]


class SandboxSetup(models.Model):
    """A saving of a test method under way."""

    ref = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    customer_ref = models.CharField(max_length=120)
    return_url = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=10, default="open")
    method = models.ForeignKey(SandboxMethod, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()


class SandboxPayout(models.Model):
    """Money sent on to the account's bank: everything that moved before `paid_at`, and after the payout before it."""

    ref = models.CharField(max_length=40, primary_key=True)
    organization_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    paid_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization_id", "currency", "paid_at"], name="sandbox_payout_by_time"),
        ]


class SandboxFortune(models.Model):
    """How often payments fail at an account for no reason of their own, so that a rehearsal knows failures
    (`behaviour.misfortune`). Bank debits clear by themselves there. `mask` is what the account's customers' ids were
    changed by when it was copied: every copy has the same luck. `since` is the account's local date of the start."""

    organization_id = models.UUIDField(unique=True)
    mask = models.BigIntegerField()
    declined = models.SmallIntegerField()  # of a thousand charges
    lost = models.SmallIntegerField()  # of a thousand methods in a year
    since = models.DateField()
