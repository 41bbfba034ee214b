"""Questions to the giving room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from paidthru.giving.models import Campaign, Donation, Gift, Pledge, PledgePart, TaxReceipt
from paidthru.giving.rules.campaigns import CampaignFacts, percent_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Unit
from paidthru.payments.models import OPEN_ATTEMPT, Allocation, Attempt, PaymentMethod
from paidthru.timeline.models import Event, Message

_SALT = "paidthru.giving.gift"


@dataclass(frozen=True, slots=True)
class Raised:
    """What was given (minor units), less what was taken or given back, and by how many donations."""

    minor: int = 0
    donations: int = 0


def raised_by(campaign_ids: Iterable[UUID]) -> dict[UUID, Raised]:
    """What campaigns have raised, in each one's currency: the money that stands as paid on their donations and pledges
    (A-22, A-43). One that raised nothing is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT given.campaign_id, sum(a.amount_minor - a.reversed_minor - a.refunded_minor),
                      count(DISTINCT given.id)
               FROM (SELECT d.campaign_id, d.id, d.invoice_id FROM giving_donation d WHERE d.campaign_id = ANY(%(ids)s)
                     UNION ALL
                     SELECT p.campaign_id, i.id, i.invoice_id FROM giving_pledge p
                     JOIN giving_pledgepart i ON i.pledge_id = p.id WHERE p.campaign_id = ANY(%(ids)s)) given
               JOIN payments_allocation a ON a.invoice_id = given.invoice_id
                    AND a.amount_minor > a.reversed_minor + a.refunded_minor
               GROUP BY 1""",
            {"ids": list(campaign_ids)},
        )
        return {id_: Raised(int(minor), int(count)) for id_, minor, count in cursor.fetchall()}


def received_for(donation_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What stands as paid of donations, in minor units; what isn't paid is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT d.id, sum(a.amount_minor - a.reversed_minor - a.refunded_minor) FROM giving_donation d
               JOIN payments_allocation a ON a.invoice_id = d.invoice_id WHERE d.id = ANY(%s) GROUP BY 1""",
            [list(donation_ids)],
        )
        return {id_: int(minor) for id_, minor in cursor.fetchall()}


def progress_of(campaign: Campaign) -> tuple[int, int]:
    """What a campaign has raised (minor units), and how much of its goal that is, in percents."""
    minor = raised_by([campaign.id]).get(campaign.id, Raised()).minor
    return minor, percent_of(minor, campaign.goal_minor)


def facts_of(campaign: Campaign) -> CampaignFacts:
    """A campaign as the rules see it."""
    return CampaignFacts(
        campaign.name,
        campaign.currency,
        campaign.minimum_minor,
        campaign.starts_on,
        campaign.ends_on,
        campaign.closed_at is not None,
    )


def campaign_named(organization_id: UUID, name: str) -> Campaign:
    """The campaign of that name or link. Refused `campaign_unknown`."""
    found = Campaign.objects.filter(organization_id=organization_id)
    campaign = found.filter(name=name).first() or found.filter(slug=name).first()
    if campaign is None:
        raise Refused(
            "campaign_unknown",
            f"There is no campaign called {name}.",
            field="campaign",
            value=name,
            fix="Look at the list of campaigns.",
        )
    return campaign


def campaigns_of(organization_id: UUID) -> QuerySet[Campaign]:
    """An organization's campaigns, newest first."""
    return Campaign.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")


def donations_of(organization_id: UUID) -> QuerySet[Donation]:
    """An organization's donations, newest first."""
    found = Donation.objects.filter(organization_id=organization_id)
    return found.select_related("party", "campaign", "invoice").order_by("-given_on", "-id")


def gifts_of(party_id: UUID) -> list[Gift]:
    """The gifts that somebody gives again and again, or paused; the newest first."""
    found = Gift.objects.filter(party_id=party_id).exclude(state__in=("stopped", "begun"))
    found = found.select_related("campaign", "method")
    return list(found.order_by("-created_at", "-id"))


def gift_token(gift_id: UUID) -> str:
    """What stands in a mail's address by which its gift is looked at, changed and stopped: signed, good for that gift
    alone, the same in each mail, and for as long as it may lie in a box."""
    return signing.Signer(salt=_SALT).sign(gift_id.hex)


def gift_by(token: str) -> Gift | None:
    """The gift of a token; None for one that we didn't make."""
    try:
        gift_id = UUID(hex=signing.Signer(salt=_SALT).unsign(token.replace("\0", "")))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return (
        Gift.objects.select_related("party", "campaign", "organization", "method").filter(id=gift_id).first()
    )


