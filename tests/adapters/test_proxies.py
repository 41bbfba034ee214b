"""Behind a proxy the visitor's own address counts, if the proxy is one that is named."""

import http.client
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from waitress.server import create_server

from paidthru.config.proxies import proxy_arguments

NAMED = {"PAIDTHRU_TRUSTED_PROXY": "127.0.0.1"}


def _says_who(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    told = (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", "-"))
    return [" ".join(told).encode()]


@contextmanager
def _served(environ: dict[str, str]) -> Iterator[int]:
    server = create_server(_says_who, host="127.0.0.1", port=0, **proxy_arguments(environ))

    def run() -> None:
        with suppress(OSError):  # its socket is closed under it
            server.run()

    running = threading.Thread(target=run, daemon=True)
    running.start()
    try:
        yield int(server.effective_port)
    finally:
        server.close()


@pytest.mark.parametrize(
    ("environ", "seen"),
    [
        (NAMED, "203.0.113.9 https https"),
        ({"PAIDTHRU_TRUSTED_PROXY": "192.0.2.1"}, "127.0.0.1 http -"),
        ({}, "127.0.0.1 http -"),
        ({"PAIDTHRU_HTTPS": "1"}, "127.0.0.1 http https"),
    ],
)
def test_whose_request_it_is(environ: dict[str, str], seen: str) -> None:
    with _served(environ) as port:
        there = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}
        there.request("GET", "/", headers=headers)
        assert there.getresponse().read().decode() == seen, (
            "the last in the list is what the proxy itself saw"
        )
        there.close()
