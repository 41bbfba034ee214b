"""Exports to other programs (A-55, I-17), closed periods, and the invoice numbers: what an accountant relies on."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from beancount import loader
from django.db import IntegrityError, connection, transaction
from tests.world import STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.close_period import close_period
from paidthru.actions.export_books import export_books
from paidthru.actions.post_batch import post_batch
from paidthru.actions.record_payment import record_payment
from paidthru.actions.reopen_period import approve_reopening, reopen_period, withdraw_reopening
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch, BookExport, Journal
from paidthru.ledger.operations import hold_open_period
from paidthru.ledger.queries.exporting import book_file, books_of_export, books_of_period
from paidthru.ledger.queries.closing import unposted_in
from paidthru.organizations.operations import set_policy
from paidthru.organizations.rules.policies import parse
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = date(2025, 12, 31)
ALI = Actor("staff", "Ali", "1")
BEA = Actor("staff", "Bea", "2")


def a_club(preset: str = "association", currency: str = "USD") -> World:
    """Ann and Zoë owe a year each, by a run of January 1; batches are posted by hand."""
    world = a_world(preset, currency=currency)
    set_policy(world.organization, "batch.post", parse("batch.post", "manual"))
    plan = world.plan()
    world.member("Ann", plan, paid_through=LAST_YEAR)
    world.member('=Zoë "; | \\', plan, paid_through=LAST_YEAR)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    return world


def pays(world: World, name: str, amount_minor: int, on: date | None = None) -> None:
    record_payment(
        world.organization, party_named(world, name).id, amount_minor=amount_minor,
        currency=world.organization.currency, means="cash", received_on=on, actor=STAFF, now=world.desk.clock.now(),
    )  # fmt: skip


def post_all(world: World) -> None:
    for batch in Batch.objects.filter(organization=world.organization).exclude(state="posted"):
        post_batch(batch.id, actor=STAFF, now=world.desk.clock.now())


def exported(world: World, form: str, export: BookExport | None = None) -> str:
    organization = world.organization
    books = (
        books_of_export(export, organization.name)
        if export
        else books_of_period(organization.id, organization.name, date(2026, 1, 1), date(2026, 3, 31))
    )
    return "".join(book_file(organization.id, books, form))


def checked(text: str) -> list[object]:
    """What bean-check finds wrong."""
    _, errors, _ = loader.load_string(text)
    return list(errors)


def at(world: World, day: datetime) -> None:
    runs.move(world.desk, day) if hasattr(runs, "move") else None


@pytest.mark.parametrize(("preset", "currency"), [("association", "USD"), ("ams_nonprofit", "KWD"), ("coworking", "JPY")])
def test_a_period_is_exported_as_far_as_it_is_posted(preset: str, currency: str) -> None:
    world = a_club(preset, currency)
    post_all(world)
    pays(world, "Ann", 5_000)
    text = exported(world, "beancount")
    assert not checked(text), checked(text)
    assert "Assets:Undeposited" not in text
    assert "Left out, for they aren't posted yet: batches 2." in text
    post_all(world)
    text = exported(world, "beancount")
    assert not checked(text), checked(text)
    amount = {"USD": "50.00 USD", "KWD": "5.000 KWD", "JPY": "5000 JPY"}[currency]
    assert f"Assets:Undeposited  {amount}" in text
    assert f"2026-02-01 balance Assets:Undeposited  {amount}" in text
    assert "Memo" not in text
    assert checked(text.replace(f"Assets:Undeposited  {amount}", "Assets:Undeposited  7 " + currency, 1))