def gifts_behind(subject_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The gifts of which attempts or payments are, by the attempt or payment; what is of none is left out."""
    asked = list(subject_ids)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT h.id, d.gift_id FROM (
                   SELECT a.id, i.invoice_id FROM payments_attempt a
                   JOIN payments_intentinvoice i ON i.intent_id = a.intent_id WHERE a.id = ANY(%(ids)s)
                   UNION SELECT payment_id, invoice_id FROM payments_allocation WHERE payment_id = ANY(%(ids)s)) h
               JOIN giving_donation d ON d.invoice_id = h.invoice_id AND d.gift_id IS NOT NULL""",
            {"ids": asked},
        )
        return dict(cursor.fetchall())


def donation_on(invoice_id: UUID) -> Donation | None:
    """The donation that stands on an invoice, with its gift and campaign; None for any other invoice."""
    return Donation.objects.select_related("gift", "campaign").filter(invoice_id=invoice_id).first()


def kept_for_nothing(organization_id: UUID, gateway: str, *, limit: int) -> list[PaymentMethod]:
    """The methods that were kept for gifts that are stopped, or have another one, and that no open payment uses."""
    kept = PaymentMethod.objects.filter(organization_id=organization_id, gateway=gateway, state="gift")
    in_use = Gift.objects.filter(method=OuterRef("id")).exclude(state="stopped")
    under_way = Attempt.objects.filter(method=OuterRef("id"), state__in=OPEN_ATTEMPT)
    return list(kept.filter(~Exists(in_use), ~Exists(under_way)).order_by("id")[:limit])


def cards_declined(campaign_id: UUID, *, since: datetime) -> int:
    """How many payments of a campaign's donations by visitors failed after an instant: many are a sign that somebody
    tries out stolen cards."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM giving_donation d JOIN payments_intentinvoice h ON h.invoice_id = d.invoice_id
               JOIN payments_attempt a ON a.intent_id = h.intent_id AND a.initiator = 'visitor'
                    AND a.state IN ('declined', 'rejected') AND a.concluded_at > %s
               WHERE d.campaign_id = %s AND d.created_at > %s""",
            [since, campaign_id, since - timedelta(days=7)],
        )
        return int(cursor.fetchone()[0])


def last_given(gift_id: UUID) -> date | None:
    """The local date of a gift's last donation that is paid."""
    paid = Donation.objects.filter(gift_id=gift_id, invoice__state="paid").order_by("-given_on")
    return paid.values_list("given_on", flat=True).first()


def interval_of(gift: Gift) -> Interval:
    """How often a gift is given."""
    return Interval(gift.interval_count, Unit(gift.interval_unit))


def asked_in_vain(organization_id: UUID) -> QuerySet[Donation]:
    """The donations whose invoices still ask for something although nobody tries any more: their money was returned or
    taken back, or a debit failed days later. A donation is owed by nobody (A-24)."""
    invoice = OuterRef("invoice_id")
    tries = Attempt.objects.filter(intent__invoices__invoice_id=invoice)
    gone = Allocation.objects.filter(invoice_id=invoice, reversed_minor__gt=0)
    waits = Q(retry_on__isnull=False) & (Q(gift__isnull=False) | Q(method="visitor"))
    asking = Donation.objects.filter(organization_id=organization_id, invoice__state="sent").exclude(waits)
    return asking.filter(Exists(tries) | Exists(gone)).exclude(Exists(tries.filter(state__in=OPEN_ATTEMPT)))


def next_due(organization_id: UUID) -> date | None:
    """The earliest local date on which a gift falls due or is tried again; a day that has passed means now."""
    gifts = Gift.objects.filter(organization_id=organization_id, next_on__isnull=False)
    again = Donation.objects.filter(organization_id=organization_id, retry_on__isnull=False)
    days: list[date | None] = [
        gifts.aggregate(first=Min("next_on"))["first"],
        again.aggregate(first=Min("retry_on"))["first"],
        asked_in_vain(organization_id).aggregate(first=Min("given_on"))["first"],
    ]
    return min((day for day in days if day is not None), default=None)


