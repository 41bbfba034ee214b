"""Write steps of notices, inside somebody's transaction: a mail is written with the event that it tells of."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from paidthru.notices.rules.catalogue import TEMPLATES
from paidthru.payments.rules.decline_codes import words
from paidthru.timeline.operations import Happening, write_message

#: The kind of mail that each event of a member's money brings.
KIND_OF = {
    "payment_received": "receipt",
    "payment_recorded": "receipt",
    "payment_declined": "payment_failed",
    "payment_returned": "payment_failed",
    "payment_requires_action": "action_required",
    "refund_sent": "refund",
    "refund_recorded": "refund",
}


_silent: ContextVar[bool] = ContextVar("unannounced", default=False)


@contextmanager
def unannounced() -> Iterator[None]:
    """Within, `announce` writes no mail, in this thread: what is written anew was told when it happened (C.10)."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def announce(organization_id: UUID, happenings: Iterable[Happening], *, now: datetime) -> None:
    """Writes the mails that events bring (see KIND_OF), in their transaction: one for each subject and kind."""
    if _silent.get():
        return
    for one in happenings:
        kind = KIND_OF.get(one.verb)
        if kind is not None and one.party_id is not None and isinstance(one.facts, Mapping):
            tell(
                organization_id, one.party_id, kind, f"{kind} {one.subject_id}", _filling(one, kind), now=now
            )


def _filling(one: Happening, kind: str) -> dict[str, str]:
    """The facts of a mail out of an event's."""
    facts = dict(one.facts) if isinstance(one.facts, Mapping) else {}
    invoices = [str(number) for number in facts.get("invoices") or () if number is not None]
    filling = {name: str(value) for name, value in facts.items() if isinstance(value, str | int)}
    filling["invoices"] = ", ".join(invoices)
    filling["attempt"] = str(one.subject_id) if one.subject_kind == "attempt" else ""
    if kind == "payment_failed":
        code = str(facts.get("code") or "")
        filling["reason"] = words(code) if code else one.why
    return filling


def tell(
    organization_id: UUID, party_id: UUID, kind: str, key: str, facts: Mapping[str, str], *, now: datetime
) -> None:
    """Writes a mail to a party, one for each `key` however often it is told. Raises KeyError for facts that its
    template needs and that are missing."""
    missing = TEMPLATES[kind].tokens - facts.keys()
    if missing:
        raise KeyError(", ".join(sorted(missing)))
    write_message(organization_id, party_id, kind, key, facts, now=now)
