"""What can't be written, applied or levied is refused with its field, and what can't be made holds up no other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from tests.together import crossed
from tests.world import STAFF, a_world

from paidthru import invariants
from paidthru.actions.add_tax import add_tax
from paidthru.actions.add_unit import add_unit
from paidthru.actions.add_visit_price import add_visit_price
from paidthru.actions.apply_credit import apply_credit
from paidthru.actions.assess import assess
from paidthru.actions.change_draft import change_draft
from paidthru.actions.issue_draft import issue_draft
from paidthru.actions.levy import levy
from paidthru.actions.record_payment import record_payment
from paidthru.actions.write_invoice import Payer, Recurrence, write_invoice
from paidthru.invoicing.models import Invoice, Tax
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import MOST_ENTERED_MINOR
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import move_clock
from paidthru.runs import invoices
from paidthru.runs.invoices import make_due
from paidthru.timeline.models import Event, Message
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)
MONTHLY = Recurrence(Interval(1, Unit.MONTH))
TOO_MUCH, FAR = MOST_ENTERED_MINOR + 1, date(9999, 12, 31)


def test_what_can_t_be_kept_is_refused_with_its_field() -> None:
    world = a_world()
    organization, now, today = world.organization, world.desk.clock.now(), world.desk.today
    ann, line = world.party("Ann"), WrittenLine("Hall", 1, 5_000)
    write = partial(write_invoice, organization, Payer(ann), actor=STAFF, now=now)
    sent, draft = write([line]), write([line], as_draft=True)
    pay = partial(record_payment, organization, ann, currency="USD", means="check", actor=STAFF, now=now)
    pay(amount_minor=100, parts={})
    apply = partial(apply_credit, organization, ann, actor=STAFF, now=now)
    change = partial(change_draft, organization, draft.id, [line], actor=STAFF, now=now)
    home = add_unit(organization, "1A", share=1, owner_id=ann, actor=STAFF, now=now).id
    raise_ = partial(levy, organization, name="Roof", method="share", actor=STAFF, now=now)
    yearly = partial(assess, organization, home, every=Interval(1, Unit.YEAR), actor=STAFF, now=now)
    swim = partial(add_visit_price, organization, "Pool", overage_minor=0, actor=STAFF, now=now)
    before = Event.objects.count()
    asked: list[tuple[Callable[[], object], str, str]] = [
        (lambda: write([replace(line, quantity=10**30)]), "quantity_invalid", "quantity"),
        (lambda: write([replace(line, unit_amount_minor=TOO_MUCH)]), "amount_invalid", "amount"),
        (lambda: write([replace(line, unit_amount_minor=TOO_MUCH - 1)] * 2), "amount_invalid", "amount"),
        (lambda: write([line], due_on=FAR), "due_too_late", "due"),
        (lambda: write([line], due_on=FAR, recurrence=MONTHLY), "due_too_late", "due"),
        (lambda: change(due_on=FAR), "due_too_late", "due"),
        (lambda: change(due_on=today - timedelta(days=1)), "due_before_bill", "due"),
        (
            lambda: write([line], recurrence=Recurrence(Interval(40_000, Unit.DAY))),
            "interval_invalid",
            "every",
        ),
        (lambda: pay(amount_minor=TOO_MUCH), "amount_invalid", "amount"),
        (lambda: apply({sent.id: -1}), "amount_invalid", "parts"),
        (lambda: apply({sent.id: 0}), "amount_invalid", "parts"),
        (lambda: raise_(amount_minor=TOO_MUCH, due_on=today), "amount_invalid", "amount"),
        (lambda: raise_(amount_minor=100, due_on=today, fund="x" * 61), "text_too_long", "fund"),
        (lambda: yearly(amount_minor=TOO_MUCH, starts_on=today), "amount_invalid", "amount"),
        (lambda: yearly(amount_minor=100, starts_on=today, fund="x" * 61), "text_too_long", "fund"),
        (lambda: yearly(amount_minor=100, starts_on=date(1, 1, 1)), "date_invalid", "starts_on"),
        (lambda: swim(non_member_minor=TOO_MUCH), "amount_invalid", "amount"),
    ]
    for n, (act, code, field) in enumerate(asked):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.code, refused.value.field) == (code, field), n
    assert Event.objects.count() == before
    assert invariants.check(organization.id) == []


def test_what_can_t_be_made_stays_due_and_holds_up_no_other() -> None:
    world = a_world("coworking", invoice__review="draft_days(1)")
    organization, now = world.organization, world.desk.clock.now()
    add_tax(organization, "VAT", rate_ppm=0, inclusive=False, actor=STAFF, now=now)
    for text, tax in (("Hall", "VAT"), ("Locker", "")):
        payer, lines = Payer(None, text, f"{text}@example.org"), [WrittenLine(text, 1, 5_000, tax)]
        write_invoice(organization, payer, lines, recurrence=MONTHLY, actor=STAFF, now=now)

    def made(day: int, tax: str) -> dict[str, str]:
        Tax.objects.filter(organization=organization).update(name=tax)
        move_clock(organization, now.replace(month=2, day=day))
        make_due(desk_for(Organization.objects.get(id=organization.id)))
        found = Invoice.objects.filter(organization=organization, recurrence=1).select_related("party")
        return {one.party.name: one.state for one in found}

    assert made(1, "Gone") == {"Locker": "draft"}
    assert made(2, "Gone") == {"Locker": "sent"}
    assert made(2, "VAT") == {"Locker": "sent", "Hall": "draft"}
    assert made(3, "Gone") == {"Locker": "sent", "Hall": "draft"}
    assert made(3, "VAT") == {"Locker": "sent", "Hall": "sent"}


def test_who_comes_second_to_a_draft_is_told_that_it_is_issued() -> None:
    world = a_world()
    organization, now = world.organization, world.desk.clock.now()
    payer, lines = Payer(world.party("Ann")), [WrittenLine("Hall", 1, 5_000)]
    draft = write_invoice(organization, payer, lines, as_draft=True, actor=STAFF, now=now)
    issue = partial(issue_draft, organization, draft.id, actor=STAFF, now=now)
    assert crossed(issue, [issue])[1] == "invoice_not_draft"


def test_an_invoice_that_comes_by_itself_is_there_with_its_mail_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = a_world("coworking")
    organization, now = world.organization, world.desk.clock.now()
    payer, lines = Payer(None, "Guest", "guest@example.org"), [WrittenLine("Hall", 1, 5_000)]
    write_invoice(organization, payer, lines, recurrence=MONTHLY, actor=STAFF, now=now)
    draft = write_invoice(organization, payer, lines, as_draft=True, actor=STAFF, now=now)
    Invoice.objects.filter(id=draft.id).update(send_on=date(2026, 2, 1))
    move_clock(organization, now.replace(month=2))
    desk = desk_for(Organization.objects.get(id=organization.id))

    def states() -> list[str]:
        return sorted(Invoice.objects.filter(organization=organization).values_list("state", flat=True))

    with monkeypatch.context() as killed:
        killed.setattr(invoices, "send_invoice", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make_due(desk)
    assert states() == ["draft", "sent"]
    make_due(desk)
    assert states() == ["sent", "sent", "sent"]
    assert Message.objects.filter(organization=organization, kind="invoice").count() == 2
