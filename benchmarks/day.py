"""A day of collection with everything that goes wrong: `python -m benchmarks.day 10000`.

A live organization with that many invoices collects at the Stripe stand-in over HTTP, with two worker processes that
are both killed on the way and come back, and a web process that receives the webhooks, some lost, some twice, all
shuffled. 3 % of the cards decline, 1 % of the confirmations are never answered. In the end every payable invoice has
exactly one success there and one payment here, no other has any, and every invariant holds; or this fails.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.server import TOP, address, own_server, tell

DECLINED = 3  # of a hundred cards
SILENT = 0.01  # of the confirmations, half of which take effect
SECRET_KEY, WEBHOOK_SECRET = "sk_test_benchmark00000000", "whsec_benchmark"
PER_SECOND = 100
SEED = 20261122
PATIENCE_SECONDS = 40 * 60


@dataclass
class Process:
    """One of the product's own processes."""

    arguments: list[str]
    environment: dict[str, str]
    killed: int = 0
    _running: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """Starts it, or starts it anew."""
        self._running = subprocess.Popen(
            [sys.executable, *self.arguments], env=self.environment, cwd=TOP, stdout=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """kill -9."""
        assert self._running is not None
        self._running.send_signal(signal.SIGKILL)
        self._running.wait()
        self.killed += 1

    def stop(self) -> None:
        """Lets it end by itself."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            self._running.wait(timeout=90)


@contextmanager
def installed(stand_in: str) -> Iterator[dict[str, str]]:
    """A database and a home of its own, in this process's environment too; yields the environment."""
    home = Path(tempfile.mkdtemp(prefix="paidthru-day-"))
    with own_server() as host:
        tell(host, "CREATE DATABASE day")
        os.environ |= {
            "DATABASE_URL": address(host, "day"),
            "PAIDTHRU_HOME": str(home),
            "PAIDTHRU_STRIPE_API": stand_in,
            "PYTHONPATH": os.pathsep.join([str(TOP / "src"), str(TOP)]),
        }
        try:
            yield dict(os.environ)
        finally:
            shutil.rmtree(home, ignore_errors=True)


def seed(stand_in: Any, invoices: int, actor: Any) -> Any:
    """A live organization with so many members who are due, each with a card at the stand-in; returns it, billed."""
    import stripe

    from benchmarks import seeding
    from paidthru import runs
    from paidthru.actions.save_method import save_method
    from paidthru.membership.models import Fee, Membership, Plan
    from paidthru.organizations.operations import create_organization
    from paidthru.payments.gateway import GatewayMethod
    from paidthru.people.models import Party
    from paidthru.wiring import GatewayKeys, connect_account, desk_for, rotate_webhook

    now = datetime.now(UTC)
    organization = create_organization(
        name="Benchmark Association", preset="association", currency="USD", zone="America/New_York",
        locale="en_US", mode="live", now=now,
    )  # fmt: skip
    plan = Plan.objects.create(
        organization=organization, name=seeding.LEVEL, kind="subscription", currency="USD", created_at=now
    )
    Fee.objects.create(
        organization=organization,
        plan=plan,
        name=seeding.LEVEL,
        amount_minor=seeding.PRICE_MINOR,
        is_primary=True,
    )
    seeding.add_members(plan, -(-invoices * 10 // 9))
    Membership.objects.update(autopay=True)
    connect_account(organization, GatewayKeys.entered(SECRET_KEY, ""), actor=actor)
    rotate_webhook(organization, WEBHOOK_SECRET, actor=actor)
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": stand_in.url}, max_network_retries=0)
    for n, party in enumerate(Party.objects.order_by("number")):
        customer = client.v1.customers.create({"name": party.name})
        card = stand_in.save_method(customer.id, "pm_card_visa")
        if n % 100 < DECLINED:
            stand_in.script_method(card["id"], "insufficient_funds")
        shown = GatewayMethod(
            token=card["id"], kind="card", brand=card["card"]["brand"], last4=card["card"]["last4"],
            exp_month=card["card"]["exp_month"], exp_year=card["card"]["exp_year"],
            fingerprint=card["card"]["fingerprint"], customer_ref=customer.id,
        )  # fmt: skip
        save_method(organization, party.id, shown, gateway="stripe", actor=actor, now=now)
    runs.generate(desk_for(organization), name="Day", effective_on=seeding.EFFECTIVE_ON, actor=actor)
    return organization


class Postman:
    """Brings the stand-in's events to the product's own address: some never, some twice, in no order."""

    def __init__(self, stand_in: Any, url: str) -> None:
        self._stand_in, self._url = stand_in, url
        self._random = random.Random(SEED)  # noqa: S311 - which event is lost is no secret
        self._last: str | None = None
        self._off_duty = threading.Event()
        self._walk = threading.Thread(target=self._go_rounds, daemon=True)
        self.brought = 0
        self.turned_away = Counter[str]()

    def start(self) -> None:
        """Goes its rounds beside everything else."""
        self._walk.start()

    def stop(self) -> None:
        """After a last round."""
        self._off_duty.set()
        self._walk.join()

    def _go_rounds(self) -> None:
        while not self._off_duty.wait(1):
            self._go_round()
        self._go_round()

    def wait(self) -> None:
        """Until somebody answers there."""
        while True:
            try:
                urllib.request.urlopen(self._url, timeout=5)  # noqa: S310
            except urllib.error.HTTPError:
                return  # it turns us away: it is there
            except OSError:
                time.sleep(0.2)

    def _go_round(self) -> None:
        events = self._stand_in.events(after=self._last)
        if not events:
            return
        self._last = events[-1]["id"]
        bag = [one for one in events for _ in range(self._random.choice((0, 1, 1, 1, 1, 1, 2, 2)))]
        self._random.shuffle(bag)
        for event in bag:
            body, signature = self._stand_in.deliver(event, at=datetime.now(UTC), secret=WEBHOOK_SECRET)
            request = urllib.request.Request(  # noqa: S310 - our own address
                self._url, body, {"Stripe-Signature": signature, "Content-Type": "application/json"}
            )
            try:
                with urllib.request.urlopen(request, timeout=30):  # noqa: S310
                    self.brought += 1
            except urllib.error.HTTPError as error:
                self.turned_away[str(error.code)] += 1
            except OSError as error:
                self.turned_away[type(error).__name__] += 1


def main() -> None:
    """Lives through the day and says how it went."""
    invoices = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    from tests.stripe_stand_in import Fate, StripeStandIn

    with (
        StripeStandIn(real_clock=True, account="acct_day") as stand_in,
        installed(stand_in.url) as environment,
    ):
        from paidthru.config import main as program

        program.prepare()
        from paidthru.timeline.operations import Actor

        actor = Actor("command", "benchmark")
        began = perf_counter()
        organization = seed(stand_in, invoices, actor)
        print(f"seeded {invoices} invoices in {perf_counter() - began:.0f} s")
        confirming = "/v1/payment_intents/*/confirm"
        silence: dict[Fate | str, float] = {Fate.LOST_REQUEST: SILENT / 2, Fate.LOST_REPLY: SILENT / 2}
        stand_in.random_fates(SEED, silence, path=confirming, method="POST")
        live_through(stand_in, organization, environment, invoices, actor)


def live_through(
    stand_in: Any, organization: Any, environment: dict[str, str], invoices: int, actor: Any
) -> None:
    """Submits everything, lets the workers collect, kills each once, and counts when nothing is open any more."""
    from paidthru import runs
    from paidthru.actions.submit import Selection
    from paidthru.payments.models import GatewayAccount
    from paidthru.wiring import desk_for, enqueue_work

    port = 18_000 + os.getpid() % 1000
    web = Process(["-m", "paidthru.config.main", "serve", "--no-worker", "--port", str(port)], environment)
    workers = [Process(["-m", "benchmarks.day_worker"], environment) for _ in range(2)]
    account = GatewayAccount.objects.get(organization=organization)
    postman = Postman(stand_in, f"http://127.0.0.1:{port}/webhooks/{account.id}/")
    web.start()
    postman.wait()
    desk = desk_for(organization)
    began = perf_counter()
    submitted = runs.submit(desk, Selection(desk.today), actor=actor, acknowledged=True).submitted
    enqueue_work(organization.id)
    postman.start()
    for worker in workers:
        worker.start()
    kill_at = {int(invoices * 0.3): workers[0], int(invoices * 0.6): workers[1]}
    collected_in = 0.0
    try:
        while (states := _states(organization.id)) and not _settled(states):
            if perf_counter() - began > PATIENCE_SECONDS:
                break
            done = states["succeeded"] + states["declined"]
            for mark, worker in list(kill_at.items()):
                if done >= mark:
                    del kill_at[mark]
                    worker.kill()
                    worker.start()
            if done >= invoices * 0.98 and not collected_in:
                collected_in = perf_counter() - began
            time.sleep(1)
        seconds = perf_counter() - began
        postman.stop()
    finally:
        for process in (*workers, web):
            process.stop()
    _report(
        stand_in, organization, submitted, seconds, collected_in, postman, [one.killed for one in workers]
    )


def _states(organization_id: Any) -> Counter[str]:
    from django.db import connection

    from paidthru.payments.models import Attempt

    connection.close_if_unusable_or_obsolete()
    return Counter(Attempt.objects.filter(organization_id=organization_id).values_list("state", flat=True))


def _settled(states: Counter[str]) -> bool:
    return not {"created", "submitted", "unknown", "processing", "requires_action"} & set(+states)


def _report(
    stand_in: Any,
    organization: Any,
    submitted: int,
    seconds: float,
    most: float,
    postman: Postman,
    killed: list[int],
) -> None:
    """Counts on both sides; leaves with 1 when anything is not as it must be."""
    from paidthru import invariants
    from paidthru.payments.models import Attempt, Payment
    from paidthru.timeline.models import InboxEvent

    taken = Counter(one.payment_intent for one in stand_in.truth() if one.kind == "charge")
    states = _states(organization.id)
    refs = set(Payment.objects.filter(organization=organization).values_list("gateway_ref", flat=True))
    charges = {one.object for one in stand_in.truth() if one.kind == "charge"}
    looked = Attempt.objects.filter(organization=organization, looks__gt=1).count()
    broken = invariants.check(organization.id)
    figures = {
        "submitted": submitted,
        "succeeded": states["succeeded"],
        "declined": states["declined"],
        "other": {state: n for state, n in states.items() if state not in ("succeeded", "declined")},
        "charges at the processor": sum(taken.values()),
        "intents charged more than once": sum(1 for n in taken.values() if n > 1),
        "payments here": len(refs),
        "payments that are no charge, or the reverse": len(refs ^ charges),
        "attempts looked at again": looked,
        "webhooks brought": postman.brought,
        "webhooks turned away": dict(postman.turned_away),
        "events kept": InboxEvent.objects.count(),
        "workers killed": sum(killed),
        "seconds until 98 % were answered": round(most),
        "seconds until nothing was open": round(seconds),
        "broken invariants": [f"{one.invariant}: {one.subject}: {one.what}" for one in broken],
    }
    print(json.dumps(figures, indent=2))
    fine = (
        not broken
        and not figures["other"]
        and max(taken.values(), default=0) == 1
        and refs == charges
        and states["succeeded"] == sum(taken.values())
        and states["succeeded"] + states["declined"] == submitted
        and sum(killed) == 2
    )
    print("every payable invoice has one success, every invariant holds" if fine else "NOT as it must be")
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
