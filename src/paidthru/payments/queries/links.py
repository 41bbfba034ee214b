"""Secret links: who one belongs to, as long as it is good."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import MemberLink


def hash_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def good_link(token: str, *, now_in: Callable[[Organization], datetime]) -> MemberLink:
    """The link behind a token, with its party and organization; each organization has its own time.

    Refused `link_expired` for one that never was, is past its date or was taken back: the same for all of them, so
    that nobody learns which tokens exist.
    """
    found = MemberLink.objects.select_related("party", "organization", "attempt")
    link = found.filter(token_hash=hash_of(token), revoked_at=None).first()
    if link is None or link.expires_at <= now_in(link.organization):
        raise Refused(
            "link_expired", "This link doesn't work any more.", field="link", fix="Ask for a new one."
        )
    return link
