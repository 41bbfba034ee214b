"""Give a discount: to one member, to everybody on a plan, or to whoever gives a code; complimentary for a time; one
item waived."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import Discount, Fee, Plan
from paidthru.membership.queries.discounts import as_rule, discount_by_code
from paidthru.membership.rules.discounts import KINDS, WHOLE_PPM
from paidthru.membership.rules.discounts import Discount as Rule
from paidthru.membership.rules.pricing import checked_price
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record

MOST_TERMS = 1_200


@dataclass(frozen=True, slots=True)
class DiscountDraft:
    """A discount to be given. For `party_id`, or for everybody on `plan_id`, or (`code`) for whoever gives the code.

    `kind`: percentage (`rate_ppm`, millionths), amount (`amount_minor` of `currency`, for one interval of the plan),
    complimentary, waiver (of the item `fee_id`). It is for terms that begin on a local day in [`from_on`, `until_on`)
    (None: from today, without an end), for a member's first `terms` of them (None: all). Where the name is left
    empty it says what the discount does."""

    kind: str
    party_id: UUID | None = None
    plan_id: UUID | None = None
    fee_id: UUID | None = None
    name: str = ""
    code: str = ""
    rate_ppm: int = 0
    amount_minor: int = 0
    currency: str = ""
    from_on: date | None = None
    until_on: date | None = None
    terms: int | None = None
    why: str = ""


def give_discount(
    organization: Organization, draft: DiscountDraft, *, actor: Actor, now: datetime, key: str | None = None
) -> Discount:
    """Gives a discount for terms that are billed from now on; what is billed already stays as it is.

    Refused: `discount_invalid` with the field named, `member_unknown`, `plan_unknown`, `code_taken`, `why_missing` (a
    waiver needs a reason), `amount_invalid`, `key_reused`, and as `checked_name`.
    """

    def act() -> dict[str, str]:
        return {"discount": str(_give(organization, draft, actor, now).id)}

    inputs = {name: str(value) for name, value in asdict(draft).items()}
    found = once(organization.id, key, "give_discount", inputs, now, act)
    return Discount.objects.get(id=found["discount"])


def preview_discount(organization: Organization, draft: DiscountDraft, *, now: datetime) -> Rule:
    """What `give_discount` would give, as the rules read it; writes nothing. Refused as it is, but for `code_taken`
    where two give the code at once."""
    with transaction.atomic():
        return as_rule(_drafted(organization, draft, Actor("staff", ""), now))


def redeem_code(
    organization: Organization, party_id: UUID, code: str, *, actor: Actor, now: datetime
) -> Discount:
    """Gives a member what a code is for, from today on; given again, it is the same discount. Refused `code_unknown`
    (unknown, over, or not begun yet), `member_unknown`."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        found = discount_by_code(organization.id, code, on=today)
        party = _party(organization, party_id)
        own = Discount.objects.filter(party=party, coded=found).first()
        if own is None:
            own = Discount.objects.create(
                organization=organization,
                party=party,
                plan=found.plan,
                fee=found.fee,
                coded=found,
                kind=found.kind,
                name=found.name,
                rate_ppm=found.rate_ppm,
                amount_minor=found.amount_minor,
                currency=found.currency,
                from_on=today,
                until_on=found.until_on,
                terms=found.terms,
                given_by=actor.name,
                created_at=now,
            )
            _tell(organization, own, actor, now, {"code": found.code})
        return own


def end_discount(
    organization: Organization,
    discount_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    on: date | None = None,
    key: str | None = None,
) -> Discount:
    """Ends a discount for terms that begin on a local day (None: today) or later; ended earlier already, it stays so.
    A code that is ended takes nothing from those who gave it. Refused `discount_unknown`, `key_reused`."""
    day = on or local_date(now, organization.zone)

    def act() -> dict[str, str]:
        found = Discount.objects.select_for_update().filter(id=discount_id, organization=organization).first()
        if found is None:
            raise Refused(
                "discount_unknown",
                "There is no such discount.",
                field="discount",
                fix="Choose one of the list.",
            )
        until = max(day, found.from_on)
        if found.until_on is None or found.until_on > until:
            found.until_on = until
            found.save(update_fields=["until_on"])
            facts = {"name": found.name, "on": until.isoformat()}
            happening = Happening("discount_ended", "discount", found.id, found.party_id, facts=facts)
            record(organization.id, actor, now, [happening])
        return {"discount": str(found.id)}

    once(organization.id, key, "end_discount", {"discount": discount_id, "on": day}, now, act)
    return Discount.objects.get(id=discount_id)


