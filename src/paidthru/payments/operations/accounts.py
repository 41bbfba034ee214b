"""Write steps on the rows of processors' accounts that change nothing of what they are."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from paidthru.payments.gateway import GatewayAccountFacts
from paidthru.payments.models import GatewayAccount


def note_tested(account_id: UUID, facts: GatewayAccountFacts, *, now: datetime) -> None:
    """A connected account has answered: when, and what it is called now."""
    GatewayAccount.objects.filter(id=account_id).update(tested_at=now, name=facts.name)


def note_resealed(account_id: UUID, sealed: Mapping[str, bytes]) -> None:
    """The account's secrets, by column, sealed anew with another key: they are the same secrets."""
    GatewayAccount.objects.filter(id=account_id).update(**sealed)
