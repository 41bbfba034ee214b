"""A club with a bit of everything that the calendar does, its worker away until all of it is due at once; and what
became of it, to be compared with a twin's."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from tests.world import STAFF, World, a_world

from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.change_price import change_price
from paidthru.actions.set_policy import set_policy
from paidthru.actions.switch_plan import switch_plan
from paidthru.actions.write_invoice import Payer, Recurrence, write_invoice
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.periods import Interval, Unit
from paidthru.ledger.models import Entry, Journal
from paidthru.membership.models import Membership, Term
from paidthru.organizations.models import PolicyChange
from paidthru.organizations.operations import move_clock
from paidthru.payments.models import Attempt, Payment
from paidthru.people.models import Party
from paidthru.timeline.models import Event, Message

BEGINS = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 1, 21, 18, 0, tzinfo=UTC)


def everything_due(name: str) -> World:
    """Terms to bill, one of them to be tried anew with another invoice, a cancellation, a prepaid term that is over, a
    plan and a price to take up, changes of policy (one that can't be made any more), cases to open, access to be
    told of, an invoice that comes again and a draft to send: all of it due by the time it is there."""
    world = a_world(
        "coworking", name=name, now=BEGINS, zone="UTC", access__restrict="after(3)", dunning__mail_days="[3, 7]",
        cancel__effective="end_of_cycle", switch__effective__staff="next_renewal",
    )  # fmt: skip
    organization, now = world.organization, world.desk.clock.now()
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    other = world.plan("Other", 4_500, interval_unit="month")
    prepaid = world.plan("Prepaid", 5_000, kind="prepaid", interval_unit="month")
    world.plan("Drop-in", 0, kind="free", is_default=True)
    for person, plan, paid_through in (
        ("Ann", monthly, date(2026, 1, 9)),
        ("Bob", other, date(2026, 1, 3)),
        ("Cid", monthly, date(2026, 1, 15)),
        ("Eve", monthly, date(2026, 1, 18)),
        ("Fay", monthly, date(2026, 1, 9)),
        ("Hal", monthly, date(2026, 1, 11)),
        ("Gus", prepaid, date(2026, 1, 12)),
    ):
        by_card = person not in ("Hal", "Gus")
        world.member(person, plan, paid_through=paid_through, card=by_card, autopay=by_card)
    Membership.objects.filter(organization=organization, plan=prepaid).update(next_bill_on=None)
    world.processor.set_script(str(of(world, "Fay").party_id), "decline", "insufficient_funds")
    cancel_membership(organization, of(world, "Cid").id, actor=STAFF, now=now)
    switch_plan(organization, of(world, "Eve").party_id, other.id, actor=STAFF, now=now)
    change_price(organization, monthly.id, 3_300, actor=STAFF, now=now, from_on=date(2026, 1, 14))
    set_policy(organization, {"dunning.mail_days": [2, 6]}, actor=STAFF, now=now, on=date(2026, 1, 13))
    PolicyChange.objects.create(
        organization=organization, scope="organization", values={"billing.trigger": "processor_mirror"},
        comes_on=date(2026, 1, 16), asked_by="Pat", asked_at=now,
    )  # fmt: skip
    guest, lines = Payer(None, "Guest", "guest@example.org"), [WrittenLine("Hall", 1, 5_000)]
    weekly = Recurrence(Interval(1, Unit.WEEK))
    write_invoice(organization, guest, lines, recurrence=weekly, actor=STAFF, now=now)
    draft = write_invoice(organization, guest, lines, as_draft=True, actor=STAFF, now=now)
    Invoice.objects.filter(id=draft.id).update(send_on=date(2026, 1, 14))
    move_clock(organization, DUE)
    return world


def of(world: World, person: str) -> Membership:
    """The person's membership that is not over, or else the latest."""
    found = Membership.objects.filter(organization=world.organization, party__name=person)
    return found.exclude(state="ended").first() or found.latest("id")


def noons(world: World, days: int = 12) -> list[datetime]:
    """The instants at which a worker looks in, from now on."""
    start = world.desk.clock.now()
    return [start + timedelta(days=n) for n in range(days)]


def became(world: World) -> dict[str, Counter[tuple[object, ...]]]:
    """All that was done and told, by names and counts: two organizations in which the same was done have the same."""
    organization = world.organization
    name = dict(Party.objects.filter(organization=organization).values_list("id", "name"))
    mine = {"organization": organization}

    def counted(rows: object) -> Counter[tuple[object, ...]]:
        return Counter(tuple(name.get(cell, cell) for cell in row) for row in rows)  # type: ignore[attr-defined]

    return {
        "events": counted(  # looking at the processor's list once more is no harm
            Event.objects.filter(**mine).exclude(verb="gateway_swept").values_list("verb", "party_id")
        ),
        "mails": counted(Message.objects.filter(**mine).values_list("kind", "party_id")),
        "memberships": counted(
            Membership.objects.filter(**mine).values_list(
                "party_id",
                "plan__name",
                "state",
                "ended_because",
                "ended_on",
                "renewed_through",
                "paid_through",
                "next_bill_on",
                "unpaid_since",
                "access_told",
            )
        ),
        "terms": counted(
            Term.objects.filter(**mine).values_list("membership__party_id", "start_on", "end_on", "canceled")
        ),
        "receivables": counted(
            Receivable.objects.filter(**mine).values_list(
                "party_id", "period_start", "state", "amount_minor", "balance_minor"
            )
        ),
        "invoices": counted(Invoice.objects.filter(**mine).values_list("party_id", "state", "total_minor")),
        "attempts": counted(Attempt.objects.filter(**mine).values_list("party_id", "state")),
        "payments": counted(Payment.objects.filter(**mine).values_list("party_id", "amount_minor")),
        "journals": counted(Journal.objects.filter(**mine).values_list("source_kind", "effective_on")),
        "books": counted(Entry.objects.filter(**mine).values_list("account__code", "amount_minor")),
        "planned": counted(PolicyChange.objects.filter(**mine).values_list("comes_on", "outcome")),
    }
