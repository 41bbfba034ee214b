"""Settings: the organization's policies, each with its value, where it comes from, and what it could be."""

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.set_policy import set_policy
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.money_forms import PolicyForm
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import Action, Badge, Column, Fact, Link, Row, Table, Text, Value
from paidthru.faces.console.sentences import moments
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import CATALOGUE, Key, Policies, parse, shown
from paidthru.timeline.queries import events_of

_GROUPS = {
    "billing": "Billing",
    "term": "Terms",
    "proration": "Proration",
    "paid_through": "Paid through",
    "accounting": "Accounting",
    "invoice": "Invoices",
    "batch": "Batches",
    "collect": "Collection",
    "status": "Status",
    "credit": "Credit",
}
_COLUMNS = (
    Column("policy", "Policy", "prose"),
    Column("value", "Value", "code"),
    Column("source", "From", "badge"),
    Column("allowed", "It can be", "prose"),
)


@staff_page("view")
def policies(visit: Visit) -> HttpResponseBase:
    """The policies in force (G-01, G-05), by what they decide."""
    effective = policies_of(visit.organization)
    groups: dict[str, list[Key]] = {}
    for key in CATALOGUE.values():
        groups.setdefault(key.name.split(".")[0], []).append(key)
    rows: list[Row] = []
    for name, keys in groups.items():
        rows.append(Row(heading=_GROUPS.get(name, name.replace("_", " ").capitalize())))
        rows += [_row(visit, effective, key) for key in keys]
    changes = events_of(visit.organization.id, visit.organization.id, limit=20)
    return visit.page(
        RecordPage(
            title="Settings",
            intro="Each policy comes from the preset until somebody sets it here.",
            facts=(
                Fact("Organization", visit.organization.name),
                Fact("Preset", visit.organization.preset),
                Fact("Currency", visit.organization.currency),
                Fact("Time zone", visit.organization.zone),
                Fact("Mode", "Sandbox: no real money" if visit.organization.is_sandbox else "Live"),
            ),
            actions=(
                (Action("Payment processor", visit.url("settings/payments/")),)
                if visit.may("connect_gateway")
                else ()
            ),
            sections=(Section("policies", "Policies", Table(_COLUMNS, tuple(rows), "Policies")),),
            timeline=moments(changes, visit.organization.locale) or None,
        ),
        "settings",
    )


def _row(visit: Visit, effective: Policies, key: Key) -> Row:
    found = effective.effective(key.name)
    source: Value = Badge("Set here", "info") if found.source == "organization" else Badge("Preset")
    href = visit.url(f"settings/{key.name}/") if visit.may("set_policy") else None
    return Row((Text(key.sentence, key.name), shown(found.value), source, key.expected()), href)


@staff_page("set_policy")
def policy(visit: Visit, name: str) -> HttpResponseBase:
    """Sets a policy; what it would contradict is said, and nothing is changed (G-12, G-35)."""
    key = CATALOGUE.get(name)
    if key is None:
        raise Http404
    effective = policies_of(visit.organization).effective(name)
    words = () if key.calls or key.low is not None else key.words
    form = PolicyForm(
        visit.request.POST or None,
        initial={"value": shown(effective.value)},
        words=words,
        expected=key.expected(),
    )
    if visit.request.method == "POST" and form.is_valid():
        try:
            set_policy(
                visit.organization,
                {name: parse(name, form.cleaned_data["value"])},
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.add_error("value", f"{refused.message} {refused.fix or ''}".strip())
        else:
            messages.success(visit.request, f"{name} is set to {form.cleaned_data['value']}.")
            return redirect(visit.url("settings/"))
    came = "the preset" if effective.source.startswith("preset") else "this organization’s settings"
    return visit.page(
        FormPage(
            title=key.sentence,
            form=form,
            cancel_url=visit.url("settings/"),
            intro=f"{name} is now {shown(effective.value)}, from {came}.",
            aside=(
                "It holds for what is billed from now on. What was billed keeps what it was billed with.",
                "A renewal run that was previewed before has to be previewed again.",
            ),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
        422 if form.errors else 200,
    )
