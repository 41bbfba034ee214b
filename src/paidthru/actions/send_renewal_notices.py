"""Send renewal notices: everybody whom a run billed is told what is due, with what was left unpaid before (G-45)."""

from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.membership.queries.renewal_notices import renewal_notices
from paidthru.membership.rules.renewal_notice import said
from paidthru.notices.operations import tell
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, once, record

PAGE = 500


def send_renewal_notices(organization: Organization, run_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Puts a notice into the outbox for each invoice of the run that is open; returns how many those are. Sent again,
    nobody gets a second one. Refused `run_unknown`, `run_not_done`."""
    run = BillingRun.objects.filter(id=run_id, organization=organization).first()
    if run is None:
        raise Refused("run_unknown", "There is no such run.", field="run", fix="Look it up again.")
    if run.state != "done":
        raise Refused(
            "run_not_done",
            f"The run “{run.name}” is not done.",
            field="run",
            value=run.name,
            fix="Wait until everybody is billed, then send the notices.",
        )
    policies, told, after = policies_of(organization), 0, -1
    found = Invoice.objects.filter(
        organization=organization, run_id=run.id, state="sent", balance_minor__gt=0
    )
    while page := list(found.filter(number__gt=after).order_by("number")[:PAGE]):

        def act(page: list[Invoice] = page) -> dict[str, int]:
            for invoice, notice in zip(page, renewal_notices(page, policies), strict=True):
                facts = {"run": run.name, "notice": said(notice), "invoice": str(notice.invoice)}
                facts["pays"] = str(invoice.id)
                key = f"renewal_notice {invoice.id}"
                tell(organization.id, invoice.party_id, "renewal_notice", key, facts, now=now)
            return {"sent": len(page)}

        once(organization.id, None, "send_renewal_notices", {}, now, act)
        told, after = told + len(page), page[-1].number or after
    facts = {"name": run.name, "notices": told}
    happening = Happening("renewal_notices_sent", "run", run.id, facts=facts)
    record(organization.id, actor, now, [happening])
    return told