def fulfilled(pledge_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What stands as paid of pledges, in minor units: by money and not by the number of instalments (A-28). One of
    which nothing is paid is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.pledge_id, sum(a.amount_minor - a.reversed_minor - a.refunded_minor) FROM giving_pledgepart p
               JOIN payments_allocation a ON a.invoice_id = p.invoice_id
               WHERE p.pledge_id = ANY(%s) GROUP BY 1""",
            [list(pledge_ids)],
        )
        return {id_: int(minor) for id_, minor in cursor.fetchall() if minor}


def pledges_of(organization_id: UUID) -> QuerySet[Pledge]:
    """An organization's pledges, newest first."""
    found = Pledge.objects.filter(organization_id=organization_id).select_related("party", "campaign")
    return found.order_by("-made_on", "-id")


def has_pledges(party_id: UUID) -> bool:
    """Whether somebody promised anything."""
    return Pledge.objects.filter(party_id=party_id).exists()


def next_part_on(organization_id: UUID) -> date | None:
    """The earliest local date of an instalment that is to be billed; a day that has passed means now."""
    waiting = PledgePart.objects.filter(organization_id=organization_id, invoice=None)
    found: date | None = waiting.aggregate(first=Min("due_on"))["first"]
    return found


@dataclass(frozen=True, slots=True)
class Unreceipted:
    """A donation, or an instalment of a pledge, whose valid tax receipt of a calendar year doesn't say what stands as
    received in it: minor units of `currency`. `given_on` is the local day on which the last of the year's money came,
    for that is the year in which it is deducted (Treasury Regulations 1.170A-1(b); Income Tax Regulations, C.R.C.,
    c. 945, section 3501(1)(e))."""

    source_id: UUID
    party_id: UUID
    currency: str
    given_on: date
    received_minor: int
    advantage_minor: int

    @property
    def gift_year(self) -> tuple[UUID, int]:
        """What its one receipt is for."""
        return self.source_id, self.given_on.year


_GIVEN = """SELECT d.id, d.party_id, d.currency, d.advantage_minor AS advantage, d.invoice_id
    FROM giving_donation d WHERE d.organization_id = %(organization)s {donation}
    UNION ALL
    SELECT i.id, p.party_id, p.currency, 0, i.invoice_id FROM giving_pledgepart i
    JOIN giving_pledge p ON p.id = i.pledge_id
    WHERE i.organization_id = %(organization)s AND i.invoice_id IS NOT NULL {part}"""
_ONE_DONATION, _ONE_PART = "AND d.id = %(source)s", "AND i.id = %(source)s"
_TOUCHED = """ = ANY(ARRAY(
    SELECT DISTINCT e.party_id FROM timeline_event e
    WHERE e.id > %(after)s AND e.organization_id = %(organization)s AND e.party_id IS NOT NULL))"""
_PAID_BY_THEM = f"""SELECT a.invoice_id FROM payments_payment m JOIN payments_allocation a ON a.payment_id = m.id
    WHERE m.party_id {_TOUCHED}"""
_TOUCHED_DONATIONS = f"AND (d.party_id {_TOUCHED} OR d.invoice_id IN ({_PAID_BY_THEM}))"
_TOUCHED_PARTS = f"AND (p.party_id {_TOUCHED} OR i.invoice_id IN ({_PAID_BY_THEM}))"


def happened_since(organization_id: UUID, after: UUID) -> bool:
    """Whether anything happened in an organization since an event: without, no receipt can have become wrong."""
    return Event.objects.filter(id__gt=after, organization_id=organization_id).exists()


def unreceipted(
    organization_id: UUID, *, limit: int, after: UUID | None = None, replaced: TaxReceipt | None = None
) -> list[Unreceipted]:
    """What is to have a receipt, another one, or none any more; the earliest first (A-25). What staff hold back is left
    out, unless it is asked for: what a receipt that is to be `replaced` is for. With `after` only what somebody gave,
    or paid for, to whom something happened since that event: all that can have changed.

    Money of one donation that came in several years has a receipt for each; what the donor got in return is taken off
    the first, and what is more than that off the next."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT given.id, given.party_id, given.currency, coalesce(years.on_, years.said_on),
                       years.minor, greatest(least(given.advantage - years.earlier, years.minor), 0)
               FROM ({
                _GIVEN.format(
                    donation=_ONE_DONATION if replaced else _TOUCHED_DONATIONS if after else "",
                    part=_ONE_PART if replaced else _TOUCHED_PARTS if after else "",
                )
            }) given
               CROSS JOIN LATERAL (
                   SELECT coalesce(came.year, said.year) AS year, came.on_, said.given_on AS said_on,
                          coalesce(came.minor, 0)::bigint AS minor, said.amount_minor AS said_minor,
                          coalesce(sum(came.minor) OVER (ORDER BY came.year
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS earlier
                   FROM (SELECT extract(year FROM m.received_on) AS year, max(m.received_on) AS on_,
                                sum(a.amount_minor - a.reversed_minor - a.refunded_minor) AS minor
                         FROM payments_allocation a JOIN payments_payment m ON m.id = a.payment_id
                         WHERE a.invoice_id = given.invoice_id
                           AND a.amount_minor > a.reversed_minor + a.refunded_minor
                         GROUP BY 1) came
                   FULL JOIN (SELECT extract(year FROM t.given_on) AS year, t.given_on, t.amount_minor
                              FROM giving_taxreceipt t
                              WHERE t.source_id = given.id AND t.state = 'issued') said
                     ON said.year = came.year) years
               WHERE CASE WHEN %(source)s::uuid IS NULL
                     THEN (years.minor, coalesce(years.on_, years.said_on))
                          IS DISTINCT FROM (coalesce(years.said_minor, 0), coalesce(years.said_on, years.on_))
                      AND NOT EXISTS (
                          SELECT 1 FROM giving_taxreceipt h WHERE h.source_id = given.id AND h.held_back
                             AND extract(year FROM h.given_on) = years.year)
                     ELSE years.year = %(year)s END
               ORDER BY 4, given.id LIMIT %(limit)s""",
            {
                "organization": organization_id, "limit": limit, "after": after,
                "source": replaced.source_id if replaced else None,
                "year": replaced.given_on.year if replaced else None,
            },
        )  # fmt: skip
        return [Unreceipted(*row) for row in cursor.fetchall()]


