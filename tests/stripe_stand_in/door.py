"""The sockets: HTTP/1.1 on 127.0.0.1, a thread a connection; replies in one write, or cut where a fault says so."""

import base64
import socket
import sys
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.stripe_stand_in.pages import Page
from tests.stripe_stand_in.reception import Reception, Sent

#: (method, name, body) → status and JSON of a control call; (method, path, body) → a page
Control = Callable[[str, str, bytes], tuple[int, bytes]]
Pages = Callable[[str, str, str], Page]


class Door(ThreadingHTTPServer):
    """Listens from its making on; serves when `serve_forever` is called."""

    daemon_threads = True
    request_queue_size = 256
    block_on_close = False

    def __init__(self, port: int, reception: Reception, control: Control, pages: Pages) -> None:
        self.reception = reception
        self.control = control
        self.pages = pages
        self.mistakes: list[str] = []
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Visitor)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut_all(self) -> None:
        """Closes every connection, kept alive or in the middle of a request."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news; a mistake of ours must not pass for a lost connection."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            self.mistakes.append(traceback.format_exc())


class Visitor(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Door

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent: what was asked is in Seen."""

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # whoever asked was gone before the whole request had left: nothing was asked
            self._hang_up()
            return
        if self.path.startswith("/_control/"):
            status, text = self.server.control(method, self.path.removeprefix("/_control/"), body)
            self._write(status, {"Content-Type": "application/json"}, text)
        elif self.path.startswith("/v1/"):
            self._reply(
                self.server.reception.receive(
                    method,
                    self.path,
                    body.decode(),
                    api_key=self._api_key(),
                    key=self.headers.get("Idempotency-Key"),
                    version=self.headers.get("Stripe-Version"),
                    account=self.headers.get("Stripe-Account"),
                )
            )
        else:
            page = self.server.pages(method, self.path.partition("?")[0], body.decode())
            headers = {"Content-Type": "text/html; charset=utf-8"}
            if page.location:
                headers["Location"] = page.location
            self._write(page.status, headers, page.html.encode())

    def _api_key(self) -> str:
        scheme, _, said = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            said = base64.b64decode(said).decode().partition(":")[0]
        return said

    def _reply(self, sent: Sent | None) -> None:
        if sent is None:
            self._hang_up()
        elif sent.manner == "whole":
            self._write(sent.reply.status, sent.reply.headers, sent.reply.body)
        else:
            half = len(sent.reply.body) // 2
            self._write(sent.reply.status, sent.reply.headers, sent.reply.body, until=half)
            if sent.manner == "slow":
                self.server.reception.hold()
                self.wfile.write(sent.reply.body[half:])
            else:
                self._hang_up()

    def _write(self, status: int, headers: dict[str, str], body: bytes, *, until: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self._headers_buffer.append(b"\r\n")  # type: ignore[attr-defined]  # one write for head and body
        self._headers_buffer.append(body[:until])  # type: ignore[attr-defined]
        self.flush_headers()

    def _hang_up(self) -> None:
        """No reply: the client sees the connection close."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
