"""Tables of the timeline room."""

from typing import ClassVar

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
