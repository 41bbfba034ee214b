"""What the sandbox takes over of an organization that was copied for a rehearsal: ways to pay, and how they fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from paidthru.adapters.sandbox import books
from paidthru.adapters.sandbox.models import SandboxFortune, SandboxMethod


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a way to pay that lies with another processor."""

    customer_ref: str
    kind: str
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    fingerprint: str


def take_over(account: UUID, methods: Iterable[Shown], *, now: datetime) -> list[str]:
    """Saves test methods in their place, which pay unless misfortune has it otherwise; their tokens, in order."""
    saved = [
        SandboxMethod(
            token=books.new_ref("pm"),
            organization_id=account,
            customer_ref=one.customer_ref,
            kind=one.kind,
            brand=one.brand,
            last4=one.last4,
            exp_month=one.exp_month,
            exp_year=one.exp_year,
            fingerprint=one.fingerprint,
            test_code="ok",
            created_at=now,
        )
        for one in methods
    ]
    SandboxMethod.objects.bulk_create(saved, batch_size=1000)
    return [one.token for one in saved]


def let_fail(account: UUID, *, mask: int, declined: int, lost: int, since: date) -> None:
    """From now on payments fail there as `SandboxFortune` says."""
    SandboxFortune.objects.create(
        organization_id=account, mask=mask, declined=declined, lost=lost, since=since
    )
