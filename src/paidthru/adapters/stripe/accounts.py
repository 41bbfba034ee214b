"""An organization's Stripe account: its keys tested, sealed into the row, and opened again for its gateway."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from paidthru.adapters.sealing import Place, Sealer
from paidthru.adapters.stripe.gateway import StripeGateway
from paidthru.adapters.stripe.keys import check_publishable, check_webhook_secret, is_live
from paidthru.adapters.stripe.webhooks import read_event, verify
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import (
    GatewayAccountFacts,
    GatewayError,
    GatewayEvent,
    GatewayNotExecuted,
    GatewayUnknown,
)
from paidthru.payments.models import GatewayAccount

TABLE = "payments_gatewayaccount"
SECRET, WEBHOOK, OLD_WEBHOOK = "secret", "webhook_secret", "old_webhook_secret"
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys as a person enters them, without the spaces around. An empty publishable key is not used."""

    secret_key: str = field(repr=False)
    publishable_key: str = ""

    @classmethod
    def entered(cls, secret_key: str, publishable_key: str = "") -> "Keys":
        """Keys of which nothing is known yet."""
        return cls(secret_key.strip(), publishable_key.strip())


class Accounts:
    """Stripe accounts of one installation (`instance`)."""

    def __init__(self, sealer: Sealer, *, instance: str, base_address: str = "") -> None:
        self._sealer, self._instance, self._base = sealer, instance, base_address

    def test(self, keys: Keys) -> GatewayAccountFacts:
        """The account behind new keys. Refused: `key_unreadable`, `key_wrong_mode`, `key_refused`, `key_forbidden`,
        `gateway_silent`, `gateway_refused`."""
        live = is_live(keys.secret_key)
        if keys.publishable_key:
            check_publishable(keys.publishable_key, live=live)
        return described(self._gateway(keys.secret_key, live))

    def gateway_of(self, account: GatewayAccount) -> StripeGateway:
        """The gateway of a connected account. Refused: `sealing_key_missing`, `seal_broken`."""
        secret = self._sealer.open(bytes(account.secret), _place(account, SECRET))
        return self._gateway(secret, account.livemode)

    def _gateway(self, secret_key: str, live: bool) -> StripeGateway:
        return StripeGateway(secret_key, instance=self._instance, livemode=live, base_address=self._base)

    def sealed_key(self, keys: Keys, *, row: UUID, organization: UUID) -> bytes:
        """The secret key as it may be stored in the row of an account."""
        return self._sealer.seal(keys.secret_key, Place(TABLE, SECRET, row, organization))

    def sealed_webhook(self, account: GatewayAccount, secret: str) -> tuple[bytes, bytes | None]:
        """A new signing secret as it may be stored, and the present one for the old one's column. Refused
        `key_unreadable`."""
        check_webhook_secret(secret.strip())
        new = self._sealer.seal(secret.strip(), _place(account, WEBHOOK))
        present = self._opened(account, WEBHOOK)
        old = self._sealer.seal(present, _place(account, OLD_WEBHOOK)) if present else None
        return new, old

    def event(self, account: GatewayAccount, body: bytes, header: str, now: datetime) -> GatewayEvent:
        """An event that came to the account's address, verified with its secrets. Refused as `webhooks.verify` and
        `webhooks.read_event`."""
        verify(body, header, self._webhook_secrets(account, now), now)
        return read_event(body, livemode=account.livemode, account_ref=account.account_ref)

    def _webhook_secrets(self, account: GatewayAccount, now: datetime) -> Sequence[str]:
        columns = [WEBHOOK]
        if account.old_secret_until is not None and now < account.old_secret_until:
            columns.append(OLD_WEBHOOK)
        return [secret for column in columns if (secret := self._opened(account, column))]

    def _opened(self, account: GatewayAccount, column: str) -> str:
        sealed = getattr(account, column)
        return self._sealer.open(bytes(sealed), _place(account, column)) if sealed else ""

    def hint(self, account: GatewayAccount) -> str:
        """The last four signs of the secret key: enough to tell it from another."""
        return self._opened(account, SECRET)[-_SHOWN:]

    def resealed(self, account: GatewayAccount) -> dict[str, bytes]:
        """The account's secrets that an older key sealed, sealed anew, by column."""
        found = {}
        for column in (SECRET, WEBHOOK, OLD_WEBHOOK):
            sealed = getattr(account, column)
            if sealed and not self._sealer.is_newest(bytes(sealed)):
                found[column] = self._sealer.seal(self._opened(account, column), _place(account, column))
        return found


def described(gateway: StripeGateway) -> GatewayAccountFacts:
    """The account behind a gateway's key: the test of a connection. Refused: `key_refused`, `key_forbidden`,
    `gateway_silent`, `gateway_busy`, `gateway_refused`."""
    try:
        return gateway.describe_account()
    except GatewayNotExecuted as error:
        if not error.opens_circuit:
            raise Refused("gateway_busy", "The processor is busy.", fix="Try again in a minute.") from None
        if error.code == "key_forbidden":
            raise Refused(
                "key_forbidden",
                "The processor knows this key, and the key may not do what is needed.",
                field="secret_key",
                fix="Give a restricted key the rights that docs/stripe.md lists, or use the secret key.",
            ) from None
        raise Refused(
            "key_refused",
            "The processor does not accept this key.",
            field="secret_key",
            fix="Copy it again; it may have been rolled or deleted at the processor.",
        ) from None
    except GatewayUnknown:
        raise Refused(
            "gateway_silent",
            "The processor did not answer in a way that can be read.",
            fix="Look whether this machine reaches the internet, and try again.",
        ) from None
    except GatewayError as error:
        raise Refused("gateway_refused", error.message, fix="Look at the processor’s own page.") from None


def _place(account: GatewayAccount, column: str) -> Place:
    return Place(TABLE, column, account.id, account.organization_id)
