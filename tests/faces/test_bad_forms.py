"""What people send that no form of ours would: every form of the console is found by itself, and filled with what
nobody means. It is refused in words, as 4xx and never as a fault of ours, and nothing is half-written."""

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at
from tests.faces.reading_forms import forms_on
from tests.faces.test_console_addresses import routes
from tests.faces.things_to_show import addressed, things_to_show
from tests.staff import signed_in
from tests.world import STAFF, a_world

from paidthru import invariants
from paidthru.actions.add_prorate_table import add_prorate_table
from paidthru.actions.keep_example import keep_example
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.set_policy import set_policy
from paidthru.dunning.models import Case
from paidthru.ledger.models import Batch, Journal
from paidthru.membership.models import BillingRun
from paidthru.organizations.models import PolicyChange, PolicyExample
from paidthru.organizations.rules.examples import Draft
from paidthru.timeline.models import Event, IdempotencyKey

pytestmark = pytest.mark.django_db(transaction=True)

#: What is typed, posted or pasted into fields that ask for something else, by their kind.
NUL, LONG, TURNED = "nul \0 here", "x" * 5_000, "\u202eesrever \u200f\u2066"
BAD = {
    "date": (NUL, "0001-01-01", "9999-12-31"),
    "text": (NUL, LONG, "-5", "9" * 30, TURNED),
    "textarea": (NUL, LONG, TURNED),
    "hidden": (NUL, LONG),
}
OTHERWISE = (NUL, "nothing of the list")
#: A policy with a choice, a list and a date.
POLICIES = ("dunning.mail_days",)
#: Uploads and the processor's keys have their own tests; time isn't typed; examples are told, which lasts.
ELSEWHERE = ("import/", "settings/payments/", "settings/examples/", "settings/impact/", "time/")


def a_club() -> tuple[Collection, dict[str, object]]:
    """A club in which every page has something to show; the ids that stand in its addresses."""
    found = billed("Ann", "Bob", preset="ams_nonprofit")
    organization, now = found.world.organization, found.desk.clock.now()
    found.behave("Bob", "decline", "insufficient_funds")
    found.advance(days=1)
    found.world.plan("Other", 4_500)
    add_prorate_table(organization, "Half", ["1"] * 12, actor=STAFF, now=now)
    link = make_join_link(organization, found.plan.id, actor=STAFF, now=now)
    set_policy(
        organization, {"dunning.mail_days": [4]}, actor=STAFF, now=now, on=found.desk.today.replace(month=6)
    )
    keep_example(organization, Draft(TOLD), actor=STAFF, now=now)
    return found, {
        "party_id": found.party("Bob"),
        "invoice_id": found.invoice("Bob").id,
        "attempt_id": found.attempt("Bob").id,
        "payment_id": found.payments("Ann")[0].id,
        "case_id": Case.objects.get().id,
        "plan_id": found.plan.id,
        "link_id": link.id,
        "change_id": PolicyChange.objects.get().id,
        "example_id": PolicyExample.objects.get().id,
        "run_id": BillingRun.objects.earliest("id").id,
        "batch_id": Batch.objects.earliest("id").id,
        **things_to_show(found),
    }


TOLD = """story: Kept

plan Regular: 200 every year

2026-07-20
  Ann joins Regular by check
"""


def addresses(ids: dict[str, object]) -> Iterator[str]:
    for route in routes():
        if route == "settings/<str:name>/":
            yield from (f"settings/{key}/" for key in POLICIES)
        elif not route.startswith(ELSEWHERE):
            yield addressed(route, ids)


def written() -> tuple[int, ...]:
    return tuple(table.objects.count() for table in (Event, Journal, IdempotencyKey, PolicyChange))


def posted(client: Client, path: str, fields: dict[str, str]) -> str:
    """What is wrong with the answer; nothing when it is an answer, and a refusal has written nothing."""
    before = written()
    status = client.post(path, fields).status_code
    if status >= 500 or (status >= 400 and written() != before):
        return f"{status} {path} {fields}"[:300]
    return ""


def test_what_no_form_of_ours_would_send_is_refused_in_words() -> None:
    found, ids = a_club()
    client, other = signed_in(found.world), str(a_world(name="Other").plan().id)
    client.raise_request_exception = False
    wrong, forms = [], 0
    for path in addresses(ids):
        here = at(found.world, path)
        page = client.get(here)
        html = page.content.decode() if "html" in page.headers.get("Content-Type", "") else ""
        for form in forms_on(html) if page.status_code == 200 else []:
            forms += 1
            for name, kind in form.kinds.items():
                all_bad = (*BAD.get(kind, OTHERWISE), *((other,) if kind == "select" else ()))
                wrong += [posted(client, form.action or here, form.fields | {name: bad}) for bad in all_bad]
        wrong.append(posted(client, here, {"key": NUL, "digest": NUL, "on": NUL}))
    assert [one for one in wrong if one] == []
    assert forms > 40
    assert invariants.check(found.world.organization.id) == []
