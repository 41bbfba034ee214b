"""Tables of the payments room (field-notes C.1)."""

from typing import ClassVar

from django.db import models

from paidthru.invoicing.models import Invoice, PayLink, Receivable
from paidthru.ledger.models import Batch
from paidthru.organizations.models import Owned
from paidthru.payments.models.settlement import BalanceLine as BalanceLine
from paidthru.people.models import Party

OPEN_ATTEMPT = ["created", "submitted", "unknown", "requires_action", "processing", "needs_review"]


class PaymentMethod(Owned):
    """A way to pay that the member saved: the gateway's token and what may be shown of it, nothing else (I-22). One
    that a visitor gave for a single invoice (`once`), or for a gift again and again (`gift`), is never on file."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)  # card | bank
    token = models.CharField(max_length=120)
    brand = models.CharField(max_length=40)
    last4 = models.CharField(max_length=4)
    exp_month = models.SmallIntegerField(null=True)
    exp_year = models.SmallIntegerField(null=True)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="active")  # active replaced removed revoked once gift
    created_at = models.DateTimeField()
    livemode = models.BooleanField(db_default=False)  # real money, or a processor's test mode
    customer_ref = models.CharField(max_length=120, db_default="")  # whose it is at the gateway
    mandate_ref = models.CharField(max_length=120, blank=True, db_default="")  # a bank debit's

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
    customer_ref = models.CharField(max_length=120, db_default="")  # as it was when this was opened
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
    initiator = models.CharField(max_length=20)  # submission | schedule | member | staff | visitor
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
    resumes = models.SmallIntegerField(db_default=0)  # confirmations by the payer, each with a key of its own
    abandoned_at = models.DateTimeField(null=True)  # from then on it is only fenced, never sent again
    decline_code = models.CharField(max_length=60, blank=True)
    advice_code = models.CharField(max_length=40, blank=True, db_default="")
    network_advice_code = models.CharField(max_length=10, blank=True, db_default="")
    network_decline_code = models.CharField(max_length=10, blank=True, db_default="")
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
                fields=["organization", "id"], name="attempt_unsent", condition=models.Q(state="created")
            ),
            models.Index(
                fields=["organization", "next_look_at"],
                name="attempt_open",
                condition=models.Q(state__in=["submitted", "unknown", "requires_action", "processing"]),
            ),
            models.Index(
                fields=["method_fingerprint", "concluded_at"],
                name="attempt_failed_by_card",
                condition=models.Q(state__in=["declined", "rejected"]),
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
    reference = models.CharField(
        max_length=100, blank=True, default="", db_default=""
    )  # a check's number, say
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    unallocated_minor = models.BigIntegerField()
    taken_at = models.DateTimeField()
    received_on = models.DateField()
    state = models.CharField(max_length=16, default="succeeded")  # rules/payments.py
    refunded_minor = models.BigIntegerField(db_default=0)  # given back, or asked for and not refused
    disputed_minor = models.BigIntegerField(db_default=0)  # in open disputes
    reversed_minor = models.BigIntegerField(db_default=0)  # gone: reversed, returned, disputes that were lost

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
            models.CheckConstraint(
                condition=models.Q(refunded_minor__gte=0, refunded_minor__lte=models.F("amount_minor"))
                & models.Q(disputed_minor__gte=0, reversed_minor__gte=0)
                & models.Q(amount_minor__gte=models.F("disputed_minor") + models.F("reversed_minor")),
                name="payment_gives_back_what_came",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "received_on", "id"], name="payment_by_date"),
            models.Index(  # what was collected is added up without a look at the rows
                fields=["organization", "currency", "received_on"],
                include=["amount_minor"],
                name="payment_by_currency",
            ),
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
    reversed_minor = models.BigIntegerField(db_default=0)  # taken back: owed again
    refunded_minor = models.BigIntegerField(db_default=0)  # given back: not owed again

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="allocation_is_positive"),
            models.CheckConstraint(
                condition=models.Q(reversed_minor__gte=0, refunded_minor__gte=0)
                & models.Q(amount_minor__gte=models.F("reversed_minor") + models.F("refunded_minor")),
                name="allocation_gives_back_what_it_paid",
            ),
        ]


class Unapplication(Owned):
    """What staff took of an allocation back to the party's credit (minor units). Its journal is the payment's."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="unapplications")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    occurred_on = models.DateField()
    made_by = models.CharField(max_length=200)


