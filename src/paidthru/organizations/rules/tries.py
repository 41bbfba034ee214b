"""Under what strangers' tries are counted. Pure."""

import hashlib


def try_key(what: str) -> str:
    """A digest: no address or name stands in the table."""
    return hashlib.sha256(what.encode(errors="replace")).hexdigest()
