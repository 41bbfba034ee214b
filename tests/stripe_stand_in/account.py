"""One Stripe account, both modes: its clock, tables, event log and truth, and what is known beside the objects."""

import copy
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stripe_stand_in.clock import Clock
from tests.stripe_stand_in.errors import Json
from tests.stripe_stand_in.tables import KINDS, Table
from tests.stripe_stand_in.truth import Kind, Truth

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as the routes see it. `params`: strings, lists and dicts, as forms.decode leaves them."""

    method: str
    path: str
    params: Json
    livemode: bool
    key: str | None
    request_id: str


@dataclass(slots=True)
class Settings:
    """Numbers of Stripe's that a test may want otherwise. `card_fee`: a fixed part and per mille, rounded half up;
    `balance_lag`: seconds until a charge has its balance transaction (asynchronous capture); `converts`: what is
    charged in the first currency is settled in the second, at so many hundredths of it for one."""

    confirmation_limit: int = 10
    search_lag: int = 60
    debit_days: int = 4
    refund_days: int = 5
    available_days: int = 2
    card_fee: tuple[int, int] = (30, 29)
    debit_fee: tuple[int, int] = (0, 8)
    debit_fee_cap: int = 500
    balance_lag: int = 0
    converts: tuple[str, str, int] | None = None


@dataclass(slots=True)
class MethodNotes:
    """What a payment method does when it is charged. `script`: (from this instant on, outcome), in order."""

    token: str
    outcome: str
    script: list[tuple[int, str]] = field(default_factory=list)
    set_up: bool = False
    mandate: str | None = None
    detached: bool = False

    def outcome_at(self, now: int) -> str:
        said = [outcome for since, outcome in self.script if since <= now]
        return said[-1] if said else self.outcome


@dataclass(slots=True)
class IntentNotes:
    """What is not shown of a payment intent. `receive`: what its next success takes, None for all of it."""

    confirmations: int = 0
    receive: int | None = None
    return_url: str | None = None
    mandate: str | None = None


class Account:
    """Whoever reads or changes it holds `lock`."""

    def __init__(
        self,
        *,
        id_: str,
        country: str,
        currency: str,
        display_name: str,
        clock: Clock,
        seed: int,
        truth_file: Path | None,
    ) -> None:
        self.id = id_
        self.lock = threading.RLock()
        self.clock = clock
        self.settings = Settings()
        self.tables = {kind: Table(kind) for kind in KINDS}
        self.truth = Truth(truth_file)
        self.methods: dict[str, MethodNotes] = {}
        self.intents: dict[str, IntentNotes] = {}
        self.call: Call | None = None
        self.base_url = ""
        self.confirm_merges_metadata = False
        self.on_event: Callable[[Json], None] = lambda event: None
        self.profile: Json = {
            "country": country,
            "default_currency": currency,
            "display_name": display_name,
            "charges_enabled": True,
            "payouts_enabled": True,
            "email": "treasurer@example.org",
        }
        self._salt = hashlib.sha256(f"{id_}/{seed}".encode()).hexdigest()[:8]
        self._made = 0

    def table(self, kind: str) -> Table:
        return self.tables[kind]

    def new_id(self, prefix: str) -> str:
        """Stripe's prefix, then letters and digits that are the same in every run."""
        self._made += 1
        return f"{prefix}_1{self._salt}{self._made:010d}"

    def secret_of(self, id_: str) -> str:
        return f"{id_}_secret_{hashlib.sha256((self._salt + id_).encode()).hexdigest()[:24]}"

    def find(self, id_: str) -> Json:
        """Any object by its id, of either mode; KeyError if there is none."""
        for table in self.tables.values():
            found = table.get(id_)
            if found is not None:
                return found
        raise KeyError(id_)

    def emit(self, type_: str, obj: Json, *, livemode: bool, before: Json | None = None) -> Json:
        """Logs an event with a snapshot of the object; `before`: what its changed attributes were."""
        data: Json = {"object": copy.deepcopy(obj)}
        if before:
            data["previous_attributes"] = before
        event: Json = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.clock.now(),
            "data": data,
            "livemode": livemode,
            "pending_webhooks": 0,
            "request": {
                "id": self.call.request_id if self.call else None,
                "idempotency_key": self.call.key if self.call else None,
            },
            "type": type_,
        }
        self.table("event").add(event, livemode=livemode)
        self.on_event(event)
        return event

    def moved(self, kind: Kind, amount: int, obj: Json, *, livemode: bool, **more: Any) -> None:
        """Writes a movement of money into the truth."""
        self.truth.record(
            at=self.clock.now(),
            kind=kind,
            amount=amount,
            currency=obj["currency"],
            livemode=livemode,
            object=obj["id"],
            metadata=obj.get("metadata") or {},
            **more,
        )
