"""The steps done: what members, staff and the gateway do, each through the actions that the other faces call."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from paidthru import runs
from paidthru.actions.change_price import change_price
from paidthru.actions.post_batch import post_batch
from paidthru.actions.record_payment import record_payment
from paidthru.actions.review_run import review_run
from paidthru.actions.submit import Selection
from paidthru.actions.switch_worker import switch_worker
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.queries import run_named
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import active_method, attempts_of
from paidthru.runs.collection import awaiting_payer
from paidthru.runs.joining import take_up
from paidthru.timeline.operations import SCHEDULE, Actor
from paidthru.wiring import levers_of

from .billing_forms import (
    StaffGeneratesRenewals,
    StaffPostsBatch,
    StaffPreviewsRenewals,
    StaffRetrieves,
    StaffReviews,
    StaffSubmits,
)
from .change_steps import DOERS as CHANGE_DOERS
from .charge_steps import DOERS as CHARGE_DOERS
from .dunning_steps import DOERS as DUNNING_DOERS
from .ending_steps import DOERS as ENDING_DOERS
from .example_steps import DOERS as EXAMPLE_DOERS
from .forms import Step
from .gateway_forms import (
    GatewayAccepts,
    GatewayAnswers,
    GatewayAsks,
    GatewayDeclines,
    GatewayIsSilent,
    WorkerStarts,
    WorkerStops,
)
from .giving_steps import GIVING_DOERS
from .home_steps import HOME_DOERS
from .household_steps import DOERS as HOUSEHOLD_DOERS
from .invoice_steps import DOERS as INVOICE_DOERS
from .joining_steps import DOERS as JOINING_DOERS
from .money_steps import DOERS as MONEY_DOERS
from .pay_link_steps import DOERS as PAY_LINK_DOERS
from .pledge_steps import PLEDGE_DOERS
from .policy_steps import DOERS as POLICY_DOERS
from .refund_steps import DOERS as REFUND_DOERS
from .retry_steps import DOERS as RETRY_DOERS
from .return_steps import DOERS as RETURN_DOERS
from .step_forms import (
    MemberAddsBankAccount,
    MemberJoins,
    MemberPaysAmount,
    MemberPaysInvoice,
    MemberUpdatesCard,
    StaffChangesPrice,
)
from .telling import STAFF, Telling
from .ticket_steps import TICKET_DOERS
from .visit_steps import VISIT_DOERS

# ---------------------------------------------------------------- membership


def _joins(telling: Telling, step: MemberJoins) -> None:
    plan = telling.plan(step.plan)
    party = telling.newcomer(step.member)
    actor = Actor("member", step.member)
    online = step.method in ("card", "bank account")
    if online:
        telling.save_method(party.id, "bank" if step.method == "bank account" else "card", actor=actor)
    joined = take_up(
        telling.desk,
        party.id,
        plan.id,
        actor=actor,
        starting_on=step.starting,
        autopay=online and plan.kind == "subscription",
        current_cycle_paid=step.current_cycle_paid,
        prorated=step.prorated,
    )
    invoice = Invoice.objects.filter(id=joined.invoice_id).first() if joined.invoice_id else None
    if invoice is None or invoice.balance_minor == 0:
        return
    if online:
        runs.pay_online(telling.desk, invoice.id, actor=actor)
    elif step.method is not None:
        record_payment(
            telling.organization,
            party.id,
            amount_minor=invoice.balance_minor,
            currency=invoice.currency,
            means=step.method,
            invoice_ids=[invoice.id],
            actor=STAFF,
            now=telling.desk.clock.now(),
        )


def _changes_price(telling: Telling, step: StaffChangesPrice) -> None:
    plan = telling.plan(step.plan)
    amount_minor, currency = telling.money_in(step.amount, plan.currency)
    if currency != plan.currency:
        raise Refused(
            "currency_mismatch",
            f"{plan.name} is billed in {plan.currency}.",
            field="amount",
            value=currency,
            fix="A price has the currency of its plan.",
        )
    change_price(
        telling.organization,
        plan.id,
        amount_minor,
        from_on=step.starting,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


# ---------------------------------------------------------------- payment methods and payments


def _updates_card(telling: Telling, step: MemberUpdatesCard) -> None:
    telling.save_method(telling.party(step.member).id, "card", actor=Actor("member", step.member))


def _adds_bank_account(telling: Telling, step: MemberAddsBankAccount) -> None:
    telling.save_method(telling.party(step.member).id, "bank", actor=Actor("member", step.member))


def _confirms(telling: Telling, invoice_id: UUID) -> bool:
    """Whether a payment waited for the member's confirmation, and was ended by it: the same payment, no second one."""
    waiting = awaiting_payer(invoice_id)
    if waiting is None or runs.resume(telling.desk, waiting.id, return_url="/") is None:
        return waiting is not None
    if not levers_of(telling.organization).authenticate(waiting.intent.gateway_ref or ""):
        return False
    runs.look(telling.desk, waiting.id)
    return True


