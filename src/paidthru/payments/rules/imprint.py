"""What our objects carry at a gateway: by it they are told from others', and rebuilt when a restore has lost their rows
(field-notes C.3 step 3, C.10).

A processor's metadata hold 500 characters a field, so an intent over many invoices names the first ones only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from paidthru.payments.gateway import ATTEMPT

_MOST_INVOICES = 12  # ids of 36 characters, with commas between


@dataclass(frozen=True, slots=True)
class Imprint:
    """What an object says about where it comes from; None or empty for what it does not say, or not readably.

    `instance` is the installation's fingerprint; `invoices` and `numbers` are the invoices it collects, `firsts` the
    first documents of their obligations, where those are others.
    """

    organization: UUID
    instance: str
    intent: UUID | None
    party: UUID | None
    attempt: UUID | None
    invoices: tuple[UUID, ...]
    numbers: tuple[int, ...]
    firsts: tuple[UUID, ...] = ()


def imprint(
    organization: UUID,
    intent: UUID,
    *,
    party: UUID,
    instance: str,
    invoices: Sequence[tuple[UUID, int]],
    firsts: Sequence[UUID] = (),
) -> dict[str, str]:
    """The metadata of an intent: the same ones each time it is asked for, for a key comes with the same bytes.

    `invoices` are ids with numbers. Without an `instance` (it was never started as an installation) none is said.
    """
    named = sorted(invoices, key=lambda one: one[1])[:_MOST_INVOICES]
    said = {
        "organization": str(organization),
        "intent": str(intent),
        "instance": instance,
        "party": str(party),
        "invoices": ",".join(str(id_) for id_, _ in named),
        "numbers": ",".join(str(number) for _, number in named),
        "firsts": ",".join(str(id_) for id_ in sorted(firsts)[:_MOST_INVOICES]),
    }
    return {name: text for name, text in said.items() if text}


def read(metadata: Mapping[str, str]) -> Imprint | None:
    """What metadata say; None when they name no organization: then we did not make the object."""
    organization = _id(metadata.get("organization", ""))
    if organization is None:
        return None
    return Imprint(
        organization,
        metadata.get("instance", ""),
        _id(metadata.get("intent", "")),
        _id(metadata.get("party", "")),
        _id(metadata.get(ATTEMPT, "")),
        tuple(id_ for text in metadata.get("invoices", "").split(",") if (id_ := _id(text)) is not None),
        tuple(int(text) for text in metadata.get("numbers", "").split(",") if _is_number(text)),
        tuple(id_ for text in metadata.get("firsts", "").split(",") if (id_ := _id(text)) is not None),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
