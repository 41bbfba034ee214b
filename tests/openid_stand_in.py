"""A small sign-in service on loopback, as OpenID Connect says: what staff sign in with elsewhere."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from paidthru.kernel.clock import SystemClock

CLIENT, SECRET = "paidthru", "a secret of the stand-in"
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class StandIn:
    """The service. `claims` go into the id token beside what belongs there, None takes one out; `key` signs it."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.about: dict[str, Any] = {}
        self.broken = ""  # a path that answers with an error
        self._asked: dict[str, str] = {}

    def let_in(self, address: str, **claims: Any) -> dict[str, str]:
        """What the browser brings back when somebody has signed in at the address that it was sent to."""
        self._asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert self._asked["code_challenge_method"] == "S256"
        self.claims = {"email": "kim@example.org", "email_verified": True} | claims
        return {"code": "a code", "state": self._asked["state"]}

    def answer(self, path: str, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What is answered to a request."""
        if path == self.broken:
            return 500, {}
        if path == "/.well-known/openid-configuration":
            named = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return 200, {"issuer": self.issuer} | {
                name: f"{self.issuer}/{name}" for name in named
            } | self.about
        if path == "/jwks_uri":
            public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
            return 200, {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}
        if path == "/token_endpoint":
            return self._token(sent, authorization)
        return 404, {}

    def _token(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        good = (
            sent["code"] == "a code"
            and challenge.rstrip(b"=").decode() == self._asked["code_challenge"]
            and sent["redirect_uri"] == self._asked["redirect_uri"]
            and pair == f"{CLIENT}:{SECRET.replace(' ', '%20')}"
        )
        if not good:
            return 400, {"error": "invalid_grant"}
        now = int(SystemClock().now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 300,
            "nonce": self._asked["nonce"], **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": "one"})
        return 200, {"id_token": token, "token_type": "Bearer"}


@contextmanager
def running() -> Iterator[StandIn]:
    """The service at an address of its own, until the end of the block."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*stand_in.answer(urlsplit(self.path).path, {}, ""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*stand_in.answer(self.path, sent, self.headers.get("Authorization", "")))

        def _say(self, status: int, found: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    stand_in = StandIn(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
