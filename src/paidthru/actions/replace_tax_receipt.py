"""Replace a tax receipt by one with the name, the address and the letterhead of today (A-25)."""

from datetime import datetime
from uuid import UUID

from paidthru.giving.models import TaxReceipt
from paidthru.giving.operations import lock_receipts, told_of_receipt, write_receipts
from paidthru.giving.queries import receipts_like, unreceipted
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.notices.operations import tell_of_receipts
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, once, record


def replace_tax_receipt(
    organization: Organization,
    receipt_id: UUID,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> TaxReceipt:
    """Voids the newest receipt of what was given and issues another one over what stands as received, under the next
    number, which names the one that it replaces and is mailed. One that staff voided is issued anew in the same way.
    The same `key` gives the same receipt.

    Refused `receipt_unknown`, `reason_missing`, `receipt_replaced` (another one stands in its place) and
    `nothing_received` (all of the money went back).
    """
    if not reason.strip():
        raise Refused("reason_missing", "Say why it is replaced.", field="why", fix="Give a reason.")

    def act() -> dict[str, str]:
        lock_receipts(organization.id)
        one = TaxReceipt.objects.filter(id=receipt_id, organization=organization).first()
        if one is None:
            raise Refused("receipt_unknown", "There is no such tax receipt.", fix="Look it up again.")
        its = receipts_like(one)
        newest = its.latest("number")
        if newest != one:
            raise Refused(
                "receipt_replaced",
                f"Tax receipt {newest.number} stands in its place.",
                value=one.number,
                fix=f"Replace {newest.number}.",
            )
        found = unreceipted(organization.id, limit=1, replaced=one)
        if not found or found[0].received_minor <= 0:
            raise Refused(
                "nothing_received",
                "Nothing of what it was for stands as received.",
                value=one.number,
                fix="A receipt is issued by itself when money comes.",
            )
        told = [told_of_receipt("tax_receipt_voided", one, reason.strip())] if one.state == "issued" else []
        its.update(state="void", held_back=False)
        today = local_date(now, organization.zone)
        made = write_receipts(organization, found, {one.gift_year: one}, on=today, now=now)
        tell_of_receipts(made, now=now)
        told += [told_of_receipt("tax_receipt_issued", each, reason.strip()) for each in made]
        record(organization.id, actor, now, told)
        return {"receipt": str(made[0].id)}

    inputs = {"receipt": receipt_id, "reason": reason.strip()}
    outcome = once(organization.id, key, "replace_tax_receipt", inputs, now, act)
    return TaxReceipt.objects.select_related("party", "replaces").get(id=outcome["receipt"])
