"""Questions about discounts: what a payer has on a plan, what is given to whom."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Discount as Row
from paidthru.membership.models import Membership, Plan
from paidthru.membership.rules.discounts import Discount

# What is given to a party `m.party_id` on a plan, as JSON, with how many of the party's terms have had it.
_OF = """(SELECT json_agg(json_build_array(d.id, d.name, d.kind, d.rate_ppm, d.amount_minor, d.currency, d.plan_id,
        d.fee_id, d.from_on, d.until_on, d.terms, CASE WHEN d.terms IS NULL THEN 0 ELSE (
            SELECT count(*) FROM membership_term t JOIN membership_membership o ON o.id = t.membership_id
            WHERE o.party_id = m.party_id AND NOT t.canceled AND t.start_on >= d.from_on
              AND t.source NOT IN ('trial', 'import', 'external') AND coalesce(d.plan_id, t.plan_id) = t.plan_id)
        END) ORDER BY d.id)::text
    FROM (SELECT own.* FROM membership_discount own WHERE own.party_id = m.party_id
          UNION ALL SELECT every.* FROM membership_discount every
          WHERE every.organization_id = m.organization_id AND every.party_id IS NULL AND every.code = '') d
    WHERE coalesce(d.plan_id, {plan}) = {plan})"""
_NONE = "NULL::text"


def discounts_of(organization_id: UUID, plan: str) -> str:
    """SQL of a fact of a membership `m`: its party's discounts on a plan (an SQL expression), as JSON text, or null.
    An organization that gives none is not asked for each member."""
    given = Row.objects.filter(organization_id=organization_id).exists()
    return _OF.replace("{plan}", plan) if given else _NONE


def discounts_from(text: str | None) -> tuple[Discount, ...]:
    """Discounts from what `discounts_of` gives."""
    return tuple(_read(one) for one in json.loads(text)) if text else ()


def discounts_for(organization_id: UUID, plan_id: UUID, party_id: UUID | None) -> tuple[Discount, ...]:
    """What a party has on a plan; for somebody new (None), what everybody has."""
    asked = _OF.replace("{plan}", "m.plan_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {asked} FROM (SELECT %s::uuid AS organization_id, %s::uuid AS plan_id, %s::uuid AS party_id) m",
            [organization_id, plan_id, party_id],
        )
        return discounts_from(cursor.fetchone()[0])


def _read(row: Sequence[Any]) -> Discount:
    id_, name, kind, rate_ppm, amount_minor, currency, plan_id, fee_id, from_on, until_on, terms, used = row
    return Discount(
        UUID(id_),
        name,
        kind,
        rate_ppm,
        amount_minor,
        currency,
        UUID(plan_id) if plan_id else None,
        UUID(fee_id) if fee_id else None,
        date.fromisoformat(from_on),
        date.fromisoformat(until_on) if until_on else None,
        terms,
        used,
    )


def as_rule(row: Row) -> Discount:
    """A discount as the rules read it, of no use yet."""
    return Discount(
        row.id,
        row.name,
        row.kind,  # type: ignore[arg-type]
        row.rate_ppm,
        row.amount_minor,
        row.currency,
        row.plan_id,
        row.fee_id,
        row.from_on,
        row.until_on,
        row.terms,
    )


def discounts_given(organization_id: UUID, *, party_id: UUID | None = None) -> QuerySet[Row]:
    """The discounts of one party, or of the whole organization; the newest first."""
    found = Row.objects.filter(organization_id=organization_id).select_related("party", "plan", "fee")
    return (found.filter(party_id=party_id) if party_id else found).order_by("-id")


def discounts_on(organization_id: UUID, plan_id: UUID) -> QuerySet[Row]:
    """The discounts that a plan has for everybody, and those for whoever gives a code; the newest first."""
    found = Row.objects.filter(organization_id=organization_id, party=None)
    return found.filter(Q(plan_id=plan_id) | Q(plan=None)).order_by("-id")


def discount_by_code(organization_id: UUID, code: str, *, on: date) -> Row:
    """The discount that a code gives on a local day, however it is written. Refused `code_unknown`: there is none, it
    is over, or has not begun."""
    code = code.strip()[:40]
    found = Row.objects.filter(organization_id=organization_id, code__iexact=code).exclude(code="")
    begun = found.filter(Q(until_on=None) | Q(until_on__gt=on), from_on__lte=on)
    row = begun.select_related("plan", "fee").first() if "\0" not in code else None
    if row is None:
        raise Refused(
            "code_unknown",
            f"There is no discount with the code “{code}” today.",
            field="code",
            value=code,
            fix="Check how it is written, or go on without it.",
        )
    return row


def offered_by_code(
    organization_id: UUID, code: str, plan: Plan, *, on: date, party_id: UUID | None = None
) -> tuple[Discount, ...]:
    """What a code would give to whoever joins a plan on a local day: nothing without a code, and nothing more to a
    party who gave it before. Refused `code_unknown` as `discount_by_code`, and where it is for another plan."""
    if not code.strip():
        return ()
    row = discount_by_code(organization_id, code, on=on)
    if row.plan_id not in (None, plan.id) or (row.kind == "amount" and row.currency != plan.currency):
        raise Refused(
            "code_unknown",
            f"The code “{row.code}” is not for {plan.name}.",
            field="code",
            value=row.code,
            fix="Go on without it, or join the plan that it is for.",
        )
    if party_id is not None and Row.objects.filter(party_id=party_id, coded=row).exists():
        return ()
    return (replace(as_rule(row), from_on=on),)


def members_having(row: Row, *, on: date) -> QuerySet[Membership]:
    """The memberships that have not ended and whose next term a discount is for, by whom and on which plan; those who
    gave its code where it has one."""
    found = Membership.objects.filter(organization_id=row.organization_id).exclude(state="ended")
    if row.code:
        own = Row.objects.filter(coded=row).filter(Q(until_on=None) | Q(until_on__gt=on))
        found = found.filter(party__in=own.values("party_id"))
    elif row.party_id:
        found = found.filter(party_id=row.party_id)
    if row.plan_id:
        found = found.filter(Q(next_plan_id=row.plan_id) | Q(next_plan=None, plan_id=row.plan_id))
    return found.select_related("party", "plan").order_by("party__number")
