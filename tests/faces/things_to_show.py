"""One of each thing that a page of the console is about, and the addresses at which it stands."""

import re
from datetime import date
from uuid import UUID, uuid4

from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.add_event import add_event
from paidthru.actions.add_tax import add_tax
from paidthru.actions.add_unit import add_unit
from paidthru.actions.add_visit_price import add_visit_price
from paidthru.actions.assess import assess
from paidthru.actions.close_period import close_period
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.give_discount import DiscountDraft, give_discount
from paidthru.actions.issue_tax_receipts import issue_tax_receipts
from paidthru.actions.levy import levy
from paidthru.actions.order_tickets import order_tickets
from paidthru.actions.pledge import Promise, pledge
from paidthru.actions.rehearse import Luck, rehearse
from paidthru.actions.take_in import take_in
from paidthru.actions.write_invoice import Payer, Recurrence, write_invoice
from paidthru.dunning.models import Case
from paidthru.giving.models import GiftAidClaim, GiftAidDeclaration, TaxReceipt
from paidthru.giving.operations import Giving
from paidthru.invoicing.models import RecurringInvoice
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.periods import Interval, Unit
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun
from paidthru.organizations.models import Course, Passkey, SignIn, User
from paidthru.organizations.operations import grant_role
from paidthru.runs.giving import give
from paidthru.runs.rehearsing import play_course
from paidthru.timeline.models import Message
from paidthru.wiring import desk_for, fork_for

#: Words that stand in addresses and are no ids.
WORDS = {"kind": "receipt", "verb": "pause", "number": "1", "year": "2026"}
#: Acts upon a draft, which no other invoice is.
OF_A_DRAFT = re.compile(r"invoices/<uuid:invoice_id>/(edit|issue|discard)/")


def a_shown_club() -> tuple[Collection, dict[str, object]]:
    """A club with one of each thing, and their ids by the names that addresses have for them."""
    found = billed("Ann", "Bob", preset="ams_nonprofit")
    found.behave("Bob", "decline", "insufficient_funds")
    found.advance(days=1)
    return found, {
        "party_id": found.party("Bob"),
        "invoice_id": found.invoice("Bob").id,
        "attempt_id": found.attempt("Bob").id,
        "payment_id": found.payments("Ann")[0].id,
        "case_id": Case.objects.get(organization=found.world.organization).id,
        "plan_id": found.plan.id,
        "run_id": BillingRun.objects.filter(organization=found.world.organization).earliest("id").id,
        "batch_id": Batch.objects.filter(organization=found.world.organization).earliest("id").id,
        "rehearsal_id": _rehearsed(found),
        "user_id": (somebody := _somebody(found)),
        "sign_in_id": SignIn.objects.get(user_id=somebody).id,
        "passkey_id": Passkey.objects.get(user_id=somebody).id,
        **things_to_show(found),
    }


