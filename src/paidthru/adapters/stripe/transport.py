"""How requests reach Stripe: one connection pool a process, with timeouts, and a bound on what is read.

A reply that is too long, too slow or sends us elsewhere is no reply: the SDK's APIConnectionError (B-36).
"""

import time
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException
from typing import Any

import stripe
from urllib3.exceptions import HTTPError

CONNECT_SECONDS, READ_SECONDS = 5, 80
#: From the request to the last byte of its reply; well within an attempt's lease.
TOTAL_SECONDS = 120
LONGEST_REPLY = 8 * 1024 * 1024
_CHUNK = 64 * 1024


class BoundedClient(stripe.RequestsClient):
    """The SDK's own client for `requests`, with its limits. Safe to share: each thread has a session of its own."""

    def __init__(self) -> None:
        super().__init__(timeout=(CONNECT_SECONDS, READ_SECONDS))

    def request(  # type: ignore[override]  # as the SDK's own subclass declares it
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Sends a request and reads its reply whole. Raises stripe.APIConnectionError."""
        until = time.monotonic() + TOTAL_SECONDS
        if getattr(self._thread_local, "session", None) is None:
            self._thread_local.session = self.requests.Session()
            self._thread_local.session.max_redirects = 0  # where else could a payment be sent?
        raw, status, answered = self.request_stream(method, url, headers, post_data)
        try:
            return _read(raw, until), status, answered
        except (HTTPError, HTTPException, OSError) as error:
            raw.close()
            raise _no_reply(f"The reply broke off ({type(error).__name__}).") from None
        except stripe.APIConnectionError:
            raw.close()
            raise


def _read(raw: Any, until: float) -> bytes:
    parts, length = [], 0
    while chunk := raw.read1(_CHUNK, decode_content=True):
        parts.append(chunk)
        length += len(chunk)
        if length > LONGEST_REPLY:
            raise _no_reply("The reply is too long to be one.")
        if time.monotonic() > until:
            raise _no_reply("The reply took too long.")
    raw.release_conn()
    return b"".join(parts)


def _no_reply(why: str) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(why)  # type: ignore[no-untyped-call]  # the SDK's is untyped


@cache
def shared_client() -> BoundedClient:
    """This process's client."""
    return BoundedClient()