class Grant(Owned):
    """A further try that staff allowed for an invoice whose tries were used up (I-45)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="grants")
    granted_by = models.CharField(max_length=200)
    granted_at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True)


def _two_people(name: str, id_: str) -> models.Q:
    """That the approver is somebody else than the person in these two columns: by ids where both are known, else by
    names, as `Actor.is_same` has it (E.3)."""
    unknown = models.Q(approver_id="") | models.Q(**{id_: ""})
    return (unknown & ~models.Q(approved_by=models.F(name))) | (
        ~unknown & ~models.Q(approver_id=models.F(id_))
    )


class Review(Owned):
    """What one person proposes that became of an attempt which needs review, with evidence, and another approves.

    `separated`: the organization keeps the two apart (field-notes E.3); then the database does too. With `succeeded`,
    `charge_ref` is the gateway's reference of the money.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=10)  # succeeded | declined | canceled
    charge_ref = models.CharField(max_length=120, blank=True)
    evidence = models.CharField(max_length=500)
    state = models.CharField(max_length=10, default="proposed")  # proposed | approved | withdrawn
    separated = models.BooleanField()
    proposed_by = models.CharField(max_length=200)
    proposer_id = models.CharField(max_length=40, blank=True)  # the user's, where one is known
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    approver_id = models.CharField(max_length=40, blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["attempt"], name="one_proposal_per_attempt", condition=models.Q(state="proposed")
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | models.Q(separated=False)
                | _two_people("proposed_by", "proposer_id"),
                name="nobody_approves_their_own_review",
            ),
        ]


class Refund(Owned):
    """Money given back of a payment (minor units): through its gateway, or elsewhere and recorded here.

    The same discipline as an attempt: the row is written under a lock on the payment before anything is sent, and
    looked up at the gateway before it is sent again (field-notes C.7). States: rules/refunds.py.
    """

    number = models.BigIntegerField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="refunds")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="+")
    via = models.CharField(max_length=12)  # gateway | check | cash | transfer | elsewhere
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12)
    separated = models.BooleanField()
    requested_by = models.CharField(max_length=200)
    requester_id = models.CharField(max_length=40, blank=True)  # the user's, where one is known
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    approver_id = models.CharField(max_length=40, blank=True)
    approved_at = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=100, unique=True)
    gateway_ref = models.CharField(max_length=120, null=True)
    first_sent_at = models.DateTimeField(null=True)  # database time
    send_deadline = models.DateTimeField(null=True)  # database time
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)  # database time
    next_look_at = models.DateTimeField(null=True)  # business instant
    looks = models.SmallIntegerField(default=0)
    concluded_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_refund_per_number"),
            models.UniqueConstraint(fields=["gateway_ref"], name="one_refund_per_gateway_ref"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="refund_gives_something"),
            models.CheckConstraint(
                condition=models.Q(separated=False) | _two_people("requested_by", "requester_id"),
                name="nobody_approves_their_own_refund",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_look_at"],
                name="refund_open",
                condition=models.Q(state__in=["approved", "submitted", "unknown", "pending"]),
            ),
            models.Index(fields=["organization", "requested_at", "id"], name="refund_in_order"),
            models.Index(fields=["organization", "approved_at"], name="refund_by_approval"),
        ]