def _pays_invoice(telling: Telling, step: MemberPaysInvoice) -> None:
    invoice = telling.invoice(step.invoice)
    party, actor = telling.party(step.member), Actor("member", step.member)
    if invoice.party_id != party.id:
        raise Refused(
            "invoice_unknown",
            f"Invoice {step.invoice} isn't {step.member}'s.",
            field="invoice",
            value=step.invoice,
            fix="A member sees and pays invoices of their own.",
        )
    if step.method is None and _confirms(telling, invoice.id):
        return
    runs.refuse_while_collecting(invoice.id)
    method = active_method(party.id)
    wanted = {"card": "card", "bank account": "bank"}.get(step.method or "")
    if wanted is not None and (method is None or method.kind != wanted):
        telling.save_method(party.id, "bank" if wanted == "bank" else "card", actor=actor)
    runs.pay_online(telling.desk, invoice.id, actor=actor)


def _pays_amount(telling: Telling, step: MemberPaysAmount) -> None:
    """Money for an invoice of somebody else is a gift to them: the receipt is whose money it was (C-25)."""
    payer = telling.party(step.member)
    invoice = telling.invoice(step.invoice) if step.invoice is not None else None
    amount_minor, currency = telling.money(step.amount)
    given = invoice is not None and invoice.party_id != payer.id
    record_payment(
        telling.organization,
        invoice.party_id if invoice else payer.id,
        amount_minor=amount_minor,
        currency=currency,
        means=step.method,
        invoice_ids=[invoice.id] if invoice else None,
        payer_id=payer.id if given else None,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


# ---------------------------------------------------------------- billing


def _previews(telling: Telling, step: StaffPreviewsRenewals) -> None:
    runs.propose(
        telling.desk,
        name=step.run,
        effective_on=step.effective,
        bill_on=step.bill_date,
        autopay_only=step.autopay_only,
        billing_cycle=step.billing_cycle or "",
        actor=STAFF,
    )


def _generates(telling: Telling, step: StaffGeneratesRenewals) -> None:
    asked = runs.Asked(
        name=step.run,
        effective_on=step.effective,
        bill_on=step.bill_date,
        autopay_only=step.autopay_only,
        billing_cycle=step.billing_cycle or "",
    )
    try:
        run = runs.release(telling.desk, actor=STAFF, **asked)
    except Refused as refused:
        if refused.code == "run_bills_nobody":
            runs.propose(
                telling.desk, actor=STAFF, **asked
            )  # it left everybody out, and the story may ask why
        if refused.code != "run_bills_nobody" or step.refused is not None:
            raise
        return
    if not telling.organization.worker_stopped:  # else it waits in the queue, as it would in production
        runs.write_run(run.id, actor=STAFF, now=telling.desk.clock.now())


def _reviews(telling: Telling, step: StaffReviews) -> None:
    run = run_named(telling.organization.id, step.run)
    if run is None:
        raise Refused(
            "run_unknown",
            f"There is no run “{step.run}”.",
            field="run",
            value=step.run,
            fix="Generate it first.",
        )
    review_run(run.id, actor=STAFF, now=telling.desk.clock.now())


def _posts(telling: Telling, step: StaffPostsBatch) -> None:
    post_batch(telling.batch(step.batch).id, actor=STAFF, now=telling.desk.clock.now())


def _submits(telling: Telling, step: StaffSubmits) -> None:
    selection = Selection(step.due_by or telling.desk.today, step.name_contains or "")
    runs.submit(telling.desk, selection, actor=STAFF, acknowledged=True)
    if not telling.organization.worker_stopped:
        runs.collect_unsent(telling.desk)  # what is submitted is sent at once (I-23)


def _retrieves(telling: Telling, step: StaffRetrieves) -> None:
    runs.retrieve(telling.desk)


# ---------------------------------------------------------------- the gateway and the worker


def _behave(telling: Telling, member: str, behaviour: str, code: str | None = None) -> None:
    """So the gateway is from now on toward a member, by all the names that they have there."""
    party, levers = telling.newcomer(member), levers_of(telling.organization)
    kept = PaymentMethod.objects.filter(party=party, state="gift").values_list("customer_ref", flat=True)
    for customer in {str(party.id), *kept}:
        levers.set_script(customer, behaviour, code)


def _accepts(telling: Telling, step: GatewayAccepts) -> None:
    _behave(telling, step.member, "accept")


def _declines(telling: Telling, step: GatewayDeclines) -> None:
    _behave(telling, step.member, "decline", step.code)


def _asks(telling: Telling, step: GatewayAsks) -> None:
    _behave(telling, step.member, "authenticate")


def _is_silent(telling: Telling, step: GatewayIsSilent) -> None:
    _behave(telling, step.member, "silent_but_charges" if step.but_charges else "silent")


def _answers(telling: Telling, step: GatewayAnswers) -> None:
    """The answer, and the processor's word to us that there is one, upon which we look."""
    party = telling.party(step.member)
    levers, answered = levers_of(telling.organization), list[str]()
    for customer in _asked_of(party.id):
        answered += levers.answer(customer, step.outcome, step.code)
    if telling.organization.worker_stopped:
        return
    for attempt in attempts_of(party.id):
        if attempt.concluded_at is None and attempt.intent.gateway_ref in answered:
            runs.look(telling.desk, attempt.id)


def _asked_of(party_id: UUID) -> list[str]:
    """Whom the processor has open questions of: the member, unless only visitors who pay for them."""
    visitors = {
        one.intent.customer_ref
        for one in attempts_of(party_id)
        if one.initiator in ("visitor", "gift") and one.concluded_at is None
    }
    own = any(
        one.initiator not in ("visitor", "gift") and one.concluded_at is None for one in attempts_of(party_id)
    )
    return [*([str(party_id)] if own or not visitors else []), *sorted(visitors)]


def _stops(telling: Telling, step: WorkerStops) -> None:
    switch_worker(telling.organization, stopped=True, actor=SCHEDULE, now=telling.desk.clock.now())


def _starts(telling: Telling, step: WorkerStarts) -> None:
    switch_worker(telling.organization, stopped=False, actor=SCHEDULE, now=telling.desk.clock.now())


_DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberJoins: _joins,
    StaffChangesPrice: _changes_price,
    MemberUpdatesCard: _updates_card,
    MemberAddsBankAccount: _adds_bank_account,
    MemberPaysInvoice: _pays_invoice,
    MemberPaysAmount: _pays_amount,
    StaffPreviewsRenewals: _previews,
    StaffGeneratesRenewals: _generates,
    StaffReviews: _reviews,
    StaffPostsBatch: _posts,
    StaffSubmits: _submits,
    StaffRetrieves: _retrieves,
    GatewayAccepts: _accepts,
    GatewayDeclines: _declines,
    GatewayAsks: _asks,
    GatewayIsSilent: _is_silent,
    GatewayAnswers: _answers,
    WorkerStops: _stops,
    WorkerStarts: _starts,
    **REFUND_DOERS,
    **RETURN_DOERS,
    **RETRY_DOERS,
    **CHARGE_DOERS,
    **DUNNING_DOERS,
    **ENDING_DOERS,
    **CHANGE_DOERS,
    **JOINING_DOERS,
    **EXAMPLE_DOERS,
    **POLICY_DOERS,
    **PAY_LINK_DOERS,
    **HOUSEHOLD_DOERS,
    **INVOICE_DOERS,
    **MONEY_DOERS,
    **HOME_DOERS,
    **VISIT_DOERS,
    **PLEDGE_DOERS,
    **GIVING_DOERS,
    **TICKET_DOERS,
}


def do(telling: Telling, step: Step) -> None:
    """Does one step. Raises Refused."""
    _DOERS[type(step)](telling, step)