def receipts_of(party_id: UUID) -> list[TaxReceipt]:
    """Somebody's valid tax receipts, the newest first."""
    return list(TaxReceipt.objects.filter(party_id=party_id, state="issued").order_by("-number"))


def all_receipts_of(organization_id: UUID) -> QuerySet[TaxReceipt]:
    """An organization's tax receipts, valid and void, the newest first."""
    found = TaxReceipt.objects.filter(organization_id=organization_id).select_related("party", "replaces")
    return found.order_by("-number")


def receipts_like(one: TaxReceipt) -> QuerySet[TaxReceipt]:
    """The receipts, valid and void, of the gift and year that a receipt is for; the one with the highest number
    counts."""
    return TaxReceipt.objects.filter(source_id=one.source_id, given_on__year=one.given_on.year)


def receipt_numbered(organization_id: UUID, number: str) -> TaxReceipt:
    """The tax receipt of a number. Refused `receipt_unknown`."""
    found = all_receipts_of(organization_id)
    one = (
        found.filter(number=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 18
        else None
    )
    if one is None:
        raise Refused(
            "receipt_unknown", f"There is no tax receipt {number}.", field="receipt", value=number,
            fix="Look at the list of tax receipts.",
        )  # fmt: skip
    return one


def receipts_in(organization_id: UUID, year: int, party_id: UUID | None = None) -> QuerySet[TaxReceipt]:
    """The valid tax receipts of what was given in a calendar year, by one donor or all, the earliest first."""
    found = TaxReceipt.objects.filter(organization_id=organization_id, state="issued", given_on__year=year)
    if party_id is not None:
        found = found.filter(party_id=party_id)
    return found.select_related("party").order_by("party_id", "given_on", "number")


def donors_in(organization_id: UUID, year: int) -> list[UUID]:
    """Who has a valid tax receipt of a calendar year, an address, and wasn't mailed that year's statement yet."""
    mailed = Message.objects.filter(
        organization_id=organization_id,
        kind="given_year",
        facts__year=str(year),
        party_id=OuterRef("party_id"),
    )
    found = receipts_in(organization_id, year).exclude(party__email="").filter(~Exists(mailed))
    return list(found.order_by("party_id").values_list("party_id", flat=True).distinct())


def parts_of(pledge_ids: Iterable[UUID]) -> dict[UUID, list[PledgePart]]:
    """The instalments of pledges in their order, with the invoices of those that are billed."""
    found: dict[UUID, list[PledgePart]] = {}
    for part in (
        PledgePart.objects.filter(pledge__in=list(pledge_ids)).select_related("invoice").order_by("n")
    ):
        found.setdefault(part.pledge_id, []).append(part)
    return found


def paid_of_parts(pledge_id: UUID) -> dict[UUID, int]:
    """What stands as paid of a pledge's instalments, in minor units; what isn't paid is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.id, sum(a.amount_minor - a.reversed_minor - a.refunded_minor) FROM giving_pledgepart p
               JOIN payments_allocation a ON a.invoice_id = p.invoice_id WHERE p.pledge_id = %s GROUP BY 1""",
            [pledge_id],
        )
        return {id_: int(minor) for id_, minor in cursor.fetchall() if minor}
