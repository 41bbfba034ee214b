"""Questions about what a gateway speaks of: which of our attempts is meant, and whether it is ours at all."""

from collections.abc import Mapping
from uuid import UUID

from paidthru.organizations.queries import fingerprints
from paidthru.payments.gateway import ATTEMPT, GatewayIntent
from paidthru.payments.models import Attempt, PaymentIntent


def bears_our_mark(metadata: Mapping[str, str]) -> bool:
    """Whether an object at a gateway was made by this installation, now or before it was restored or moved."""
    return metadata.get("instance", "") in fingerprints()


def attempt_meant(organization_id: UUID, gateway: str, answer: GatewayIntent) -> UUID | None:
    """The attempt that a gateway's intent answers: the one that its confirmation named, else the last one made on it.

    The intent is found by its reference; by our id on it only where the reference isn't written down yet, which is so
    when word comes before our own commit (B-53), or after a restore.
    """
    ours = PaymentIntent.objects.filter(organization_id=organization_id, gateway=gateway)
    found = ours.filter(gateway_ref=answer.ref).values_list("id", flat=True).first()
    if found is None and bears_our_mark(answer.metadata):
        named = as_id(answer.metadata.get("intent", ""))
        unbound = ours.filter(gateway_ref=None).values_list("id", flat=True)
        found = unbound.filter(id=named).first() if named else None
    if found is None:
        return None
    attempts = Attempt.objects.filter(intent_id=found).order_by("-n").values_list("id", flat=True)
    by_name = as_id(answer.metadata.get(ATTEMPT, ""))
    return (attempts.filter(id=by_name).first() if by_name else None) or attempts.first()


def as_id(text: str) -> UUID | None:
    """An id of ours as it stands in metadata; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
