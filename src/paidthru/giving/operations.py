"""Write steps of the giving room, inside somebody's transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from paidthru.giving.models import Campaign, Donation, Gift, Pledge, PledgePart, TaxReceipt
from paidthru.giving.queries import Unreceipted
from paidthru.giving.rules.receipts import Gift as Given
from paidthru.giving.rules.receipts import sayings, statement
from paidthru.invoicing.operations import Item
from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.invoicing.operations.freezing import FACTS, JOINED
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.postings import Basis, Draft
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import brand_of
from paidthru.people.models import Party
from paidthru.timeline.operations import Happening

_SERIES = "tax_receipt"
INCOME, PLEDGES = "Income:Donations", "Pledges"
DONATION = "donation"
BY_VISITOR = "visitor"  # paid by the pay link, with a card given for it alone
LEFT_UNPAID = timedelta(days=2)  # who went away from the page by then doesn't come back to it

_ON_FILE = "my payment method on file"


@dataclass(frozen=True, slots=True)
class Giving:
    """What somebody gives: an amount (minor units), to a campaign or none. `advantage_minor` is the value of what they
    get in return."""

    party_id: UUID
    amount_minor: int
    currency: str
    campaign: Campaign | None
    channel: str
    method: str
    anonymous: bool = False
    in_honour_of: str = ""
    fund: str = ""
    advantage_minor: int = 0
    gift: Gift | None = None
    n: int = 0


def write_donations(
    organization_id: UUID, givings: Sequence[Giving], *, on: date, basis: Basis, now: datetime
) -> list[Donation]:
    """Writes donations of one currency, each on an invoice of its own, given on a local date. They are voluntary:
    nothing is owed, and on either basis income is what is paid (A-19, A-24). Refused `period_locked`."""
    ids = [new_id() for _ in givings]
    demands = [
        Demand(one.party_id, [(id_, _item(id_, one, on))], due_on=on)
        for id_, one in zip(ids, givings, strict=True)
    ]
    currency = givings[0].currency
    ask(organization_id, DONATION, currency, demands, batch="charges", basis=basis, bill_on=on, now=now)
    made = [
        Donation(
            id=id_,
            organization_id=organization_id,
            party_id=one.party_id,
            campaign=one.campaign,
            gift=one.gift,
            n=one.n,
            amount_minor=one.amount_minor,
            advantage_minor=one.advantage_minor,
            currency=currency,
            given_on=on,
            channel=one.channel,
            method=one.method,
            fund=_fund(one),
            anonymous=one.anonymous,
            in_honour_of=one.in_honour_of,
            invoice_id=demand.invoice_id,
            retry_on=_looked_at_on(one, on),
            created_at=now,
        )
        for id_, one, demand in zip(ids, givings, demands, strict=True)
    ]
    return Donation.objects.bulk_create(made, batch_size=500)


def due_gifts(organization_id: UUID, *, on: date, limit: int) -> list[Gift]:
    """The gifts whose next date has come by a local date, in their order; locked against another worker."""
    found = Gift.objects.select_for_update(of=("self",), skip_locked=True)
    found = found.select_related("campaign", "method")
    due = found.filter(organization_id=organization_id, next_on__lte=on, state="active")
    return list(due.order_by("currency", "next_on", "id")[:limit])


def locked_gift(organization_id: UUID, gift_id: UUID) -> Gift:
    """A gift, locked. Refused `gift_unknown`."""
    found = Gift.objects.select_for_update(of=("self",)).select_related("campaign", "method")
    gift = found.filter(id=gift_id, organization_id=organization_id).first()
    if gift is None:
        raise Refused("gift_unknown", "There is no such gift.", field="gift", fix="Look it up again.")
    return gift


def consent_to(amount_minor: int, currency: str, every: Interval, *, of_its_own: bool) -> str:
    """What a donor agrees to, in their words: the amount (minor units), how often, and to what it is charged."""
    means = "the card or account that I gave for it, which is kept for it alone" if of_its_own else _ON_FILE
    amount = f"{plain(amount_minor, currency)} {currency}"
    return f"I give {amount} every {every.each} until I stop it. It is charged to {means}."


def told_of_gift(verb: str, gift: Gift, why: str = "", **more: object) -> Happening:
    """What is told of a gift that comes again and again: its amount, how often, and `more`."""
    facts = {
        "amount": plain(gift.amount_minor, gift.currency),
        "currency": gift.currency,
        "campaign": gift.campaign.name if gift.campaign else "",
        "channel": gift.channel,
        "every": Interval(gift.interval_count, Unit(gift.interval_unit)).each,
    }
    return Happening(verb, "gift", gift.id, gift.party_id, why, facts | more)


def _looked_at_on(one: Giving, on: date) -> date | None:
    """When the worker looks at it: a gift's is charged now, and what is left unpaid is voided, be it by a visitor or by
    whoever was stopped between the donation and its money."""
    return on if one.gift is not None else on + LEFT_UNPAID


def _fund(one: Giving) -> str:
    return one.fund or (one.campaign.fund if one.campaign else "")


def _item(id_: UUID, one: Giving, on: date) -> Item:
    text = f"Donation to {one.campaign.name}" if one.campaign else "Donation"
    amount = f"{plain(one.amount_minor, one.currency)} {one.currency}"
    return Item(
        fee_id=id_,  # a donation is its own source and fee: it is asked for once
        period_start=on,
        period_end=on + timedelta(days=1),
        description=f"{text}, in honour of {one.in_honour_of}" if one.in_honour_of else text,
        quantity=1,
        unit_amount_minor=one.amount_minor,
        amount_minor=one.amount_minor,
        derivation={"rule": "donation", "text": f"{amount}, given on {on}."},
        is_primary=True,
        voluntary=True,
        income_code=INCOME,
        fund=_fund(one),
    )


def due_parts(organization_id: UUID, *, on: date, limit: int) -> list[PledgePart]:
    """The instalments of pledges that are to be billed by a local date, in order; locked against another worker."""
    found = PledgePart.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "pledge__campaign"
    )
    due = found.filter(organization_id=organization_id, invoice=None, due_on__lte=on)
    return list(due.order_by("pledge__currency", "pledge__basis", "due_on", "id")[:limit])


def item_of_part(part: PledgePart, of: int) -> Item:
    """An instalment as a line of an invoice. On accrual it takes out of Pledges what was income when it was promised
    (field-notes D.4); on a cash basis it is income when it is paid."""
    pledge = part.pledge
    amount = f"{plain(part.amount_minor, pledge.currency)} {pledge.currency}"
    text = f"Pledge, instalment {part.n} of {of}"
    if pledge.campaign:
        text = f"Pledge to {pledge.campaign.name}, instalment {part.n} of {of}"
    return Item(
        fee_id=part.id,  # an instalment is its own source and fee: it is asked for once
        period_start=part.due_on,
        period_end=part.due_on + timedelta(days=1),
        description=text,
        quantity=1,
        unit_amount_minor=part.amount_minor,
        amount_minor=part.amount_minor,
        derivation={"rule": "pledge", "text": f"{text}: {amount}, promised on {pledge.made_on}."},
        is_primary=True,
        voluntary=False,
        income_code=PLEDGES if pledge.basis == "accrual" else INCOME,
        fund=pledge.fund,
    )


def book_promise(pledge: Pledge, amount_minor: int, event: str, *, on: date, now: datetime) -> None:
    """Books what is promised from now on (minor units; negative: no longer): Dr Pledges, Cr Income:Donations. Nothing
    on a cash basis, where a promise is no income."""
    if pledge.basis != "accrual" or not amount_minor:
        return
    batch = open_batch(pledge.organization_id, "pledges", on, now=now)
    entries = [Draft(PLEDGES, amount_minor, pledge.party_id), Draft(INCOME, -amount_minor, pledge.party_id)]
    draft = JournalDraft("pledge", pledge.id, event, on, f"Pledge of {pledge.party.name}"[:300], entries)
    write_journals(pledge.organization_id, batch.id, pledge.currency, [draft], now=now)


def lock_receipts(organization_id: UUID) -> None:
    """Until the transaction ends nobody else issues or voids the organization's tax receipts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tax receipts {organization_id}"]
        )


