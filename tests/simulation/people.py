"""What staff and members do in a schedule, drawn by its seed."""

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from uuid import UUID

from tests.simulation.gateway import NAME, shown_method
from tests.simulation.play import Member, Play
from tests.simulation.truth import Method
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.allow_attempt import allow_attempt
from paidthru.actions.approve_refund import approve_refund, turn_down_refund
from paidthru.actions.record_payment import record_payment
from paidthru.actions.request_refund import request_refund
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.actions.review_attempt import propose
from paidthru.actions.save_method import save_method
from paidthru.actions.submit import Selection
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.actions.void_invoice import void_invoice
from paidthru.payments.gateway import IntentStatus
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Payment, Refund
from paidthru.runs.charges import collect_now
from paidthru.timeline.operations import Actor

MEMBER = Actor("member", "Member")
APPROVER = Actor("staff", "Alex Approver")


def method_for(rng: Random, moods: frozenset[str], token: str, customer_ref: str, kind: str) -> Method:
    """A way to pay, whose bank feels as the seed has it."""
    found: list[str] = []
    bank = kind == "bank"
    afterwards = ""
    if "decline" in moods and rng.random() < 0.6:
        found += ["process R01" if bank else "insufficient_funds"] * rng.choice([1, 1, 2, 9])
    if "hard" in moods and rng.random() < 0.3:
        found += ["process R03" if bank else "lost_card"] * 9
    if "action" in moods and not bank and rng.random() < 0.5:
        found.append("action")
    if "return" in moods and bank and rng.random() < 0.7:
        afterwards = "return"
    if "dispute" in moods and not bank and rng.random() < 0.7:
        afterwards = rng.choice(["dispute won", "dispute lost"])
    return Method(token, customer_ref, kind, [*found, "process" if bank else "ok"], afterwards)


def people(play: Play, share: int) -> None:
    """Staff and members, one after the other as it falls."""
    for _ in range(share):
        kinds = _GIVING_BACK if "refund" in play.swarm.moods and play.rng.random() < 0.5 else _KINDS
        kind, member = play.rng.choice(kinds), play.rng.choice(play.members)
        act = _ACTS[kind]
        play.does(f"{kind}, member {member.number}", partial(act, play, member))


def _submit(play: Play, member: Member) -> None:
    desk = play.desk()
    runs.submit(desk, Selection(desk.today), actor=STAFF, acknowledged=True)
    if play.rng.random() < 0.5:
        runs.collect_unsent(desk)


def _pay(play: Play, member: Member) -> None:
    runs.pay_online(play.desk(), member.invoice_id, actor=MEMBER)


def _collect(play: Play, member: Member) -> None:
    collect_now(play.desk(), member.invoice_id, actor=STAFF)


def _check(play: Play, member: Member, amount_minor: int = 10_000, key: str | None = None) -> None:
    record_payment(
        play.organization, member.party_id, amount_minor=amount_minor, currency="USD", means="check", actor=STAFF,
        now=play.clock.now(), key=key,
    )  # fmt: skip


def _part(play: Play, member: Member) -> None:
    _check(play, member, play.rng.choice([1, 4_000]))


def _twice(play: Play, member: Member) -> None:
    key = f"form {play.rng.getrandbits(40)}"
    for _ in range(2):
        _check(play, member, 2_500, key)


def _new_card(play: Play, member: Member) -> None:
    """The member saves another card; the processor has it at once, and we a moment later."""
    token = f"pm_{member.number}_{len(member.tokens)}"
    moods = play.swarm.moods - {"hard"}
    play.truth.methods[token] = method_for(play.rng, moods, token, member.customer_ref, "card")
    member.tokens.append(token)
    saved = shown_method(token, member.customer_ref, "card")
    save_method(play.organization, member.party_id, saved, gateway=NAME, actor=MEMBER, now=play.clock.now())


def _autopay(play: Play, member: Member) -> None:
    switch_autopay(
        play.organization, member.membership_id, on=play.rng.random() < 0.4, actor=STAFF, now=play.clock.now()
    )


def _retrieve(play: Play, member: Member) -> None:
    runs.retrieve(play.desk())


def _answer_the_bank(play: Play, member: Member) -> None:
    """A payer who was asked by their bank says yes or no, on the bank's own page."""
    agreed = play.rng.random() < 0.7
    for intent in play.truth.intents.values():
        if intent.customer_ref == member.customer_ref and intent.status is IntentStatus.REQUIRES_ACTION:
            play.truth.act(intent, agreed)
            return


def _resume(play: Play, member: Member) -> None:
    """A payer who was asked comes back to our page and confirms anew there."""
    waiting = Attempt.objects.filter(party_id=member.party_id, state="requires_action")
    attempt_id = waiting.values_list("id", flat=True).first()
    if attempt_id is not None:
        runs.resume(play.desk(), attempt_id, "https://club.example/paid")


