"""Signing in elsewhere: OpenID Connect, the authorization code flow with PKCE, state and nonce.

What the service says of itself is asked anew at each sign-in: staff sign in some times a day, and keys change.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
import urllib3

from paidthru.kernel.errors import Refused
from paidthru.organizations.vault import Vouched

_SECONDS, _MOST_BYTES, _LEEWAY = 5.0, 1_000_000, 60
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: What a service calls having asked for more than a password (RFC 8176).
_STRONG = frozenset({"mfa", "hwk", "swk", "otp", "pop"})
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class OpenIdService:
    """The port `SignInService` for one provider, by its issuer."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    seconds: float = _SECONDS

    def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """The address to send the browser to, and what to keep until it is back. Refused: `sign_in_service_down`."""
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": "openid email",
            "state": kept["state"],
            "nonce": kept["nonce"],
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = self._address(self._about(), "authorization_endpoint")
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}", kept

    def finish(self, kept: Mapping[str, str], given: Mapping[str, str], back: str) -> Vouched:
        """Who came back. Refused: `sign_in_service_down`, `sign_in_refused`."""
        if not kept or not secrets.compare_digest(kept["state"].encode(), given.get("state", "").encode()):
            raise _refused("This sign-in wasn’t begun in this browser, or is over.")
        if given.get("iss", self.issuer) != self.issuer:  # RFC 9207: the answer of another service
            raise _refused("The answer came from another sign-in service.")
        if given.get("error") or not given.get("code"):
            raise _refused("The sign-in service didn’t let you in.")
        about = self._about()
        claims = self._claims(about, self._token(about, given["code"], kept["verifier"], back))
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), kept["nonce"].encode()):
            raise _refused("The sign-in service answered another sign-in.")
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise _refused("The sign-in service doesn’t say that it has verified your e-mail address.")
        amr = claims.get("amr")
        return Vouched(
            email, isinstance(amr, list) and any(one in _STRONG for one in amr if isinstance(one, str))
        )

    def _about(self) -> dict[str, Any]:
        about = self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != self.issuer:
            raise _down("It calls itself by another name than PAIDTHRU_OIDC_ISSUER.")
        return about

    def _token(self, about: Mapping[str, Any], code: str, verifier: str, back: str) -> str:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in ways:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            sent |= {"client_id": self.client_id, "client_secret": self.client_secret}
        answer = self._asked("POST", self._address(about, "token_endpoint"), headers, urlencode(sent))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _refused("The sign-in service gave no proof of who you are.")
        return token

    def _claims(self, about: Mapping[str, Any], token: str) -> dict[str, Any]:
        keys = self._asked("GET", self._address(about, "jwks_uri"))
        try:
            header = jwt.get_unverified_header(token)
            known = [one for one in jwt.PyJWKSet.from_dict(keys).keys if one.public_key_use in (None, "sig")]
            named = [one for one in known if one.key_id == header.get("kid")] if "kid" in header else known
            if header.get("alg") not in _ALGORITHMS or len(named) != 1 or named[0].key_type == "oct":
                raise jwt.InvalidTokenError("no such key")
            claims: dict[str, Any] = jwt.decode(
                token, named[0].key, algorithms=[header["alg"]], audience=self.client_id, issuer=self.issuer,
                leeway=_LEEWAY, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _refused("The sign-in service’s proof of who you are isn’t good.") from error
        if claims.get("azp", self.client_id) != self.client_id:
            raise _refused("The sign-in service’s proof is meant for somebody else.")
        return claims

    def _address(self, about: Mapping[str, Any], name: str) -> str:
        address = about.get(name)
        if not isinstance(address, str):
            raise _down(f"It doesn’t name its {name}.")
        return address

    def _asked(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> dict[str, Any]:
        """An answer in JSON, within seconds, not led elsewhere (ASVS 15.3.2), never in plain text over a network."""
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise _down("Its address is not https.")
        try:
            answer = urllib3.request(
                method, address, body=body, headers=dict(headers or {}) | {"Accept": "application/json"},
                timeout=urllib3.Timeout(total=self.seconds), retries=False, redirect=False, preload_content=False,
            )  # fmt: skip
            with answer:
                text = answer.read(_MOST_BYTES, decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _down("It doesn’t answer.") from error
        if method == "POST" and answer.status in (400, 401):
            raise _refused("The sign-in service doesn’t take the sign-in back.")
        if answer.status != 200:
            raise _down(f"It answers with {answer.status}.")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _down("Its answer can’t be read.") from error
        if not isinstance(found, dict):
            raise _down("Its answer can’t be read.")
        return found


def _down(why: str) -> Refused:
    return Refused(
        "sign_in_service_down",
        f"The sign-in service can’t be used now. {why}",
        fix="Sign in with your password, or try again later.",
    )


def _refused(why: str) -> Refused:
    return Refused("sign_in_refused", why, fix="Sign in again, or with your password.")
