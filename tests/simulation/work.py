"""What goes on by itself in a schedule: workers, the delivery of events, time."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from tests.simulation.gateway import NAME
from tests.simulation.play import Play

from paidthru import runs
from paidthru.payments.gateway import GatewayEvent
from paidthru.runs import Desk
from paidthru.runs.sending import look_at_due

#: All that a worker does, and the parts of it that cost less, more often.
WORK: tuple[tuple[str, Callable[[Desk], object]], ...] = (
    ("work", runs.work),
    ("send what waits", runs.collect_unsent),
    ("send what waits", runs.collect_unsent),
    ("look at what is due", look_at_due),
    ("look at what is due", look_at_due),
    ("send refunds", runs.send_refunds),
    ("read the inbox", runs.work_inbox),
)


def worker(play: Play) -> None:
    """A worker does what is due, again and again; whatever happens to it, another turn comes."""
    for _ in range(play.rng.choice([1, 2, 3])):
        what, act = play.rng.choice(WORK)
        play.does(what, partial(act, play.desk()))


def time_passes(play: Play) -> None:
    """The clock is moved on, while others are in the midst of something."""
    for _ in range(play.rng.choice([1, 3, 5])):
        play.stage.point("act")
        hours = play.rng.choice(play.swarm.hours) + play.rng.random()
        play.stage.note("time", f"{hours:.1f} h later")
        play.clock.advance(timedelta(hours=hours))


def post(play: Play) -> None:
    """Events are delivered: in their order or not, twice, or never."""
    how = play.swarm.webhooks
    for _ in range(play.rng.choice([2, 4])):
        play.stage.point("act")
        play.mail += play.truth.events
        play.truth.events.clear()
        if how == "shuffled":
            play.rng.shuffle(play.mail)
        if how == "some":
            play.mail = [event for event in play.mail if play.rng.random() < 0.5]
        for event in play.mail[:4]:
            play.does(f"deliver {event.kind} {event.object_ref}", partial(deliver, play, event))
        again = play.mail[:2] if how == "shuffled" and play.rng.random() < 0.4 else []
        play.mail = play.mail[4:] + again


def deliver(play: Play, event: GatewayEvent) -> None:
    """An event comes in at the door, its signature proved."""
    runs.receive(play.organization, event, gateway=NAME, now=play.clock.now())