def write_receipts(
    organization: Organization,
    given: Sequence[Unreceipted],
    replaced: Mapping[tuple[UUID, int], TaxReceipt],
    *,
    on: date,
    now: datetime,
) -> list[TaxReceipt]:
    """Writes tax receipts of what was received, issued on a local date, under the next numbers; `replaced` are the void
    ones whose place they take, by what they are for and the year. With each is kept whom it is for and by which
    letterhead."""
    if not given:
        return []
    brand = brand_of(organization.id)
    country = brand.country if brand else ""
    parties = Party.objects.in_bulk([one.party_id for one in given])
    made, kept = [], []
    for number, one in enumerate(given, start=take_numbers(organization.id, _SERIES, len(given))):
        what = Given(
            one.received_minor, min(one.advantage_minor, one.received_minor), one.currency, one.given_on
        )
        said = (what.amount_minor, what.advantage_minor, what.eligible_minor)
        amount, advantage, eligible = (f"{plain(minor, one.currency)} {one.currency}" for minor in said)
        party = parties[one.party_id]
        made.append(
            TaxReceipt(
                organization=organization,
                number=number,
                party=party,
                source_id=one.source_id,
                amount_minor=what.amount_minor,
                advantage_minor=what.advantage_minor,
                currency=one.currency,
                given_on=one.given_on,
                issued_on=on,
                country=country,
                donor=party.name,
                address=party.address,
                statement=statement(country, what, (amount, advantage, eligible)),
                replaces=replaced.get(one.gift_year),
                issued_at=now,
            )
        )
        kept.append(json.dumps({"sayings": sayings(country, what)}))
    TaxReceipt.objects.bulk_create(made, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, brand_id, facts)
                SELECT d.id, d.organization_id, 'tax receipt', d.party_id, b.id, {FACTS} || d.more
                FROM (SELECT t.id, t.organization_id, t.party_id, asked.more
                      FROM unnest(%s::uuid[], %s::jsonb[]) asked (id, more)
                           JOIN giving_taxreceipt t ON t.id = asked.id) d {JOINED}
                ON CONFLICT (id) DO NOTHING""",
            [[one.id for one in made], kept],
        )
    return made


def told_of_receipt(verb: str, receipt: TaxReceipt, why: str = "") -> Happening:
    """What is told of a tax receipt: its number and amount."""
    facts = {
        "number": receipt.number,
        "amount": plain(receipt.amount_minor, receipt.currency),
        "currency": receipt.currency,
    }
    return Happening(verb, "tax_receipt", receipt.id, receipt.party_id, why, facts)
