"""With many members: no page asks the database for each row, and what looks through everything has its index."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from benchmarks.cloning import clone, copied
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q
from django.test import Client
from tests.collecting import billed
from tests.faces.acting import at
from tests.faces.test_console_addresses import routes, streamed
from tests.faces.things_to_show import FOR_MANY, a_shown_club, addressed
from tests.staff import signed_in

from paidthru.invoicing.models import Invoice
from paidthru.membership.queries.health import renewed_between, renewed_in
from paidthru.payments.queries import collected, currencies_collected
from paidthru.people.models import Party

pytestmark = pytest.mark.django_db(transaction=True)

COPIES = 3
SENT = Q(state="sent") | Q(awaits_reissue=True)  # what is asked for, as invoicing.queries says it in SQL
#: Pages that are made of as many parts as there are rows, whatever they are asked for; each a handful of queries a row.
#: Acts for many say of each what they do to it, two hundred at most.
BY_ROW = {"dues/", "dues/upcoming/", "renewals/runs/<uuid:run_id>/notices/", *FOR_MANY}


def asked(client: Client, address: str) -> tuple[int, int]:
    """The status of a page, and how many queries it makes when nothing is known from before."""
    cache.clear()
    count = 0

    def counted(execute: Any, *about: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*about)

    with connection.execute_wrapper(counted):
        answer = client.get(address)
        if answer.streaming:
            for _ in streamed(answer):
                pass
    return answer.status_code, count


def test_no_page_asks_for_each_row() -> None:
    found, ids = a_shown_club()
    staff = signed_in(found.world)
    paths = {route: at(found.world, addressed(route, ids)) for route in routes()}
    before = {route: asked(staff, path) for route, path in paths.items()}
    clone(found.world.organization.id, COPIES)
    wrong = {}
    for route, path in paths.items():
        status, queries = asked(staff, path)
        was, few = before[route]
        if status == was == 200 and queries > few + COPIES and route not in BY_ROW:
            wrong[route] = f"{few} queries, {queries} with {COPIES + 1} times the rows"
    assert wrong == {}
    assert sum(status == 200 for status, _ in before.values()) > 100


def test_a_copy_is_a_member_like_the_first() -> None:
    found, ids = a_shown_club()
    organization = found.world.organization
    numbers = Invoice.objects.filter(organization=organization, number__isnull=False).count()
    clone(organization.id, COPIES)
    every = Invoice.objects.filter(organization=organization, number__isnull=False)
    assert {one.number for one in every} == set(range(1, numbers * (COPIES + 1) + 1))
    assert not every.values("label").annotate(n=Count("id")).filter(n__gt=1).exists()
    staff = signed_in(found.world)
    for name, page in (("party_id", "members"), ("invoice_id", "invoices"), ("payment_id", "payments")):
        here = at(found.world, f"{page}/{copied(ids[name], COPIES)}/")
        assert staff.get(here).status_code == 200, here


@contextmanager
def plans() -> Iterator[list[str]]:
    """How the database goes about what is asked, when it may look through a whole table only if there is no way
    around that."""
    told: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            told.append("\n".join(row[0] for row in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    try:
        with connection.execute_wrapper(explained):
            yield told
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan")


def test_what_is_added_up_is_read_from_indexes() -> None:
    id_ = billed("Ann", "Bob").world.organization.id
    for index, ask in (
        ("term_paid", lambda: renewed_between(id_, date(2025, 1, 1), date(2027, 1, 1))),
        ("payment_by_currency", lambda: collected(id_, "USD", date(2025, 1, 1), date(2027, 1, 1))),
        ("payment_by_currency", lambda: currencies_collected(id_)),
        ("invoice_asking", lambda: Invoice.objects.filter(SENT, organization_id=id_).count()),
        ("invoice_by_label", lambda: Invoice.objects.filter(organization_id=id_, label__iexact="1").first()),
    ):  # fmt: skip
        with plans() as told:
            ask()
        assert index in "\n".join(told), index


def test_several_spans_are_counted_as_each_alone() -> None:
    found = billed("Ann", "Bob", "Cid", price=100)
    found.behave("Bob", "decline", "insufficient_funds")
    found.collect()
    id_, day = found.world.organization.id, date.fromisoformat
    spans = [(day("2026-01-01"), day("2026-01-02")), (day("2025-01-01"), day("2026-01-01"))]
    this, last = renewed_in(id_, spans)
    assert (this.due, this.renewed) == (0, 0)
    assert (last.due, last.renewed) == (3, 2)  # terms through December 31 are the old year's
    assert [this, last] == [renewed_between(id_, *span) for span in spans]


def test_households_are_listed_a_page_at_a_time() -> None:
    found = billed("Ann")
    world = found.world
    names = [f"House {n:03}" for n in range(60)]
    for name in names:
        world.party(name, kind="household")
    staff, here = signed_in(world), at(world, "members/households/")
    first = staff.get(here).content.decode()
    assert names[49] in first
    assert names[50] not in first
    last = staff.get(f"{here}?sort=-group").content.decode()
    assert names[59] in last
    assert names[0] not in last
    taken = b"".join(streamed(staff.get(f"{here}?export=csv"))).decode()
    assert all(name in taken for name in names)


def test_a_download_gives_its_first_rows_before_the_last_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a transaction a cursor has to be kept, and the database writes all its rows down first."""
    found = billed("Ann", "Bob")
    staff, kept, real = signed_in(found.world), list[bool](), connection.chunked_cursor

    def watched() -> Any:
        kept.append(connection.get_autocommit())
        return real()

    monkeypatch.setattr(connection, "chunked_cursor", watched)
    for path in ("members/?export=csv", "invoices/?export=csv", "exports/period/"):
        b"".join(streamed(staff.get(at(found.world, path))))
    assert kept
    assert not any(kept)


def test_the_parties_of_copies_are_apart() -> None:
    found = billed("Ann")
    clone(found.world.organization.id, COPIES)
    ids = set(Party.objects.filter(organization=found.world.organization).values_list("id", flat=True))
    assert {UUID(copied(found.party("Ann"), k)) for k in range(1, COPIES + 1)} < ids
