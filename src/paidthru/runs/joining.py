"""Joining by link: whoever followed the way that was mailed to them saves a way to pay, joins, and is charged once."""

from datetime import date
from uuid import UUID

from django.db import transaction

from paidthru.actions.give_discount import redeem_code
from paidthru.actions.join import Joined, admit, join
from paidthru.actions.name_newcomer import name_newcomer
from paidthru.actions.note_joined import note_joined
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.actions.switch_plan import Switched, switch_plan
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import owed_on
from paidthru.kernel.errors import Refused
from paidthru.membership.models import SignUp
from paidthru.membership.operations.returning import would_stay
from paidthru.membership.queries import membership_of, plan_for
from paidthru.membership.queries.join_links import refuse_unusable
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import GatewaySetup
from paidthru.payments.queries import active_method
from paidthru.runs.collection import pay_online
from paidthru.runs.desk import Desk
from paidthru.runs.methods import begin_saving
from paidthru.timeline.operations import Actor
from paidthru.timeline.queries import events_of


def begin_paying(desk: Desk, sign_up: SignUp, *, return_url: str) -> GatewaySetup:
    """Opens the processor's page on which a newcomer saves a way to pay. Refused as `refuse_unusable` and
    `start_setup`."""
    refuse_unusable(sign_up.link, on=desk.today)
    party_id = name_newcomer(
        desk.organization, sign_up.id, actor=Actor("member", sign_up.name), now=desk.clock.now()
    )
    return begin_saving(desk, party_id, return_url=return_url)


def code_of(sign_up: SignUp) -> str:
    """The discount's code that was given when asking to join, "" for none."""
    asked = (one for one in events_of(sign_up.organization_id, sign_up.id) if one.verb == "asked_to_join")
    return next((str(one.facts.get("code", "")) for one in asked), "")


def join_through(desk: Desk, sign_up: SignUp, *, code: str = "") -> UUID:
    """Lets a newcomer join the link's plan and charges the first term to what they saved; returns the membership.
    Asked for again, it is the same membership and the same charge (P-22).

    A first payment that does not succeed leaves the membership pending and its invoice open. `code` is that of the
    discount that the price was read with. Refused as `refuse_unusable`, `redeem_code`, `join` and `pay_online`.
    """
    actor, now = Actor("member", sign_up.name), desk.clock.now()
    if sign_up.membership_id is None:
        refuse_unusable(sign_up.link, on=desk.today)
        party_id = name_newcomer(desk.organization, sign_up.id, actor=actor, now=now)
        if code:
            redeem_code(desk.organization, party_id, code, actor=actor, now=now)
        admit(
            desk.organization,
            party_id,
            sign_up.link.plan_id,
            actor=actor,
            now=now,
            key=f"sign-up {sign_up.id}",
            autopay=sign_up.link.plan.kind == "subscription" and active_method(party_id) is not None,
        )
        membership = membership_of(party_id)
        assert membership is not None  # it was just made
        note_joined(sign_up.id, membership.id)
        sign_up.party_id, sign_up.membership_id = party_id, membership.id
    pay_first_term(desk, sign_up)
    assert sign_up.membership_id is not None
    return sign_up.membership_id


def pay_first_term(desk: Desk, sign_up: SignUp) -> None:
    """Charges what is open of the first term to the way to pay on file; nothing where nothing is open, or nothing is
    on file. A double click meets the same attempt."""
    invoice = first_invoice(sign_up)
    if invoice is None or not owed_for(invoice) or active_method(invoice.party_id) is None:
        return
    try:
        pay_online(desk, invoice.id, actor=Actor("member", sign_up.name))
    except Refused as refused:
        if refused.code not in ("payment_in_progress", "invoice_paid"):
            raise


def take_up(
    desk: Desk,
    party_id: UUID,
    plan_id: UUID,
    *,
    actor: Actor,
    starting_on: date | None = None,
    autopay: bool = False,
    current_cycle_paid: bool = False,
    prorated: bool = False,
) -> Joined:
    """A member takes up a plan by themselves: whoever has a membership on another plan that goes on is switched, as the
    policy for members says (P-28), and a cancellation that was pending is undone; everybody else joins. The invoice is
    left to be paid. A date to start on, a cycle that counts as paid and proration are for joining only. Refused as
    `join` and `switch_plan`."""
    organization, now = desk.organization, desk.clock.now()
    plan = plan_for(organization.id, plan_id, party_id)
    policies = policies_of(organization).within(plan=plan_id, customer=party_id)
    standing = would_stay(party_id, plan, policies, today=desk.today)
    asks_more = starting_on is not None or current_cycle_paid or prorated
    if standing is None or standing.plan_id == plan_id or asks_more:
        return join(
            organization,
            party_id,
            plan_id,
            actor=actor,
            now=now,
            starting_on=starting_on,
            autopay=autopay,
            current_cycle_paid=current_cycle_paid,
            prorated=prorated,
        )
    with transaction.atomic():
        if standing.state == "ending":
            undo_cancellation(organization, standing.id, actor=actor, now=now, why=f"Joined {plan.name}.")
        switched = switch_plan(organization, party_id, plan_id, actor=actor, now=now)
        if autopay:
            switch_autopay(organization, switched.membership_id, on=True, actor=actor, now=now)
    return Joined(switched.membership_id, switched.invoice_id)


def switch_and_pay(
    desk: Desk, party_id: UUID, plan_id: UUID, *, actor: Actor, key: str | None = None
) -> Switched:
    """A member switches to another plan, and what is billed at once is charged at once to the way to pay on file
    (P-28). A payment that does not succeed leaves the invoice open. With the same `key` all of it is done once.
    Refused as `switch_plan` and `pay_online`."""
    switched = switch_plan(desk.organization, party_id, plan_id, actor=actor, now=desk.clock.now(), key=key)
    invoice = Invoice.objects.filter(id=switched.invoice_id).first() if switched.invoice_id else None
    if invoice is not None and owed_for(invoice) and active_method(invoice.party_id) is not None:
        pay_online(desk, invoice.id, actor=actor)
    return switched


def first_invoice(sign_up: SignUp) -> Invoice | None:
    """The latest invoice of the membership that the sign-up became."""
    if sign_up.membership_id is None:
        return None
    found = Invoice.objects.filter(lines__receivable__source_id=sign_up.membership_id, kind="membership")
    return found.exclude(state="draft").order_by("-number").first()


def owed_for(invoice: Invoice) -> int:
    """What is still owed of what an invoice asks for, in minor units, also where it was closed and has no successor
    yet."""
    return owed_on([invoice.id]).get(invoice.id, 0)
