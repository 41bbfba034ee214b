"""The steps around joining by link, and the billing contact."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.ask_to_join import ask_to_join
from paidthru.actions.change_join_link import change_join_link
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.name_newcomer import name_newcomer
from paidthru.actions.record_payment import record_payment
from paidthru.actions.send_renewal_notices import send_renewal_notices
from paidthru.actions.set_billing_contact import set_billing_contact
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.membership.models import JoinLink, SignUp
from paidthru.membership.queries import run_named
from paidthru.membership.queries.join_links import join_links_of, members_at
from paidthru.runs.correcting import correct_payment
from paidthru.runs.joining import join_through, switch_and_pay
from paidthru.timeline.operations import Actor
from paidthru.timeline.queries import messages_to

from .forms import SetupLine, Step
from .joining_forms import (
    BillingContactSetup,
    MemberJoinsThroughLink,
    NoticeSays,
    NoticeSaysNot,
    PayerPays,
    StaffClosesLink,
    StaffCorrectsPayment,
    StaffSendsNotices,
)
from .telling import STAFF, Telling


def _link(telling: Telling, plan: str) -> JoinLink:
    """The plan's link; staff make one when it is first needed."""
    found, now = telling.plan(plan), telling.desk.clock.now()
    known = join_links_of(found.id)
    return known[0] if known else make_join_link(telling.organization, found.id, actor=STAFF, now=now)


def _joins(telling: Telling, step: MemberJoinsThroughLink) -> None:
    link, now = _link(telling, step.plan), telling.desk.clock.now()
    party, actor = telling.newcomer(step.member), Actor("member", step.member)
    asked = ask_to_join(
        telling.organization,
        link.id,
        name=step.member,
        email=party.email,
        place=step.member,
        key=str(new_id()),
        consent="",
        now=now,
    )
    if step.method is not None:
        telling.save_method(party.id, "bank" if step.method == "bank account" else "card", actor=actor)
    if any(one.party_id == party.id for one in members_at(telling.organization.id, party.email)):
        switch_and_pay(telling.desk, party.id, link.plan_id, actor=actor)
        return
    name_newcomer(telling.organization, asked, actor=actor, now=now)
    sign_up = SignUp.objects.select_related("link__plan", "organization").get(id=asked)
    join_through(telling.desk, sign_up)


def _closes(telling: Telling, step: StaffClosesLink) -> None:
    link = _link(telling, step.plan)
    now = telling.desk.clock.now()
    change_join_link(telling.organization, link.id, enabled=False, expires_on=None, actor=STAFF, now=now)


def set_contact(telling: Telling, line: BillingContactSetup) -> None:
    """Makes somebody of the roster the billing contact."""
    set_billing_contact(
        telling.organization, telling.party(line.member).id, actor=STAFF, now=telling.desk.clock.now()
    )


def _sends(telling: Telling, step: StaffSendsNotices) -> None:
    run = run_named(telling.organization.id, step.run)
    if run is None:
        raise Refused("run_unknown", f"There is no run “{step.run}”.", field="run", value=step.run)
    send_renewal_notices(telling.organization, run.id, actor=STAFF, now=telling.desk.clock.now())


def _corrects(telling: Telling, step: StaffCorrectsPayment) -> None:
    payment = telling.payment(step.payment)
    correct_payment(
        telling.desk,
        payment.id,
        amount_minor=telling.money(step.amount)[0],
        means=step.method or payment.means,
        received_on=payment.received_on,
        actor=STAFF,
    )


def _pays_for(telling: Telling, step: PayerPays) -> None:
    amount_minor, currency = telling.money(step.amount)
    record_payment(
        telling.organization,
        telling.party(step.member).id,
        amount_minor=amount_minor,
        currency=currency,
        means=step.method,
        payer_id=telling.party(step.payer).id,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def notice_says(telling: Telling, line: NoticeSays | NoticeSaysNot) -> tuple[str, str]:
    """Whether the member's latest renewal notice has a text."""
    mails = [one for one in messages_to(telling.party(line.member).id) if one.kind == "renewal_notice"]
    notice = mails[-1].facts["notice"] if mails else "no notice"
    has = line.said in notice
    if isinstance(line, NoticeSays):
        return line.said, line.said if has else notice.replace("\n", "; ")
    return "nothing of it", line.said if has else "nothing of it"


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberJoinsThroughLink: _joins,
    PayerPays: _pays_for,
    StaffClosesLink: _closes,
    StaffCorrectsPayment: _corrects,
    StaffSendsNotices: _sends,
}
SETTERS: dict[type[SetupLine], Callable[[Telling, Any], None]] = {BillingContactSetup: set_contact}