def _give(organization: Organization, draft: DiscountDraft, actor: Actor, now: datetime) -> Discount:
    row = _drafted(organization, draft, actor, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(row.code) from error
    _tell(organization, row, actor, now, {})
    return row


def _taken(code: str) -> Refused:
    return Refused(
        "code_taken",
        f"There is already a discount with the code {code}.",
        field="code",
        value=code,
        fix="Choose another code.",
    )


def _drafted(organization: Organization, draft: DiscountDraft, actor: Actor, now: datetime) -> Discount:
    """The discount, checked and not written."""
    today = local_date(now, organization.zone)
    party = _party(organization, draft.party_id) if draft.party_id else None
    fee, plan = _on(organization, draft)
    _check(draft, fee, plan, today)
    code = checked_name(draft.code, field="code", most=40) if draft.code.strip() else ""
    if party is None and plan is None and not code:
        raise _invalid(
            "for", "Nobody would have this discount.", "Name a member or a plan, or give it a code."
        )
    if any(character.isspace() for character in code):
        raise _invalid("code", "A code is one word.", "Write it without blanks.")
    if party is not None and code:
        raise _invalid("code", "A code is for whoever gives it, not for one member.", "Leave the code out.")
    currency = plan.currency if plan is not None else draft.currency or organization.currency
    row = Discount(
        organization=organization,
        party=party,
        plan=plan,
        fee=fee,
        kind=draft.kind,
        code=code,
        rate_ppm=draft.rate_ppm if draft.kind == "percentage" else 0,
        amount_minor=draft.amount_minor if draft.kind == "amount" else 0,
        currency=currency if draft.kind == "amount" else "",
        from_on=draft.from_on or today,
        until_on=draft.until_on,
        terms=draft.terms,
        why=draft.why.strip(),
        given_by=actor.name,
        created_at=now,
    )
    row.name = checked_name(draft.name or said_of(row), field="name", most=100)
    if code and Discount.objects.filter(organization=organization, code__iexact=code).exists():
        raise _taken(code)
    return row


def said_of(row: Discount) -> str:
    """What a discount does, in a few words."""
    if row.kind == "complimentary":
        return "Complimentary"
    if row.kind == "waiver":
        return f"{row.fee.name} waived" if row.fee else "Waived"
    return f"{as_rule(row).said} off"


def _on(organization: Organization, draft: DiscountDraft) -> tuple[Fee | None, Plan | None]:
    """The item and the plan that a discount is narrowed to."""
    if draft.fee_id is not None:
        fee = Fee.objects.select_related("plan").filter(id=draft.fee_id, organization=organization).first()
        if fee is None or (draft.plan_id is not None and fee.plan_id != draft.plan_id):
            raise _invalid("fee", "The plan has no such item.", "Choose one of the plan's items.")
        if fee.voluntary:
            raise _invalid("fee", f"{fee.name} is voluntary: nobody owes it.", "Choose an item that is owed.")
        return fee, fee.plan
    if draft.plan_id is None:
        return None, None
    plan = Plan.objects.filter(id=draft.plan_id, organization=organization).first()
    if plan is None:
        raise Refused("plan_unknown", "There is no such plan.", field="plan", fix="Choose one of the list.")
    return None, plan


def _check(draft: DiscountDraft, fee: Fee | None, plan: Plan | None, today: date) -> None:
    if draft.kind not in KINDS:
        raise _invalid(
            "kind", f"{draft.kind!r} is no kind of discount.", f"Choose one of: {', '.join(KINDS)}."
        )
    if draft.kind == "percentage" and not 0 < draft.rate_ppm <= WHOLE_PPM:
        raise _invalid("rate", "A discount is more than 0 % and at most 100 %.", "Enter such a percentage.")
    if draft.currency and plan is not None and draft.currency != plan.currency:
        raise _invalid(
            "currency",
            f"{plan.name} is billed in {plan.currency}, not in {draft.currency}.",
            f"Enter an amount in {plan.currency}.",
        )
    if draft.kind == "amount":
        if draft.amount_minor == 0:
            raise _invalid("amount", "Nothing would be taken off.", "Enter an amount.")
        checked_price(draft.amount_minor)
    if draft.kind == "waiver":
        if fee is None:
            raise _invalid("fee", "Say which item is waived.", "Choose one of the plan's items.")
        if not draft.why.strip():
            raise Refused(
                "why_missing", "Say why it is waived.", field="why", fix="Give the reason: it is kept."
            )
    if len(draft.why.strip()) > 300:
        raise _invalid("why", "That is too long for a reason.", "Use at most 300 characters.")
    if draft.terms is not None and not 1 <= draft.terms <= MOST_TERMS:
        raise _invalid("terms", "A discount is for 1 term or more.", "Leave it empty for all terms.")
    begins = draft.from_on or today
    if draft.until_on is not None and draft.until_on <= begins:
        raise _invalid("until", f"It would end on {draft.until_on}, before it begins.", "Choose a later day.")


def _party(organization: Organization, party_id: UUID) -> Party:
    party = (
        Party.objects.select_for_update(no_key=True).filter(id=party_id, organization=organization).first()
    )
    if party is None:
        raise Refused("member_unknown", "There is no such person.", field="member", fix="Look them up again.")
    return party


def _tell(
    organization: Organization, row: Discount, actor: Actor, now: datetime, more: dict[str, str]
) -> None:
    facts: dict[str, object] = {
        "name": row.name,
        "off": as_rule(row).said,
        "from": row.from_on.isoformat(),
        **more,
    }
    if row.until_on is not None:
        facts["until"] = row.until_on.isoformat()
    if row.terms is not None:
        facts["terms"] = row.terms
    happening = Happening("discount_given", "discount", row.id, row.party_id, row.why, facts)
    record(organization.id, actor, now, [happening])


def _invalid(field: str, message: str, fix: str) -> Refused:
    return Refused("discount_invalid", message, field=field, fix=fix)
