"""What workers, staff and members do in a schedule, drawn by its seed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from random import Random

from tests.simulation.gateway import NAME, shown_method
from tests.simulation.play import Member, Play
from tests.simulation.truth import Method
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.actions.save_method import save_method
from paidthru.actions.submit import Selection
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.payments.gateway import IntentStatus
from paidthru.payments.queries import in_flight
from paidthru.runs import Desk
from paidthru.timeline.operations import Actor

MEMBER = Actor("member", "Member")
Act = tuple[str, Callable[[], object]]


def method_for(rng: Random, moods: frozenset[str], token: str, customer_ref: str, kind: str) -> Method:
    """A way to pay, whose bank feels as the seed has it."""
    found: list[str] = []
    good = "process" if kind == "bank" else "ok"
    afterwards = ""
    if "decline" in moods and rng.random() < 0.6:
        code = "R01" if kind == "bank" else "insufficient_funds"
        found += [f"process {code}" if kind == "bank" else code] * rng.choice([1, 1, 2, 9])
    if "hard" in moods and rng.random() < 0.3:
        found += ["process R03"] * 9 if kind == "bank" else ["lost_card"] * 9
    if "action" in moods and kind == "card" and rng.random() < 0.5:
        found.append("action")
    if "return" in moods and kind == "bank" and rng.random() < 0.6:
        afterwards = "return"
    if "dispute" in moods and kind == "card" and rng.random() < 0.6:
        afterwards = rng.choice(["dispute won", "dispute lost"])
    return Method(token, customer_ref, kind, [*found, good], afterwards)


def worker(play: Play) -> None:
    """A worker does what is due, again and again; whatever happens to it, another turn comes."""
    for _ in range(play.rng.choice([2, 3, 5])):
        desk = play.desk()
        what, act = play.rng.choice(
            [
                ("work", runs.work),
                ("send what waits", runs.collect_unsent),
                ("look at what is due", look_at_due),
                ("look at what is due", look_at_due),
                ("retrieve", runs.retrieve),
            ]
        )
        play.does(what, partial(act, desk))


def look_at_due(desk: Desk) -> None:
    """A part of `runs.work`: the open questions whose time has come."""
    for id_ in in_flight(desk.organization.id, due_by=desk.clock.now()):
        runs.look(desk, id_)


def time_passes(play: Play) -> None:
    """The clock is moved on, while others are in the midst of something."""
    for _ in range(play.rng.choice([2, 4, 6])):
        play.stage.point("act")
        hours = play.rng.choice(play.swarm.hours) + play.rng.random()
        play.stage.note("time", f"{hours:.1f} h later")
        play.clock.advance(timedelta(hours=hours))


def people(play: Play, share: int) -> None:
    """Staff and members, one after the other as it falls."""
    for _ in range(share):
        what, act = next(drawn_acts(play))
        play.does(what, act)


def drawn_acts(play: Play) -> Iterator[Act]:
    """Acts that make sense for somebody, without end."""
    rng = play.rng
    while True:
        member = rng.choice(play.members)
        kind = rng.choice(
            ["submit", "submit", "pay", "pay", "check", "part", "card", "autopay", "retrieve", "agree", "twice"]
        )
        yield from _act(play, kind, member)


def _act(play: Play, kind: str, member: Member) -> Iterator[Act]:
    desk, rng = play.desk(), play.rng
    about = f"member {member.number}"
    if kind == "submit":
        yield "submit", partial(_submit, play)
    elif kind == "pay" and member.tokens:
        yield f"pay online, {about}", partial(runs.pay_online, desk, member.invoice_id, actor=MEMBER)
    elif kind in ("check", "part"):
        amount = 10_000 if kind == "check" else rng.choice([1, 4_000])
        yield f"check of {amount}, {about}", partial(_check, play, member, amount, None)
    elif kind == "twice":
        key = f"form {rng.getrandbits(40)}"
        yield f"the same check twice, {about}", lambda: [_check(play, member, 2_500, key) for _ in range(2)]
    elif kind == "card":
        yield f"new card, {about}", partial(new_card, play, member)
    elif kind == "autopay":
        on = rng.random() < 0.4
        yield (
            f"autopay {'on' if on else 'off'}, {about}",
            lambda: switch_autopay(
                desk.organization, member.membership_id, on=on, actor=STAFF, now=play.clock.now()
            ),
        )
    elif kind == "retrieve":
        yield "retrieve", partial(runs.retrieve, desk)
    elif kind == "agree":
        yield f"answer the bank, {about}", partial(answer_the_bank, play, member, rng.random() < 0.7)


def _submit(play: Play) -> None:
    desk = play.desk()
    runs.submit(desk, Selection(desk.today), actor=STAFF, acknowledged=True)
    if play.rng.random() < 0.5:
        runs.collect_unsent(desk)


def _check(play: Play, member: Member, amount_minor: int, key: str | None) -> None:
    record_payment(
        play.organization, member.party_id, amount_minor=amount_minor, currency="USD", means="check", actor=STAFF,
        now=play.clock.now(), key=key,
    )  # fmt: skip


def new_card(play: Play, member: Member) -> None:
    """The member saves another card; the processor has it at once, and we a moment later."""
    token = f"pm_{member.number}_{len(member.tokens)}"
    play.truth.methods[token] = method_for(
        play.rng, play.swarm.moods - {"hard"}, token, member.customer_ref, "card"
    )
    member.tokens.append(token)
    saved = shown_method(token, member.customer_ref, "card")
    save_method(
        play.organization, member.party_id, saved, gateway=NAME, actor=MEMBER, now=play.clock.now()
    )


def answer_the_bank(play: Play, member: Member, agreed: bool) -> None:
    """A payer who was asked by their bank says yes or no, on the bank's own page."""
    for intent in play.truth.intents.values():
        if intent.customer_ref == member.customer_ref and intent.status is IntentStatus.REQUIRES_ACTION:
            play.truth.act(intent, agreed)
            return
