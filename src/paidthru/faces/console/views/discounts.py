"""What comes off prices: the list of discounts, one with who has it, giving and ending them, for a member and for all.

What it makes of the next charge is shown before it is done, by the same question that the member's page asks.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.give_discount import end_discount, give_discount, preview_discount
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, key_of, money_said, new_key
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.discount_forms import CommonDiscountForm, DiscountForm, EndForm
from paidthru.faces.console.discount_pages import (
    discount_columns,
    discount_facts,
    discount_row,
    discount_url,
    may_change,
)
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.listed import listed
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage, Section
from paidthru.faces.console.parts import Action, Column, EmptyState, Link, ListPage, Row, Table
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.views.changing import crumbs_of, party_of
from paidthru.membership.models import Discount, Fee, Membership
from paidthru.membership.queries import NextCharge, membership_of, next_charge, plans_of
from paidthru.membership.queries.discounts import as_rule, discounts_given, members_having
from paidthru.membership.rules.discounts import Discount as Rule
from paidthru.organizations.queries import policies_of
from paidthru.timeline.queries import events_of

_SHOWN = 200


@staff_page("view")
def discount_list(visit: Visit) -> HttpResponseBase:
    """The discounts, those that are over too; the newest first."""
    add = Action("New discount", visit.url("settings/discounts/new/"), "primary")
    own = f"For one {visit.words.member} only? Give it on their page."
    return listed(
        visit,
        discounts_given(visit.organization.id),
        lambda found: [discount_row(visit, one) for one in found],
        ListPage(
            title="Discounts",
            columns=discount_columns(visit),
            rows=(),
            empty=EmptyState(
                "No discounts yet",
                f"What comes off prices: for everybody on a {visit.words.plan}, or for whoever gives a code. {own}",
            ),
            noun=("discount", "discounts"),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        current="settings",
        sorts=["id"],
        default="-id",
        add=add if visit.may("set_policy") else None,
    )


@staff_page("view")
def one_discount(visit: Visit, discount_id: UUID) -> HttpResponseBase:
    """A discount: what it takes off, how long, and who has it for their next term."""
    row = _row(visit, discount_id)
    having = members_having(row, on=visit.desk.today)
    rows = tuple(
        Row((one.party.name, one.plan.name, one.next_bill_on), member_url(visit, one.party_id))
        for one in having[:_SHOWN]
    )
    count = having.count()
    columns = (
        Column("member", visit.words.titled("member")),
        Column("plan", visit.words.titled("plan")),
        Column("next", "Next term", "date"),
    )
    end = Action("End it", f"{discount_url(visit, row.id)}end/", "danger")
    over = row.until_on is not None and row.until_on <= visit.desk.today
    text = f"The first {_SHOWN} of {count:,}." if count > _SHOWN else ""
    return visit.page(
        RecordPage(
            title=row.name,
            kind="Discount",
            facts=discount_facts(visit, row),
            actions=(end,) if may_change(visit, row) and not over else (),
            sections=(
                Section(
                    "having",
                    f"Who has it ({count:,})",
                    Table(columns, rows, "Who has it", empty=EmptyState("Nobody yet.")),
                    text=text,
                ),
            ),
            timeline=moments(events_of(visit.organization.id, row.id), visit.organization.locale),
            crumbs=(
                Link("Settings", visit.url("settings/")),
                Link("Discounts", visit.url("settings/discounts/")),
            ),
        ),
        "settings",
    )


@staff_page("set_policy")
def new(visit: Visit) -> HttpResponseBase:
    """A discount for everybody on a plan, or for whoever gives a code."""
    back, currency = visit.url("settings/discounts/"), visit.organization.currency
    plans = [one for one in plans_of(visit.organization.id) if not one.closed]
    chosen = next((one for one in plans if str(one.id) == visit.request.POST.get("plan")), None)
    form = CommonDiscountForm(
        visit.request.POST or None,
        initial=new_key(),
        currency=chosen.currency if chosen else currency,
        items=_items([one.id for one in plans], named=True),
        plans=[(str(one.id), one.name) for one in plans],
    )

    def entry(form: CommonDiscountForm) -> FormPage:
        return FormPage(
            title="New discount",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            crumbs=(Link("Settings", visit.url("settings/")), Link("Discounts", back)),
        )

    def confirm(form: CommonDiscountForm) -> ConfirmPage:
        rule = preview_discount(visit.organization, form.draft(), now=visit.desk.clock.now())
        code = form.cleaned_data["code"].strip()
        row = Discount(
            organization=visit.organization,
            plan=chosen,
            code=code,
            from_on=rule.from_on,
            until_on=rule.until_on,
        )
        whom = f"whoever gives the code {code}" if code else f"everybody on {chosen.name if chosen else ''}"
        said = [f"{_off(visit, rule)} for {whom}{f' on {chosen.name}' if code and chosen else ''}."]
        said.append(_when(visit, rule))
        if not code:
            count = members_having(row, on=visit.desk.today).count()
            said.append(f"{count:,} {visit.words.member if count == 1 else visit.words.members} on it now.")
        said.append("What is billed already stays as it is.")
        return _confirm(visit, "Give this discount?", "Give it", said, form, visit.request.path, back)

    def done(form: CommonDiscountForm) -> HttpResponseBase:
        given = give_discount(
            visit.organization, form.draft(), actor=visit.actor, now=visit.desk.clock.now(), key=key_of(visit)
        )
        messages.success(visit.request, f"{given.name} holds for what is billed from now on.")
        return redirect(discount_url(visit, given.id))

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="settings")


@staff_page("credit")
def give(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """A discount for one member: what it makes of their next charge, before it is given."""
    party = party_of(visit, party_id)
    back, current = member_url(visit, party.id), membership_of(party.id)
    on = [current.plan_id, current.next_plan_id] if current else []
    form = DiscountForm(
        visit.request.POST or None,
        initial=new_key(),
        currency=current.plan.currency if current else visit.organization.currency,
        items=_items([one for one in on if one]),
    )

    def entry(form: DiscountForm) -> FormPage:
        return FormPage(
            title=f"A discount for {party.name}",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            aside=("Nothing is changed yet: the next step shows what it makes of the next charge.",),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: DiscountForm) -> ConfirmPage:
        draft = form.draft(party_id=party.id)
        rule = preview_discount(visit.organization, draft, now=visit.desk.clock.now())
        said = [
            f"{_off(visit, rule)} for {party.name}.",
            _when(visit, rule),
            *_of_next_charge(visit, current, rule),
            "What is billed already stays as it is.",
        ]
        return _confirm(
            visit, f"Give {party.name} this discount?", "Give it", said, form, f"{back}discount/", back
        )

    def done(form: DiscountForm) -> HttpResponseBase:
        given = give_discount(
            visit.organization,
            form.draft(party_id=party.id),
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=key_of(visit),
        )
        messages.success(visit.request, f"{party.name} has {given.name} for what is billed from now on.")
        return redirect(f"{back}#discounts")

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


@staff_page("view")
def end(visit: Visit, discount_id: UUID) -> HttpResponseBase:
    """Ends a discount for terms that begin on a day or later; what it makes of a next charge comes first."""
    row = _row(visit, discount_id)
    if not may_change(visit, row):
        visit.must("set_policy" if row.party_id is None else "credit")
    back = f"{member_url(visit, row.party_id)}#discounts" if row.party_id else discount_url(visit, row.id)
    form = EndForm(visit.request.POST or None, initial=new_key() | {"on": visit.desk.today})
    crumbs = (
        Link("Discounts", visit.url("settings/discounts/")),
        Link(row.name, discount_url(visit, row.id)),
    )

    def entry(form: EndForm) -> FormPage:
        return FormPage(
            title=f"End {row.name}",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            crumbs=crumbs,
        )

    def confirm(form: EndForm) -> ConfirmPage:
        until = max(form.cleaned_data["on"], row.from_on)
        until = min(until, row.until_on) if row.until_on else until
        said = [f"Terms that begin on {day_text(until, visit.organization.locale)} or later have it no more."]
        if row.party_id:
            ended = replace(as_rule(row), until_on=until)
            said += _of_next_charge(visit, membership_of(row.party_id), ended)
        if row.code:
            said.append("Those who gave the code keep theirs; end those on their own pages.")
        said.append("What is billed already stays as it is.")
        return _confirm(visit, f"End {row.name}?", "End it", said, form, visit.request.path, back)

    def done(form: EndForm) -> HttpResponseBase:
        end_discount(
            visit.organization,
            row.id,
            on=form.cleaned_data["on"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=key_of(visit),
        )
        messages.success(visit.request, f"{row.name} is ended.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="settings")


def _row(visit: Visit, discount_id: UUID) -> Discount:
    known = Discount.objects.select_related("party", "plan", "fee", "coded")
    return get_object_or_404(known, id=discount_id, organization=visit.organization)


def _items(plan_ids: Sequence[UUID], *, named: bool = False) -> list[tuple[str, str]]:
    """The items of plans that are owed."""
    found = Fee.objects.filter(plan__in=plan_ids, closed=False, voluntary=False).select_related("plan")
    return [
        (str(one.id), f"{one.plan.name}: {one.name}" if named else one.name)
        for one in found.order_by("plan__name", "position", "id")
    ]


def _off(visit: Visit, rule: Rule) -> str:
    if rule.kind == "waiver":
        return rule.name
    if rule.kind == "complimentary":
        return "Nothing is charged"
    off = money_said(visit, rule.amount_minor, rule.currency) if rule.kind == "amount" else rule.percent
    return f"{off} off"


def _when(visit: Visit, rule: Rule) -> str:
    """For which terms it is."""
    locale = visit.organization.locale
    until = f" and before {day_text(rule.until_on, locale)}" if rule.until_on else ""
    many = "" if rule.terms is None else " Only the first of them." if rule.terms == 1 else ""
    many = many or (f" Only the first {rule.terms} of them." if rule.terms else "")
    return f"It is for terms that begin on {day_text(rule.from_on, locale)} or later{until}.{many}"


def _of_next_charge(visit: Visit, current: Membership | None, would_be: Rule) -> list[str]:
    """What a discount, as it would be, makes of the next charge."""
    if current is None or current.state == "ended":
        return ["There is no membership now: it is for the next one."]
    policies, today = policies_of(visit.organization), visit.desk.today
    now, then = (next_charge(current, policies, today, also=also) for also in ((), (would_be,)))
    if now is None or then is None:
        return ["Nothing is charged by itself."]

    def said(charge: NextCharge) -> str:
        amount = money_said(visit, charge.amount_minor, charge.currency)
        return f"{amount} on {day_text(charge.on, visit.organization.locale)}"

    if now.amount_minor == then.amount_minor:
        return [f"The next charge stays as it is: {said(now)}."]
    return [
        f"The next charge is {said(then)}, instead of {money_said(visit, now.amount_minor, now.currency)}.",
        reader_text(then.why, visit.organization.locale),
    ]


def _confirm(
    visit: Visit,
    title: str,
    label: str,
    said: Sequence[str],
    form: DiscountForm | EndForm,
    url: str,
    back: str,
) -> ConfirmPage:
    return ConfirmPage(
        title=title,
        confirm=Confirm(
            action_url=url,
            label=label,
            consequences=tuple(said),
            digest=digest_of(url, title, list(said)),
            cancel_url=back,
            fields=form.again(),
        ),
    )