def _rehearsed(found: Collection) -> UUID:
    """A rehearsal of a month by the present policies and by others, played."""
    made = rehearse(
        found.world.organization, name="A month", months=1, changes={"collect.max_attempts": 1}, luck=Luck(),
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    for course in Course.objects.filter(rehearsal=made).select_related("rehearsal", "organization"):
        play_course(course, fork=fork_for, desk_for=desk_for)
    return made.id


def _somebody(found: Collection) -> UUID:
    user = User.objects.create(email=f"kim@{found.world.organization.slug}.example", name="Kim Viewer")
    grant_role(found.world.organization, user, "viewer")
    now = found.desk.clock.now()
    SignIn.objects.create(
        user=user, session_key="a browser of Kim", browser="Firefox on Linux", how="password", started_at=now,
        seen_at=now,
    )  # fmt: skip
    Passkey.objects.create(user=user, name="Phone", handle=b"1", public_key=b"2", made_at=now)
    return user.id


def things_to_show(found: Collection) -> dict[str, object]:
    """Taxes, discounts, written and recurring invoices, a draft, a credit note, a household, a closed month, and homes;
    their ids by the names that addresses have for them."""
    world, now, today = found.world, found.desk.clock.now(), found.desk.today
    organization = world.organization
    tax = add_tax(organization, "VAT", rate_ppm=200_000, inclusive=False, actor=STAFF, now=now)
    draft = DiscountDraft("amount", plan_id=found.plan.id, amount_minor=500, code="FIVE")
    discount = give_discount(organization, draft, actor=STAFF, now=now)
    family = world.party("The Fays", kind="household")
    stay = take_in(organization, world.party("Fay"), family, from_on=today, actor=STAFF, now=now)
    lines, guest = [WrittenLine("Hall", 2, 5_000, "VAT")], Payer(None, "Guest", "guest@example.org")
    monthly = Recurrence(Interval(1, Unit.MONTH))
    taxed = write_invoice(organization, guest, lines, recurrence=monthly, actor=STAFF, now=now)
    note = credit_invoice(organization, taxed.id, amount_minor=100, actor=STAFF, now=now)
    period = close_period(organization, date(2025, 12, 31), actor=STAFF, now=now)
    unit = add_unit(organization, "1A", share=1, owner_id=found.party("Ann"), actor=STAFF, now=now)
    roof = levy(
        organization, name="Roof", amount_minor=999, method="share", due_on=today, actor=STAFF, now=now
    )
    every = Interval(1, Unit.YEAR)
    fee = assess(
        organization, unit.id, amount_minor=10_000, every=every, starts_on=today, actor=STAFF, now=now
    )
    return {
        **_given_and_sold(found),
        "tax_id": tax.id,
        "discount_id": discount.id,
        "belonging_id": stay.id,
        "draft_id": write_invoice(organization, guest, lines, as_draft=True, actor=STAFF, now=now).id,
        "recurring_id": RecurringInvoice.objects.get(organization=organization).id,
        "note_id": note.id,
        "period_id": period.id,
        "unit_id": unit.id,
        "levy_id": roof.id,
        "assessment_id": fee.id,
        "message_id": Message.objects.filter(organization=organization).earliest("id").id,
    }


def _given_and_sold(found: Collection) -> dict[str, object]:
    """A campaign with a gift that comes again and its tax receipt, a pledge, a visit price, and an event with a
    ticket; their ids by the names that addresses have for them."""
    organization, now, ann = found.world.organization, found.desk.clock.now(), found.party("Ann")
    roof = add_campaign(organization, "Roof", goal_minor=10_000, actor=STAFF, now=now)
    monthly = Giving(ann, 500, organization.currency, roof, "portal", "on_file")
    donated = give(found.desk, monthly, every=Interval(1, Unit.MONTH), actor=STAFF)
    issue_tax_receipts(organization, now=found.desk.clock.now())
    promise = Promise(900, organization.currency, 3, Interval(1, Unit.MONTH), found.desk.today)
    price = add_visit_price(
        organization, "Pool", non_member_minor=500, overage_minor=100, actor=STAFF, now=now
    )
    dinner = add_event(organization, "Dinner", price_minor=0, capacity=2, actor=STAFF, now=now)
    order = order_tickets(organization, dinner.id, ann, 1, channel="staff", actor=STAFF, now=now)
    declared = GiftAidDeclaration.objects.create(
        organization=organization, party_id=ann, donor="Ann", address="1 High Street", postcode="AB1 2CD",
        from_on=found.desk.today, statement="Words", channel="staff", made_at=now,
    )  # fmt: skip
    claim = GiftAidClaim.objects.create(
        organization=organization, number=1, made_on=found.desk.today, made_by="Pat", tax_minor=0, made_at=now
    )
    return {
        "declaration_id": declared.id,
        "claim_id": claim.id,
        "campaign_id": roof.id,
        "gift_id": donated.gift_id,
        "receipt_id": TaxReceipt.objects.get(organization=organization).id,
        "pledge_id": pledge(organization, ann, promise, actor=STAFF, now=now).id,
        "price_id": price.id,
        "event_id": dinner.id,
        "ticket_id": order.tickets.get().id,
    }


#: What the pages of acts for many rows are asked for.
FOR_MANY = {
    "members/bulk/": "?act=cancel&all=yes",
    "invoices/bulk/": "?act=void&all=yes",
    "failures/bulk/": "?act=pause&all=yes",
}


def addressed(route: str, ids: dict[str, object]) -> str:
    """A route with the ids of what there is in it; of what there isn't, made up ones."""
    if OF_A_DRAFT.fullmatch(route) and "draft_id" in ids:
        ids = ids | {"invoice_id": ids["draft_id"]}
    path = re.sub(r"<\w+:(\w+)>", lambda it: str(ids.get(it[1]) or WORDS.get(it[1]) or uuid4()), route)
    return path + FOR_MANY.get(route, "")
