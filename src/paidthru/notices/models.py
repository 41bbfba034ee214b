"""Tables of the notices room."""

from typing import ClassVar

from django.db import models

from paidthru.organizations.models import Owned
from paidthru.people.models import Party


class TemplateText(Owned):
    """An organization's own words for a kind of mail, in a language: a version, never changed. The version that counts
    is the last one made by the instant that a mail goes by; an empty one goes back to the standard words. `made_at` is
    in business time, `number` counts from 1 for each kind and language."""

    kind = models.CharField(max_length=30)
    language = models.CharField(max_length=8)
    number = models.IntegerField()
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "kind", "language", "number"], name="one_text_of_each_version"
            ),
        ]


class OptOut(Owned):
    """A party declines the mails of a topic (rules/kinds.py, A-53). Taken back, the row goes; events keep the story."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=20)
    since = models.DateTimeField()
    by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party", "topic"], name="declined_once"),
        ]


class RefusedAddress(Owned):
    """An address that a mail server has refused for good: nothing is sent there until somebody says that it works.
    `email` is in small letters."""

    email = models.CharField(max_length=254)
    why = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "email"], name="one_row_per_refused_address"),
        ]
