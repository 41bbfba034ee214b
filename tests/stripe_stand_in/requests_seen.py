"""The log of what was asked of the stand-in, lost requests included."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Seen:
    """One request. `status`: what was answered, None while it is not, 0 when the connection was closed instead.
    `version` and `account`: what the headers Stripe-Version and Stripe-Account said. `fate`: the name of what befell
    it, "" for nothing. `replayed`: answered from its key."""

    n: int
    at: int
    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    api_key: str = ""
    version: str | None = None
    account: str | None = None
    fate: str = ""
    status: int | None = None
    replayed: bool = False
