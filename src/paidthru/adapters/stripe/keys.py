"""What a Stripe key says of itself, before anybody is asked: its sort and its mode. Refusals never quote a key."""

import re

from paidthru.kernel.errors import Refused

_SECRET = re.compile(r"(?:sk|rk)_(live|test)_[A-Za-z0-9_]{1,250}")
_PUBLISHABLE = re.compile(r"pk_(live|test)_[A-Za-z0-9_]{1,190}")
_WEBHOOK = re.compile(r"whsec_[A-Za-z0-9+/=_-]{1,250}")
_FROM = "Copy it from the processor's page of API keys."


def is_live(secret_key: str) -> bool:
    """Whether real money moves with a secret key. Refused `key_unreadable`, and `key_wrong_mode` for a publishable
    one in its place."""
    if _PUBLISHABLE.fullmatch(secret_key):
        raise Refused(
            "key_wrong_mode",
            "This is a publishable key; the secret key is needed here.",
            field="secret_key",
            fix="Copy the key that begins with sk_live_ or sk_test_ (or a restricted one, rk_…).",
        )
    found = _SECRET.fullmatch(secret_key)
    if found is None:
        raise Refused("key_unreadable", "This is no secret key.", field="secret_key", fix=_FROM)
    return found[1] == "live"


def check_publishable(key: str, *, live: bool) -> None:
    """Refused `key_unreadable`, and `key_wrong_mode` for a secret key in its place or one of the other mode."""
    if _SECRET.fullmatch(key):
        raise Refused(
            "key_wrong_mode",
            "This is a secret key; the publishable key is needed here.",
            field="publishable_key",
            fix="Copy the key that begins with pk_live_ or pk_test_.",
        )
    found = _PUBLISHABLE.fullmatch(key)
    if found is None:
        raise Refused("key_unreadable", "This is no publishable key.", field="publishable_key", fix=_FROM)
    if (found[1] == "live") != live:
        raise Refused(
            "key_wrong_mode",
            "One key is for live payments and the other for tests.",
            field="publishable_key",
            fix="Copy both keys from the same page: live ones for real money, test ones for trials.",
        )


def check_webhook_secret(secret: str) -> None:
    """Refused `key_unreadable` for what is no signing secret."""
    if _WEBHOOK.fullmatch(secret) is None:
        raise Refused(
            "key_unreadable",
            "This is no signing secret.",
            field="webhook_secret",
            fix="It begins with whsec_; the processor shows it on the page of the webhook's address.",
        )
