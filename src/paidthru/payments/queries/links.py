"""Secret links: who one belongs to, as long as it is good."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

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


def sign_in_code(organization_id: UUID, email: str, key: str) -> str:
    """The code of eight digits that is mailed to an address for what was asked under a form's `key`. It is worked out
    anew where it is entered, and kept nowhere; who asked, and how often somebody tries, is the caller's to see to."""
    asked = salted_hmac(
        "paidthru.sign-in-code", f"{organization_id} {email.casefold()} {key}", algorithm="sha256"
    )
    digits = f"{int.from_bytes(asked.digest()[:8]) % 10**8:08d}"
    return f"{digits[:4]} {digits[4:]}"


def is_code(entered: str, code: str) -> bool:
    """Whether somebody has entered a code, however they spaced it."""
    return constant_time_compare("".join(entered.split()), code.replace(" ", ""))
