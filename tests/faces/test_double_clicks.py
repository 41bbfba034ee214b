"""A confirmation that is posted twice at the same moment, as by a double click or from two tabs, is done once; and one
that was read before the world changed is shown again instead (B-19)."""

from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, hidden
from tests.faces.reading_forms import forms_on
from tests.staff import signed_in
from tests.together import together
from tests.world import STAFF

from paidthru import invariants
from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.keep_example import keep_example
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.pause_case import pause_case
from paidthru.actions.set_policy import set_policy
from paidthru.dunning.models import Case
from paidthru.organizations.models import PolicyChange, PolicyExample
from paidthru.organizations.rules.examples import Draft
from paidthru.people.models import Party
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

SOON = (date(2026, 1, 2) + timedelta(days=40)).isoformat()
TOLD = "story: {}\n\nplan Regular: 200 every year\n\n2026-07-20\n  Ann joins Regular by check\n"
#: What is filled in, by the address; each is done to a member of its own.
OF_A_MEMBER: dict[str, dict[str, str]] = {
    "members/{party}/switch/": {"plan": "{plan}"},
    "members/{party}/renewal-date/": {"renewal_date": SOON},
    "members/{party}/active/": {"renewal_date": SOON},
    "members/{party}/dates/": {"joined_on": "2020-02-02", "why": "Her letter"},
    "members/{party}/paid/": {"paid": "on", "reason": "cash"},
    "members/{party}/resolve/": {"way": "waive", "why": "A gift"},
    "members/{party}/resolve/#charged": {"way": "charge_now"},
    "members/{party}/cancel/": {},
    "members/{party}/undo/": {},
    "members/{party}/charge/": {"amount": "12.00", "purpose": "Guest"},
    "members/{party}/pay/": {"amount": "100.00", "means": "cash", "received_on": "2026-01-02"},
    "invoices/{invoice}/write-off/": {"extent": "all", "reason": "Gone"},
    "failures/{case}/pause/": {"until": SOON},
    "failures/{case}/resume/": {},
    "failures/{case}/skip/": {},
    "failures/{case}/arrange/": {"amount_1": "100.00", "due_1": SOON},
    "failures/{case}/close/": {"why": "Known"},
}
OF_THE_CLUB: dict[str, dict[str, str]] = {
    "failures/adopt/": {},
    "plans/prorate/add/": {"name": "Half", "factors": "1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5"},
    "plans/{plan}/links/make/": {},
    "plans/{plan}/links/{link}/": {},
    "plans/{plan}/prorate/": {"prorate": "months"},
    "settings/status.grace_months/": {"number": "2"},
    "settings/changes/{change}/withdraw/": {},
    "settings/examples/add/": {"text": TOLD.format("Another")},
    "settings/examples/{example}/remove/": {},
    "billing-contact/": {"contact": "Bill"},
    "members/add/": {"name": "New", "email": "new@example.org", "plan": "{plan}"},
}


def a_club(names: list[str]) -> tuple[Collection, dict[str, str]]:
    """Members whose payment failed, each with a case; the plan, the link, the change and the example to act on."""
    found = billed(*names, "Bill", preset="ams_nonprofit")
    for name in names:
        found.behave(name, "decline", "insufficient_funds")
    found.advance(days=1)
    for name in names:
        found.behave(name, "accept")
    organization, now = found.world.organization, found.desk.clock.now()
    plan = found.world.plan("Other", 12_000)
    link = make_join_link(organization, plan.id, actor=STAFF, now=now)
    set_policy(organization, {"dunning.mail_days": [4]}, actor=STAFF, now=now, on=date(2026, 6, 1))
    set_policy(organization, {"dunning.mail_days": [5]}, actor=STAFF, now=now)  # for open cases to adopt
    Party.objects.filter(name="Bill").update(email="bill@example.org")
    keep_example(organization, Draft(TOLD.format("Kept")), actor=STAFF, now=now)
    return found, {
        "plan": str(plan.id),
        "link": str(link.id),
        "change": str(PolicyChange.objects.get().id),
        "example": str(PolicyExample.objects.get(name="Kept").id),
    }


def clicked(clients: list[Client], path: str, fields: dict[str, str]) -> list[HttpResponse]:
    """Fills in the form that one of them has open, and posts each of its steps from all of them at once; the answers to
    the last."""
    page = clients[0].get(path)
    if page.status_code == 404:  # a button of another page
        return all_at_once(clients, path, fields)
    form = forms_on(page.content.decode())[0]
    answers = all_at_once(clients, form.action or path, form.fields | fields)
    asked = [answer for answer in answers if answer.status_code == 200]
    if "digest" in form.fields or not asked:
        return answers
    html = asked[0].content.decode()
    return all_at_once(clients, forms_on(html)[0].action or path, hidden(html))


def all_at_once(clients: list[Client], path: str, fields: dict[str, str]) -> list[HttpResponse]:
    answers = together([partial(client.post, path, fields) for client in clients])
    return [answer for answer in answers if isinstance(answer, HttpResponse)]


def test_each_act_confirmed_twice_at_once_is_done_once() -> None:
    names = [f"M{n:02}" for n in range(len(OF_A_MEMBER))]
    found, ids = a_club(names)
    organization, now = found.world.organization, found.desk.clock.now()
    mine = {"organization": organization}
    acts = [
        (path.partition("#")[0].format(party=found.party(name), invoice=found.invoice(name).id,
                     case=Case.objects.get(party=found.party(name)).id), fields, name)
        for name, (path, fields) in zip(names, OF_A_MEMBER.items(), strict=True)
    ]  # fmt: skip
    for path, _, name in acts:
        if path.endswith("/undo/"):
            cancel_membership(organization, found.membership(name).id, actor=STAFF, now=now)
        elif path.endswith("/resume/"):
            case = Case.objects.get(party=found.party(name))
            pause_case(organization, case.id, until_on=date(2026, 3, 1), why="", actor=STAFF, now=now)
    acts += [(path.format(**ids), fields, "") for path, fields in OF_THE_CLUB.items()]
    wrong = []
    for path, fields, name in acts:
        clients = [signed_in(found.world, email=f"{n}@maple.example") for n in range(2)]
        for client in clients:
            client.raise_request_exception = False
        before = set(Event.objects.filter(**mine).values_list("id", flat=True))
        wanted = {key: value.format(**ids) if "{" in value else value for key, value in fields.items()}
        codes = [answer.status_code for answer in clicked(clients, at(found.world, path), wanted)]
        happened = Counter(
            Event.objects.filter(**mine)
            .exclude(id__in=before)
            .values_list("verb", "party_id", "subject_kind")
        )
        if len(codes) < 2 or max(codes) >= 500 or not happened or max(happened.values()) > 1:
            wrong.append((path, name, codes, happened))
    for one in wrong:
        print(one)
    assert wrong == []
    assert invariants.check(organization.id) == []