class RefundPart(Owned):
    """What a refund gives back: of an allocation, or (none) of the payment's credit."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="parts")
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, null=True, related_name="refunds")
    amount_minor = models.BigIntegerField()


class Dispute(Owned):
    """A payment that the payer's bank took back: disputed by the cardholder, or a bank debit returned late.

    While a dispute is open its amount stands in disputes receivable; a return is final at once (field-notes D.4).
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)  # dispute | return
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10)  # rules/disputes.py
    code = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gateway", "gateway_ref"], name="one_dispute_per_gateway_ref"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="dispute_is_about_something"),
        ]


class Reversal(Owned):
    """Money that is gone again: staff reversed it, the bank returned it, or a dispute was lost. Posted once."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="reversals")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, null=True, related_name="reversal")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)  # reversal | return | dispute
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    occurred_on = models.DateField()
    why = models.CharField(max_length=300, blank=True)
    made_by = models.CharField(max_length=200)


class ReversalPart(Owned):
    """What a reversal took back: of an allocation, of the payment's credit (`credit`), or beyond what the payment had
    left, because it was refunded too (`excess`): the member has that twice."""

    reversal = models.ForeignKey(Reversal, on_delete=models.PROTECT, related_name="parts")
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, null=True, related_name="reversals")
    kind = models.CharField(max_length=10)  # allocation | credit | excess
    amount_minor = models.BigIntegerField()


class GatewayAccount(Owned):
    """An organization's account at a processor; secrets are sealed (adapters/sealing.py). Live and test: two rows."""

    gateway = models.CharField(max_length=20)
    livemode = models.BooleanField()
    account_ref = models.CharField(max_length=120)
    name = models.CharField(max_length=200, blank=True)
    publishable_key = models.CharField(max_length=200, blank=True)
    secret = models.BinaryField()
    webhook_secret = models.BinaryField(null=True)
    old_webhook_secret = models.BinaryField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=14)  # connected | disconnected
    connected_by = models.CharField(max_length=200)
    connected_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization"], name="one_connected_account", condition=models.Q(state="connected")
            ),
        ]


class Throttle(Owned):
    """What all workers together may ask of a gateway: a bucket of tokens, and a circuit that is open (nothing is sent)
    when the account itself is refused, or nobody answers. Tokens go by the database's clock, the circuit by the
    organization's, so that a sandbox's can be moved. `rules/throttle.py` decides."""

    gateway = models.CharField(max_length=20)
    tokens_micro = models.BigIntegerField()  # may be negative: what is taken ahead is sent in its turn
    refilled_at = models.DateTimeField()
    closed_until = models.DateTimeField(null=True)  # no send before
    closed_code = models.CharField(max_length=40, blank=True, db_default="")  # "": only a pause, no circuit
    closed_why = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)  # in a row

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "gateway"], name="one_throttle_per_gateway"),
        ]


class Stray(Owned):
    """Money at a gateway that we can't place: a charge of nobody's, kept in suspense until a person has looked."""

    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)  # charge | refund | dispute
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    found_at = models.DateTimeField()
    why = models.CharField(max_length=300)
    state = models.CharField(max_length=10, default="open")  # open | placed
    placed_by = models.CharField(max_length=200, blank=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gateway", "gateway_ref"], name="one_stray_per_gateway_ref"),
        ]


class MemberLink(Owned):
    """A secret link to a membership, to save a way to pay, or to confirm a payment (C-15, C-42, B-39)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10)  # member | method | confirm
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class MethodSetup(Owned):
    """A way to pay is saved on the gateway's page, by a visitor for a `pay_link` alone; fetched, never believed."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(MemberLink, on_delete=models.PROTECT, null=True, related_name="+")
    pay_link = models.ForeignKey(PayLink, on_delete=models.PROTECT, null=True, related_name="+")
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120, null=True, unique=True)
    state = models.CharField(max_length=10)  # open | complete | expired
    method = models.OneToOneField(PaymentMethod, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True)