def _bounce(play: Play, member: Member) -> None:
    """A check comes back: what it had paid is owed again, and may be charged."""
    payment_id = (
        Payment.objects.filter(party_id=member.party_id, means="check")
        .order_by("-number")
        .values_list("id", flat=True)
        .first()
    )
    if payment_id is not None:
        play.reopened = True
        reverse_payment(play.organization, payment_id, actor=STAFF, now=play.clock.now(), why="It bounced.")


def _refund(play: Play, member: Member) -> None:
    """Staff give money of the member's last charge back, all of it or a part; by a double click, or one part twice."""
    payment_id = _charged(play, member)
    if payment_id is None:
        return
    amount = play.rng.choice([None, 2_500, 2_500])
    one, other = (f"refund {play.rng.getrandbits(40)}" for _ in range(2))
    for key in play.rng.choice([(one,), (one, one), (one, other)]):
        refund = request_refund(
            play.organization, payment_id, amount_minor=amount, actor=STAFF, now=play.clock.now(), key=key
        )
        if refund.state == "requested" and play.rng.random() < 0.7:
            approve_refund(play.organization, refund.id, actor=APPROVER, now=play.clock.now())
    if play.rng.random() < 0.5:
        runs.send_refunds(play.desk())


def _refund_elsewhere(play: Play, member: Member) -> None:
    """Somebody gives money back in the processor's own pages."""
    for intent in play.truth.intents.values():
        left = play.truth.refundable(intent) if intent.charge_ref else 0
        if intent.customer_ref == member.customer_ref and left > 0 and not play.truth.disputed(intent):
            play.truth.refund(intent, play.rng.choice([left, 1 + left // 3]), {})
            return


def _charged(play: Play, member: Member) -> UUID | None:
    return (
        Payment.objects.filter(party_id=member.party_id, gateway=NAME)
        .order_by("-number")
        .values_list("id", flat=True)
        .first()
    )


def _void(play: Play, member: Member) -> None:
    void_invoice(play.organization, member.invoice_id, actor=STAFF, now=play.clock.now(), reason="By mistake")


def _abandon(play: Play, member: Member) -> None:
    attempt_id = (
        Attempt.objects.filter(party_id=member.party_id, state__in=OPEN_ATTEMPT)
        .values_list("id", flat=True)
        .first()
    )
    if attempt_id is not None:
        runs.abandon(play.desk(), attempt_id, actor=STAFF, why="The member asked to.")


def _allow(play: Play, member: Member) -> None:
    allow_attempt(play.organization, member.invoice_id, actor=STAFF, now=play.clock.now())


def review_everything(play: Play) -> None:
    """Staff look at the processor's own pages, and conclude by them what needs a person."""
    desk = play.desk()
    waiting = Attempt.objects.filter(organization=play.organization, state="needs_review")
    for attempt in waiting.select_related("intent").order_by("id"):
        truth = play.truth.intents.get(attempt.intent.gateway_ref or "")
        came = truth is not None and truth.charge_ref is not None
        if truth is not None and truth.status is IntentStatus.PROCESSING:
            continue  # they wait, as the bank does
        review = propose(
            play.organization, attempt.id, outcome="succeeded" if came else "canceled",
            evidence="The processor's own page", actor=STAFF, now=play.clock.now(),
        )  # fmt: skip
        runs.approve_review(desk, review.id, actor=APPROVER)


def decide_refunds(play: Play) -> None:
    """Nothing that waits for a second person is left waiting."""
    waiting = Refund.objects.filter(organization=play.organization, state="requested").order_by("id")
    for number, refund in enumerate(waiting):
        act: Callable[..., Refund] = approve_refund if number % 2 == 0 else turn_down_refund
        play.does(
            "decide a refund",
            partial(act, play.organization, refund.id, actor=APPROVER, now=play.clock.now()),
        )


_ACTS: dict[str, Callable[[Play, Member], None]] = {
    "submit": _submit,
    "pay online": _pay,
    "pay": _pay,
    "collect now": _collect,
    "check": _check,
    "part of it by check": _part,
    "the same check twice": _twice,
    "new card": _new_card,
    "autopay": _autopay,
    "retrieve": _retrieve,
    "answer the bank": _answer_the_bank,
    "confirm anew": _resume,
    "bounced check": _bounce,
    "refund": _refund,
    "refund elsewhere": _refund_elsewhere,
    "void": _void,
    "abandon": _abandon,
    "allow another attempt": _allow,
}
_KINDS: Sequence[str] = (
    "submit", "submit", "submit", "pay online", "pay online", "pay online", "collect now", "check",
    "part of it by check", "the same check twice", "new card", "autopay", "retrieve", "answer the bank",
    "answer the bank", "confirm anew", "bounced check", "void", "abandon", "allow another attempt",
)  # fmt: skip
_GIVING_BACK: Sequence[str] = ("pay online", "pay", "refund", "refund", "refund", "refund elsewhere")
