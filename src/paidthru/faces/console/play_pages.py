"""Where a sandbox's staff play the bank: buttons on a payment's and on an attempt's record; never with real money."""

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import attempt_url, payment_url
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Action
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Dispute, Payment

_WHAT = "This is a sandbox: its processor does what you tell it here. No real money moves."


def may_play(visit: Visit) -> bool:
    """Whether this person may say what the sandbox's bank does."""
    return visit.organization.is_sandbox and visit.may("charge")


def has_answer_to_give(attempt: Attempt) -> bool:
    """Whether the sandbox's bank still owes an answer to an attempt."""
    return attempt.state in OPEN_ATTEMPT and attempt.state not in ("created", "needs_review")


def payment_play(visit: Visit, found: Payment) -> tuple[Section, ...]:
    """What the bank can do about a payment that came through the sandbox's processor."""
    if not may_play(visit) or found.attempt_id is None or not found.gateway_ref:
        return ()
    href = f"{payment_url(visit, found.id)}play/"
    disputes = list(Dispute.objects.filter(payment=found, kind="dispute").values_list("state", flat=True))
    left = found.amount_minor - found.refunded_minor - found.disputed_minor - found.reversed_minor
    offered = []
    if left > 0 and found.means == "bank":
        offered += [
            ("return R01", "Let the bank return it: R01, not enough money"),
            ("return R10", "Let the bank return it: R10, not authorized"),
        ]
    if found.means == "card" and found.disputed_minor + found.reversed_minor < found.amount_minor:
        offered.append(("dispute", "Dispute it"))
    if "open" in disputes:
        offered.append(("won", "Decide the dispute: won"))
    if "open" in disputes:
        offered.append(("lost", "Decide the dispute: lost"))
    if left > 0 and not found.disputed_minor:
        offered.append(("refund", "Refund it at the processor"))
    return _section(href, offered)


def attempt_play(visit: Visit, attempt: Attempt) -> tuple[Section, ...]:
    """What the bank can answer to an attempt that waits for it."""
    if not may_play(visit) or not has_answer_to_give(attempt):
        return ()
    href = f"{attempt_url(visit, attempt.id)}play/"
    return _section(href, [("succeeded", "Answer: succeeded"), ("failed", "Answer: failed")])


def _section(href: str, offered: list[tuple[str, str]]) -> tuple[Section, ...]:
    if not offered:
        return ()
    actions = tuple(Action(label, href, method="post", fields=(("act", act),)) for act, label in offered)
    return (Section("play", "Play the bank", text=_WHAT, actions=actions),)
