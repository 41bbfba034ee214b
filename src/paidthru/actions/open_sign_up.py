"""Open a sign-up's way on: the secret address that is mailed to whoever asked to join. Made when the mail is sent."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from paidthru.membership.models import SignUp
from paidthru.payments.queries.links import hash_of

LIFETIME = timedelta(days=3)


def open_sign_up(sign_up_id: UUID, *, now: datetime) -> tuple[str, datetime]:
    """A new token of the sign-up, which is known only now (the database keeps its hash), and until when it works. An
    earlier one doesn't work any more. Raises SignUp.DoesNotExist for one that was cleared away."""
    token, until = secrets.token_urlsafe(32), now + LIFETIME
    sign_up = SignUp.objects.get(id=sign_up_id)
    sign_up.token_hash, sign_up.until = hash_of(token), until
    sign_up.save(update_fields=["token_hash", "until"])
    return token, until
