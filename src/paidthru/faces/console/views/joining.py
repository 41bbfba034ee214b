"""Adding a member, and giving somebody who is known a membership: entered, read, then done once."""

import hashlib
import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.join import admit, preview_join
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.formats import day_text, money_text, period_text, reader_text
from paidthru.faces.console.joining_form import COLLECTED, JoiningForm
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, Problem
from paidthru.faces.console.parts import Action, Fact, Link
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.membership.models import Plan
from paidthru.membership.operations.returning import is_former
from paidthru.membership.queries import membership_of, plans_of
from paidthru.membership.rules.joining import FirstTerm
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import active_method, credit_of
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft
from paidthru.timeline.queries import was_done


@staff_page("renew")
def add(visit: Visit) -> HttpResponseBase:
    """Somebody new and their plan; then, before anything is written, exactly what it means."""
    return _enter(visit, None)


@staff_page("renew")
def add_confirmed(visit: Visit) -> HttpResponseBase:
    """Adds the member as it was read. Pressed twice: one member."""
    return _confirmed(visit, None)


@staff_page("renew")
def join(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """The same for somebody who is known and has no membership, or one whose last term is over (X19)."""
    return _enter(visit, get_object_or_404(Party, id=party_id, organization=visit.organization))


@staff_page("renew")
def join_confirmed(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Gives them the membership as it was read. Pressed twice: one membership."""
    return _confirmed(visit, get_object_or_404(Party, id=party_id, organization=visit.organization))


def _here(visit: Visit, party: Party | None) -> str:
    return f"{member_url(visit, party.id)}join/" if party else visit.url("members/add/")


def _enter(visit: Visit, party: Party | None) -> HttpResponseBase:
    _refuse_members(visit, party)
    if visit.request.method != "POST":
        start = {"starting_on": visit.desk.today, "key": str(new_id())}
        plans = [plan for plan in plans_of(visit.organization.id) if not plan.closed]
        start["plan"] = next((str(plan.id) for plan in plans if plan.is_default or len(plans) == 1), "")
        return visit.page(_entry(visit, party, _form(visit, party, None, start)), "members")
    form = _form(visit, party, visit.request.POST)
    first = _decided(visit, party, form)
    if first is None:
        return visit.page(_entry(visit, party, form), "members", 422)
    return visit.page(_confirm(visit, party, form, first), "members")


def _confirmed(visit: Visit, party: Party | None) -> HttpResponseBase:
    posted = visit.request.POST
    if visit.request.method != "POST":
        return redirect(_here(visit, party))
    done = was_done(visit.organization.id, posted.get("key", ""))
    if not done:
        _refuse_members(visit, party)
    form = _form(visit, party, posted)
    first = None if done else _decided(visit, party, form)
    if not form.is_valid() or (first is None and not done):
        return visit.page(_entry(visit, party, form), "members", 422)
    clean = form.cleaned_data
    if first is not None:
        page = _confirm(visit, party, form, first)
        if posted.get("digest") != page.confirm.digest:
            messages.warning(visit.request, "What joining means has changed. Please read it again.")
            return visit.page(page, "members", 409)
        if page.confirm.acknowledge and posted.get("acknowledge") != "yes":
            messages.warning(visit.request, "Tick that the date in the past is meant.")
            return visit.page(page, "members", 422)
    party_id = admit(
        visit.organization,
        party.id if party else _draft(form),
        UUID(clean["plan"]),
        actor=visit.actor,
        now=visit.desk.clock.now(),
        key=clean["key"],
        starting_on=clean["starting_on"],
        current_cycle_paid=clean["paid"],
        prorated=form.prorate,
        renews=form.renews,
        confirmed=True,  # it was read
    )
    name = party.name if party else clean["name"]
    if done:
        messages.info(visit.request, f"{name} was added already; nothing was added.")
    else:
        plan = _plan(visit, form)
        messages.success(visit.request, f"{name} has joined {plan.name}.")
    return redirect(member_url(visit, party_id))


def _refuse_members(visit: Visit, party: Party | None) -> None:
    standing = membership_of(party.id) if party else None
    extends = standing is not None and standing.plan.kind == "prepaid"  # by a further term (C-24)
    if (
        party
        and standing
        and standing.state != "ended"
        and not (is_former(standing, visit.desk.today) or extends)
    ):
        raise Refused(
            "already_a_member",
            f"{party.name} already has a membership.",
            field="member",
            value=party.name,
            fix="Renew or switch it instead of joining again.",
        )


def _comes_back(visit: Visit, party: Party | None) -> bool:
    """Whether somebody's membership is still marked active although its last term is over."""
    standing = membership_of(party.id) if party else None
    return standing is not None and is_former(standing, visit.desk.today)


def _draft(form: JoiningForm) -> PartyDraft:
    clean = form.cleaned_data
    return PartyDraft(name=clean["name"], email=clean["email"], external_id=clean["external_id"] or None)


def _plan(visit: Visit, form: JoiningForm) -> Plan:
    return Plan.objects.get(organization=visit.organization, id=form.cleaned_data["plan"])


def _form(
    visit: Visit, party: Party | None, posted: QueryDict | None, initial: dict[str, object] | None = None
) -> JoiningForm:
    policies = policies_of(visit.organization)
    # Pressed twice, the second finds somebody who is back already and still means what was chosen.
    asked = _comes_back(visit, party) or (posted is not None and "again_as" in posted)
    return JoiningForm(
        posted,
        initial=initial,
        today=visit.desk.today,
        plans=[(plan.id, plan.name) for plan in plans_of(visit.organization.id) if not plan.closed],
        plan=visit.words.plan,
        newcomer=party is None,
        fixed_terms=policies.word("term.basis") == "annual",
        asks_return=asked and policies.word("rejoin.mode") == "ask",
    )


def _decided(visit: Visit, party: Party | None, form: JoiningForm) -> FirstTerm | None:
    """The first term that the form asks for; None where the form now says what is wrong."""
    if not form.is_valid():
        return None
    clean = form.cleaned_data
    id_ = clean.get("external_id")
    if id_ and not was_done(visit.organization.id, clean["key"]):
        known = Party.objects.filter(organization=visit.organization, external_id=id_).first()
        if known:
            form.add_error("external_id", f"{known.name} has that id already. Use another one, or none.")
            return None
    renews = form.renews
    if renews is None and _comes_back(visit, party):
        renews = policies_of(visit.organization).word("rejoin.mode") == "renewal_if_active"
    if renews and clean["paid"]:
        form.add_error("paid", "A renewal is billed. Mark its cycle as paid on the member’s page.")
        return None
    try:
        return preview_join(
            visit.organization,
            party.id if party else None,
            UUID(clean["plan"]),
            visit.desk.today,
            starting_on=clean["starting_on"],
            current_cycle_paid=clean["paid"],
            prorated=form.prorate,
            renews=renews,
        )
    except Refused as refused:
        form.refuse(refused)
        return None


def _crumbs(visit: Visit, party: Party | None) -> tuple[Link, ...]:
    members = Link(visit.words.titled("members"), visit.url("members/"))
    return (members, Link(party.name, member_url(visit, party.id))) if party else (members,)


def _entry(visit: Visit, party: Party | None, form: JoiningForm) -> FormPage:
    return FormPage(
        title="Add a membership" if party else "Add a member",
        form=form,
        submit_label="See what it means",
        action_url=_here(visit, party),
        cancel_url=member_url(visit, party.id) if party else visit.url("members/"),
        intro=f"{party.name} takes up a {visit.words.plan}."
        if party
        else f"Somebody new, and the {visit.words.plan} that they take up.",
        aside=(
            "Nothing is written yet: the next step shows the term, what is billed and when.",
            "Card and bank details are never entered here; members enter their own.",
        ),
        crumbs=_crumbs(visit, party),
        problem=None if form.has_plans else _no_plan(visit, party),
    )


def _no_plan(visit: Visit, party: Party | None) -> Problem:
    plan = visit.words.plan
    return Problem(
        f"There is no {plan} that anybody could take up yet",
        way_out=f"Add one first{'; whoever takes up none is added as a contact' if party is None else ''}.",
        actions=(
            *((Action(f"Add a {plan}", visit.url("plans/add/")),) if visit.may("set_policy") else ()),
            *((Action("Add a contact", visit.url("members/contact/")),) if party is None else ()),
        ),
    )


def _confirm(visit: Visit, party: Party | None, form: JoiningForm, first: FirstTerm) -> ConfirmPage:
    clean, locale, plan = form.cleaned_data, visit.organization.locale, _plan(visit, form)
    name, starts = party.name if party else clean["name"], clean["starting_on"]
    sentences = (
        *_person(visit, party, form),
        *_coming_back(visit, party, form),
        *_term(visit, party, plan, form, first),
    )
    past = starts < visit.desk.today
    fields = form.again()
    read = json.dumps([str(party.id) if party else "", fields, sentences])
    facts = [Fact("Plan", plan.name), Fact("Billing cycle starts", starts)]
    if not party:
        facts = [Fact("E-mail", clean["email"]), Fact("Roster id", clean["external_id"]), *facts]
    return ConfirmPage(
        title=f"Let {name} join {plan.name}?" if party else f"Add {name} to {plan.name}?",
        confirm=Confirm(
            action_url=f"{_here(visit, party)}confirm/",
            label="Add the membership" if party else "Add the member",
            consequences=sentences,
            digest=hashlib.sha256(read.encode()).hexdigest(),
            cancel_url=member_url(visit, party.id) if party else visit.url("members/"),
            fields=fields,
            acknowledge=f"The billing cycle is meant to start in the past, on {day_text(starts, locale)}."
            if past
            else "",
        ),
        facts=tuple(fact for fact in facts if fact.value),
        crumbs=_crumbs(visit, party),
    )


def _person(visit: Visit, party: Party | None, form: JoiningForm) -> tuple[str, ...]:
    if party:
        return ()
    found = [f"Adds {form.cleaned_data['name']} to the people you know."]
    email = form.cleaned_data["email"]
    same = (
        Party.objects.filter(organization=visit.organization, email__iexact=email).first() if email else None
    )
    if same:
        found.append(
            f"{same.name} (number {same.number}) has the same e-mail address: this adds another person."
        )
    return tuple(found)


def _coming_back(visit: Visit, party: Party | None, form: JoiningForm) -> tuple[str, ...]:
    """What becomes of the membership that a former member still has, or of a prepaid one that runs."""
    if not _comes_back(visit, party):
        standing = membership_of(party.id) if party else None
        runs_on = standing is not None and standing.state != "ended" and standing.plan.kind == "prepaid"
        return ("Adds a further term after the last one.",) if runs_on else ()
    word = policies_of(visit.organization).word("rejoin.mode")
    renews = form.renews if form.renews is not None else word != "new_membership"
    if renews:
        return ("Renews the membership whose last term is over, without proration.",)
    return ("Ends the membership whose last term is over; a new one begins.",)


def _term(
    visit: Visit, party: Party | None, plan: Plan, form: JoiningForm, first: FirstTerm
) -> tuple[str, ...]:
    """The term and its bill in sentences; the dates that surprise are said first."""
    locale, today, period = visit.organization.locale, visit.desk.today, first.period
    starts, found = form.cleaned_data["starting_on"], []

    def money(amount_minor: int) -> str:
        return money_text(Money(amount_minor, plan.currency), locale)

    if starts < today:
        found.append(f"{day_text(starts, locale)} is in the past: {(today - starts).days} days ago.")
    if first.billing == "never":
        return (*found, f"{plan.name} has no terms: nothing is billed, and the membership is active at once.")
    found.append(f"The first term is {period_text(period, locale)}.")
    by_itself = (
        plan.kind == "subscription" and policies_of(visit.organization).word("billing.trigger") == "auto"
    )
    if period.end <= today:
        after = " What follows it is billed by the calendar right away." if by_itself else ""
        found.append(f"That term is over already.{after}")
    amount = money(sum(line.amount_minor for line in first.lines))
    if first.billing == "paid":
        found.append("The term counts as paid: nothing is billed for it, and the membership is active.")
        found.append(COLLECTED)
    elif first.billing == "later":
        on = day_text(period.start, locale)
        found.append(f"Nothing is billed now. {amount} is billed on {on}, at the prices of that day.")
    else:
        due = day_text(max(today, period.start), locale)
        found.append(f"Bills {amount} now, due {due}. The membership is active once it is paid.")
        credit = credit_of(party.id).get(plan.currency, 0) if party else 0
        if credit and policies_of(visit.organization).word("credit.apply") == "auto":
            found.append(f"Their credit of {money(credit)} is used for it first.")
    found += [reader_text(str(line.derivation["text"]), locale) for line in first.lines]
    if by_itself and (party is None or active_method(party.id) is None):
        found.append(
            f"{plan.name} renews by itself. Renewal needs a payment method, which only the member can enter;"
            " there is none on file."
        )
    return tuple(found)
