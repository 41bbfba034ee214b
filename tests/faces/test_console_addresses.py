"""Every address of the console, found by itself: nobody gets in without a role here."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver
from tests.collecting import billed
from tests.faces.acting import at
from tests.staff import signed_in
from tests.world import a_world

from paidthru.dunning.models import Case
from paidthru.faces.console.urls import urlpatterns
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def routes() -> Iterator[str]:
    """Below an organization's own address."""
    for one in urlpatterns:
        if isinstance(one, URLResolver):
            for pattern in one.url_patterns:
                assert isinstance(pattern, URLPattern)
                yield str(pattern.pattern)


def test_every_address_is_closed_to_whoever_has_no_role_here() -> None:
    found = billed("Ann", "Bob", preset="ams_nonprofit")
    found.behave("Bob", "decline", "insufficient_funds")
    found.advance(days=1)
    ids = {
        "party_id": found.party("Bob"),
        "invoice_id": found.invoice("Bob").id,
        "attempt_id": found.attempt("Bob").id,
        "payment_id": found.payments("Ann")[0].id,
        "case_id": Case.objects.get().id,
        "plan_id": found.plan.id,
        "run_id": BillingRun.objects.earliest("id").id,
        "batch_id": Batch.objects.earliest("id").id,
    }
    other = a_world(name="Other")
    stranger, events = signed_in(other), Event.objects.count()
    seen = 0
    for route in routes():
        path = re.sub(r"<\w+:(\w+)>", lambda name: str(ids.get(name[1], uuid4())), route)
        for method in ("get", "post"):
            assert getattr(stranger, method)(at(found.world, path)).status_code == 404, route
            here = getattr(Client(), method)(at(found.world, path))
            assert (here.status_code, here["Location"].split("?")[0]) == (302, "/sign-in/"), route
            if any(name in route for name in ids):  # what is there, asked for at the wrong address
                seen += 1
                assert getattr(stranger, method)(at(other, path)).status_code == 404, route
    assert seen > 60
    assert Event.objects.count() == events
