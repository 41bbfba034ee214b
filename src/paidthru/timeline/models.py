"""Tables of the timeline room."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from paidthru.organizations.models import Owned


class Event(Owned):
    """What happened: `actor` did `verb` to the subject at `at` (business instant, UTC), and why.

    `facts` holds the figures of the sentence that is shown. Append-only: the database refuses to change one.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor = models.CharField(max_length=200)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    party_id = models.UUIDField(null=True)
    why = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["party_id", "id"], name="event_of_party", condition=models.Q(party_id__isnull=False)
            ),
            models.Index(fields=["subject_id", "id"], name="event_of_subject"),
            models.Index(fields=["organization", "id"], name="event_in_order"),
            models.Index(
                fields=["subject_id", "at"],
                name="event_of_policy",
                condition=models.Q(verb__in=["policy_set", "policy_unset"]),
            ),
        ]


class AuditSeal(Owned):
    """A link of the chain over an organization's events (rules/audit.py): the `number`-th, from 1 without a gap.

    It covers the events of `event_ids` and the digest of the seal before it; `last_id` is the greatest id under any so
    far. Made by the worker, minutes after them; append-only. `key_id` names the key, which lies outside the database.
    """

    number = models.BigIntegerField()
    event_ids = ArrayField(models.UUIDField())
    last_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)
    sealed_at = models.DateTimeField()  # database time

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_seal_per_number"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "last_id"], name="seal_by_last_event"),
        ]


class IdempotencyKey(Owned):
    """The stored outcome of an act. Same key and inputs: the outcome; same key, other inputs: an error."""

    key = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    outcome = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "key"], name="one_outcome_per_key"),
        ]


class InboxEvent(Owned):
    """Word from a gateway, stored once and worked later by fetching the object it names (field-notes C.3, 9).

    No body is kept: it would hold personal data, and nothing in it is believed.
    """

    gateway = models.CharField(max_length=20)
    livemode = models.BooleanField()
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=20)
    object_ref = models.CharField(max_length=120)
    intent_ref = models.CharField(max_length=120, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="new")  # new | done | ignored | dead
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gateway", "livemode", "event_id"], name="one_row_per_event"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_try_at"], name="inbox_waiting", condition=models.Q(state="new")
            ),
        ]


class InboxCount(Owned):
    """How often something came to a gateway's address: events, and what was turned away there without a trace of its
    content (B-52). `what`: received, again, ignored, forged, stale, oversized, unreadable or other_account."""

    gateway = models.CharField(max_length=20)
    what = models.CharField(max_length=20)
    count = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "gateway", "what"], name="one_count_of_each_kind"
            ),
        ]


class Message(Owned):
    """A mail to a party, written in the transaction of what it tells and sent later (the outbox).

    `key` names the occasion: one message each, whatever is done twice. `facts` fill the template of its kind; a message
    to somebody who is no party yet has their address (`to`) and name (`addressee`) there. `sent_to` is the address that
    it went to.
    """

    party_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    written_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, default="waiting"
    )  # waiting | sent | kept (a sandbox's) | failed | dropped
    sent_at = models.DateTimeField(null=True)
    sent_to = models.CharField(max_length=254, default="", db_default="", blank=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "key"], name="one_message_per_occasion"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_try_at"],
                name="message_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["organization", "written_at"],
                name="message_not_sent",
                condition=models.Q(state__in=("failed", "dropped")),
            ),
            models.Index(fields=["organization", "written_at", "id"], name="message_in_order"),
            models.Index(fields=["party_id", "id"], name="message_of_party"),
        ]
