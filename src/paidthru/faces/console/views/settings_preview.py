"""What a change of policy does, shown before it is made; and the change made. The one place for both."""

from collections.abc import Mapping
from datetime import date

from paidthru.actions.set_policy import set_policy
from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting import digest_of
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.impact_pages import impact_facts
from paidthru.faces.console.pages import Confirm, ConfirmPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.faces.console.policy_form import PolicyForm
from paidthru.faces.console.settings_pages import Place, of_staff
from paidthru.faces.console.views.examples import together_url
from paidthru.faces.stories.examples import Trial, change_policies, try_change
from paidthru.invoicing.operations import refuse_renumbering
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.operations.deciding import Scope, considered
from paidthru.membership.rules.illustrations import Asked, illustrate
from paidthru.organizations.models import User
from paidthru.organizations.queries import has_second_factor
from paidthru.organizations.rules.conflicts import without_effect
from paidthru.organizations.rules.policies import CATALOGUE, Key, Policies, Value, parse

_KEPT = (
    "What is billed keeps what it was billed with. A run that was previewed before has to be previewed again."
)


def previewed(visit: Visit, place: Place, policy: Key, form: PolicyForm, here: str, back: str) -> ConfirmPage:
    """The confirm step: before and after, an example of each, what it reveals, and what would break.

    Refused as `set_policy`.
    """
    value, on = _asked(policy, form), form.cleaned_data["starting"]
    _refuse_past(visit, on)
    before = place.policies(visit.organization)
    scope = Scope(place.kind, place.id)
    _refuse_renumbering(visit, {policy.name: value}, on)
    after = considered(visit.organization, before, {policy.name: value}, scope)
    was, is_ = before.effective(policy.name), after.effective(policy.name)
    when = f"on {day_text(on, visit.organization.locale)}" if on else "at once"
    change = f"{policy.name} changes from “{policy.said(was.value)}” to “{policy.said(is_.value)}”, {when}."
    consequences = [
        change,
        *(_for_staff(visit, policy, is_.value) if of_staff(policy) else (_KEPT,)),
        *_revealed(before, after),
        *(sentence for sentence in without_effect(after) if sentence not in without_effect(before)),
    ]
    label = "Plan the change" if on else "Change it"
    trial: Trial | None = None
    if place.kind == "organization":
        trial = try_change(visit.organization, {policy.name: value})
        consequences += [
            f"The example “{one.name}” would no longer hold: {one.sentence()}."
            for one in trial.verdict.broken
        ]
        consequences += [f"The example “{name}” is kept from now on." for name in trial.taken_up]
        if trial.verdict.broken:
            consequences.append("It can be changed together with these examples, or once they are removed.")
            label = ""
    title = f"Change “{policy.title}”{f' for {place.name}' if place.name else ''}?"
    return ConfirmPage(
        title=title,
        text=policy.sentence,
        facts=(
            *_examples(visit, policy, before, after),
            *_impact(visit, place, {policy.name: value}, trial, on),
        ),
        confirm=Confirm(
            here,
            label,
            tuple(consequences),
            digest=digest_of(policy.name, was.value, is_.value, on, consequences),
            cancel_url=here,
            cancel_label="Change something else",
            fields=form.again(),
        ),
        crumbs=(Link("Settings", back),),
    )


def made(visit: Visit, place: Place, policy: Key, form: PolicyForm) -> str:
    """Makes the change, and says so. Refused as `set_policy`."""
    value, on = _asked(policy, form), form.cleaned_data["starting"]
    now, key = visit.desk.clock.now(), form.cleaned_data["key"]
    if place.kind == "organization":
        change_policies(visit.organization, {policy.name: value}, actor=visit.actor, now=now, on=on, key=key)
    else:
        set_policy(
            visit.organization,
            {policy.name: value},
            actor=visit.actor,
            now=now,
            on=on,
            key=key,
            plan_id=place.id if place.kind == "plan" else None,
            customer_id=place.id if place.kind == "customer" else None,
            membership_id=place.id if place.kind == "subscription" else None,
        )
    whom = f" for {place.name}" if place.name else ""
    if value is None:
        return f"{policy.name} is no longer set here{whom}."
    if on:
        return f"{policy.name} changes to {form.text}{whom} on {day_text(on, visit.organization.locale)}."
    return f"{policy.name} is set to {form.text}{whom}."


def _for_staff(visit: Visit, policy: Key, value: Value) -> tuple[str, ...]:
    """What a policy of those who work here comes to for them, oneself included."""
    if policy.name != "staff.second_factor" or value != "on":
        return ()
    here = User.objects.filter(roles__organization=visit.organization, is_active=True).distinct()
    lacking = [one for one in here if not has_second_factor(one)]
    others = len(lacking) - (visit.user in lacking)
    said = []
    if visit.user in lacking:
        said.append("You have none: you are led to set one up as soon as it is saved.")
    if others:
        who = "1 other who works here has" if others == 1 else f"{others} others who work here have"
        said.append(f"{who} none: nothing else opens until one is set up.")
    return tuple(said)


def _impact(
    visit: Visit, place: Place, changes: Mapping[str, Value | None], trial: Trial | None, on: date | None
) -> tuple[Fact, ...]:
    """What it alters in the next 30 days, and the way to change the examples that it breaks along with it. Not asked
    again when the step is confirmed."""
    facts: tuple[Fact, ...] = ()
    about_members = not all(of_staff(CATALOGUE[key]) for key in changes)
    if about_members and on is None and visit.request.POST.get("digest") is None:
        facts = impact_facts(visit, changes, place)
    if trial is not None and trial.verdict.broken:
        way = Link("Change them together with it", together_url(visit, changes, on))
        facts = (*facts, Fact("The examples", way))
    return facts


def _asked(policy: Key, form: PolicyForm) -> Value | None:
    text = form.text
    try:
        return None if text is None else parse(policy.name, text)
    except Refused as refused:
        raise Refused(
            refused.code, refused.message, field="value", value=refused.value, fix=refused.fix
        ) from refused


def _refuse_past(visit: Visit, on: date | None) -> None:
    if on is not None and on <= local_date(visit.desk.clock.now(), visit.organization.zone):
        raise Refused(
            "past_date",
            f"{day_text(on, visit.organization.locale)} has come already.",
            field="starting",
            value=on.isoformat(),
            fix="Give a later date, or leave it empty to change it now.",
        )


def _refuse_renumbering(visit: Visit, values: Mapping[str, Value | None], on: date | None) -> None:
    try:
        refuse_renumbering(visit.organization, values, today=visit.desk.today, on=on)
    except Refused as refused:
        raise Refused(
            refused.code, refused.message, field="value", value=refused.value, fix=refused.fix
        ) from refused


def _revealed(before: Policies, after: Policies) -> list[str]:
    """What the choice opens elsewhere: accrual reveals two more ways to move paid through (G-12)."""
    if before.word("accounting.method") == "cash" and after.word("accounting.method") == "accrual":
        return ["paid_through.on has two more choices then: by the line, and at billing itself."]
    if before.word("accounting.method") == "accrual" and after.word("accounting.method") == "cash":
        return ["paid_through.on keeps two choices then: everything paid, or the primary fee paid."]
    return []


def _examples(visit: Visit, policy: Key, before: Policies, after: Policies) -> tuple[Fact, ...]:
    organization = visit.organization
    asked = (
        Asked(each, visit.desk.today, organization.zone, organization.currency) for each in (before, after)
    )
    said = [reader_text(illustrate(policy.name, each), organization.locale) for each in asked]
    if not all(said):
        return ()
    return (Fact("For example, now", said[0]), Fact("And then", said[1]))
