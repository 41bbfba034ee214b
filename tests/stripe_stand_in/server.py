"""The stand-in as a whole: started and stopped, moved through time, looked into. See the package's docstring."""

import copy
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tests.stripe_stand_in import pages
from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.api import Api
from tests.stripe_stand_in.banking import Banking
from tests.stripe_stand_in.clock import Clock, seconds
from tests.stripe_stand_in.control import controlled
from tests.stripe_stand_in.door import Door
from tests.stripe_stand_in.errors import Json
from tests.stripe_stand_in.faulting import Faulting
from tests.stripe_stand_in.reception import Reception
from tests.stripe_stand_in.telling import Telling
from tests.stripe_stand_in.truth import Movement
from tests.stripe_stand_in.webhooks import Sender

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StripeStandIn(Banking, Faulting, Telling):
    """One Stripe account behind one address."""

    def __init__(
        self,
        *,
        start: Any = None,
        account: str = "acct_standin",
        country: str = "US",
        currency: str = "usd",
        display_name: str = "Stand-in Association",
        port: int = 0,
        seed: int = 0,
        truth_file: str | Path | None = None,
        real_clock: bool = False,
        confirm_metadata: Literal["refuse", "merge"] = "refuse",
    ) -> None:
        if start is None:
            start = time.time() if real_clock else START
        self.account = Account(
            id_=account,
            country=country,
            currency=currency,
            display_name=display_name,
            clock=Clock(seconds(start), running=real_clock),
            seed=seed,
            truth_file=Path(truth_file) if truth_file else None,
        )
        self.account.confirm_merges_metadata = confirm_metadata == "merge"
        self.api = Api(self.account)
        self.sender = Sender(self.account)
        self.account.on_event = self.sender.offer
        self.reception = Reception(self.account, self.api, self.sender)
        self._wanted_port = port
        self._door: Door | None = None
        self._thread: threading.Thread | None = None

    # ---------------------------------------------------------------- its life

    def start(self) -> Self:
        """Listens when it returns."""
        door = Door(
            self._wanted_port,
            self.reception,
            lambda method, name, body: controlled(self, method, name, body),
            self._page,
        )
        self._door = door
        self.account.base_url = self.url
        self._thread = threading.Thread(target=lambda: door.serve_forever(0.05), name="stand-in", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Closes every connection; what is known stays, so it may be started again. Raises AssertionError when a
        request could not be answered for a mistake of the stand-in's own."""
        if self._door is None or self._thread is None:
            return
        self.release()
        self._door.shutdown()
        self._door.cut_all()
        self._door.server_close()
        self._thread.join(timeout=10)
        self.sender.stop()
        mistakes, self._door = self._door.mistakes, None
        if mistakes:
            raise AssertionError("the stand-in itself failed:\n" + "\n".join(mistakes))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Till another thread stops it, or an interrupt comes."""
        if self._thread is not None:
            self._thread.join()

    @property
    def port(self) -> int:
        if self._door is None:
            raise RuntimeError("not started")
        return self._door.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def account_id(self) -> str:
        return self.account.id

    def _page(self, method: str, path: str, body: str) -> pages.Page:
        with self.account.lock:
            self.account.clock.tick()
            return pages.page(self.account, method, path, body)

    # ---------------------------------------------------------------- time

    def now(self) -> datetime:
        with self.account.lock:
            return self.account.clock.moment()

    def set_clock(self, at: Any) -> datetime:
        with self.account.lock:
            self.account.clock.move_to(seconds(at))
            return self.account.clock.moment()

    def advance(self, *, seconds: int = 0, minutes: int = 0, hours: int = 0, days: int = 0) -> datetime:
        step = timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)
        with self.account.lock:
            return self.set_clock(self.now() + step)

    def clock(self, at: Any = None, **step: int) -> datetime:
        """For POST /_control/clock."""
        return self.advance(**step) if at is None else self.set_clock(at)

    # ---------------------------------------------------------------- what is there

    def set_account(self, **fields: Any) -> None:
        """country, default_currency, display_name, charges_enabled, payouts_enabled, email."""
        with self.account.lock:
            if unknown := set(fields) - set(self.account.profile):
                raise TypeError(f"the account has no {unknown}")
            self.account.profile |= fields

    def settings(self, **fields: Any) -> None:
        """See account.Settings."""
        with self.account.lock:
            for name, value in fields.items():
                if not hasattr(self.account.settings, name):
                    raise TypeError(f"no such setting: {name}")
                setattr(self.account.settings, name, tuple(value) if isinstance(value, list) else value)

    def object(self, id: str) -> Json:  # noqa: A002 - Stripe's word
        with self.account.lock:
            return copy.deepcopy(self.account.find(id))

    def objects(self, kind: str) -> list[Json]:
        with self.account.lock:
            return copy.deepcopy(list(self.account.table(kind).all()))

    def truth(self) -> list[Movement]:
        with self.account.lock:
            return self.account.truth.movements()

    def check(self) -> None:
        """Its own books against its own truth: the sum of all balance transactions before fees is the sum of all
        movements and of the debits that are on their way; nothing was refunded beyond what came."""
        with self.account.lock:
            entered = sum(entry["amount"] for entry in self.account.table("balance_transaction").all())
            charges = list(self.account.table("charge").all())
            moved = sum(movement.amount for movement in self.account.truth.movements())
            pending = sum(
                self.account.find(charge["balance_transaction"])["amount"]
                for charge in charges
                if charge["status"] == "pending"
            )
            awaited = sum(
                charge["amount_captured"]
                for charge in charges
                if charge["status"] == "succeeded" and charge["balance_transaction"] is None
            )
            assert entered + awaited == moved + pending, (entered, awaited, moved, pending)
            for charge in charges:
                assert 0 <= charge["amount_refunded"] <= charge["amount_captured"] <= charge["amount"], (
                    charge["id"]
                )
            for intent in self.account.table("payment_intent").all():
                taken = [
                    charge
                    for charge in self.account.table("charge").by("payment_intent", intent["id"])
                    if charge["status"] == "succeeded"
                ]
                assert len(taken) == (intent["status"] == "succeeded"), intent["id"]
