"""The console's renewal runs: generate, preview, release, progress, log, result (I-04 to I-15)."""

import re
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world

from paidthru import runs
from paidthru.actions.add_billing_cycle import add_billing_cycle
from paidthru.actions.preview_run import start_run
from paidthru.actions.renew import fail_run
from paidthru.faces.console.views import renewals
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingRun, Fee, Membership
from paidthru.organizations.operations import set_policy
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = date(2025, 12, 31)
NEW_YEAR = date(2026, 1, 1)


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/renewals/{path}"


def a_club() -> World:
    world = a_world()
    plan = world.plan()
    world.member("Ann Ames", plan, paid_through=LAST_YEAR, card=True, autopay=True)
    world.member("Bob Burr", plan, paid_through=LAST_YEAR)
    world.member("Cid Cole", plan, paid_through=date(2026, 12, 31))
    world.member("=Dee(1)", world.plan("Priceless", None), paid_through=LAST_YEAR)
    return world


def form_of(client: Client, world: World, **said: str) -> dict[str, str]:
    page = client.get(at(world, "generate/")).content.decode()
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return {
        "name": "2026",
        "cycle": "",
        "billing_type": "renewals",
        "bill_on": "2026-01-01",
        "effective_on": "2026-01-01",
        "key": found[1],
        **said,
    }


def previewed(client: Client, world: World, **said: str) -> BillingRun:
    answer = client.post(at(world, "generate/"), form_of(client, world, **said))
    assert answer.status_code == 302, answer.content.decode()
    return BillingRun.objects.get(organization=world.organization, name=said.get("name", "2026"))


def page_of(client: Client, world: World, run: BillingRun, tail: str = "") -> str:
    answer = client.get(at(world, f"runs/{run.id}/{tail}"))
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def release(client: Client, world: World, run: BillingRun, token: UUID | None = None) -> str:
    digest = str(token or BillingRun.objects.get(id=run.id).preview_token)
    return client.post(at(world, f"runs/{run.id}/commit/"), {"digest": digest}, follow=True).content.decode()


def test_each_currency_has_a_total_of_its_own_on_every_page_of_a_run_a37() -> None:
    world = a_club()
    world.member("Eve", world.plan("Abroad", 9_000, currency="EUR"), paid_through=LAST_YEAR, card=True)
    client = signed_in(world)
    run = previewed(client, world)
    assert "$200.00 + €90.00" in words(page_of(client, world, run))
    release(client, world, run)
    runs.write_run(run.id, actor=STAFF, now=NOW)
    assert "$200.00 + €90.00" in words(page_of(client, world, run))
    assert "€90.00" in words(page_of(client, world, run, "?show=billed"))
    assert "$200.00 + €90.00" in words(client.get(at(world)).content.decode())
    assert "$200.00 + €90.00" in words(client.get(at(world, f"review/?run={run.id}")).content.decode())


# ---------------------------------------------------------------- the form: I-04 to I-08, I-10, G-20, G-21


@pytest.mark.parametrize(
    ("policies", "shown"),
    [
        ({"term__first_month": "7"}, "2026-07-01"),
        ({"term__first_month": "0"}, ""),
        ({"term__basis": "anniversary"}, "2026-05-20"),
    ],
)
def test_the_form_proposes_the_dates(policies: dict[str, str], shown: str) -> None:
    world = a_world(now=NOW.replace(month=5, day=20), **policies)
    page = signed_in(world).get(at(world, "generate/")).content.decode()
    bill, effective = (
        re.search(rf'<input[^>]*name="{name}"[^>]*>', page) for name in ("bill_on", "effective_on")
    )
    assert bill
    assert effective
    assert 'value="2026-05-20"' in bill[0]
    assert (f'value="{shown}"' in effective[0]) if shown else ("value=" not in effective[0])
    assert "required" in effective[0]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": ""}, "The run needs a name."),
        ({"effective_on": ""}, "A date is needed."),
        ({"effective_on": "2026-02-30"}, "That is no date."),
        ({"effective_on": "9999-12-31"}, "more than 20 years away"),
        ({"bill_on": "soon"}, "That is no date."),
        ({"cycle": "Nobody"}, "Nobody is not one of the available choices"),
        ({"name": "Taken"}, "There is already a billing run called “Taken”."),
        ({"billing_type": "assessments"}, "is not one of the available choices"),
    ],
)
def test_bad_input_is_named_and_nothing_is_started(said: dict[str, str], problem: str) -> None:
    world = a_club()
    client = signed_in(world)
    previewed(client, world, name="Taken")
    answer = client.post(at(world, "generate/"), form_of(client, world, **said))
    assert answer.status_code == 422
    assert problem in words(answer.content.decode())
    assert BillingRun.objects.count() == 1


def test_a_double_click_starts_one_run() -> None:
    world = a_club()
    client = signed_in(world)
    form = form_of(client, world)
    first, second = (client.post(at(world, "generate/"), form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert BillingRun.objects.count() == 1


# ---------------------------------------------------------------- the preview: I-06, I-09, I-11


def test_the_preview_shows_everybody_with_amount_or_reason() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    text = words(page_of(client, world, run))
    for said in (
        "Ann Ames",
        "$100.00",
        "Regular costs $100.00 for 1 year.",
        "Paid through Dec 31, 2025",
        "Not due. Paid through Dec 31, 2026, which is not before Jan 1, 2026.",
        "Plan without a price. The plan has no price",
        "Bills 2 members, $200.00 in all: an invoice each, dated Jan 1, 2026",
        "Bill 2 members",
    ):
        assert said in text, said
    assert Invoice.objects.count() == 0
    assert "Bob" not in words(page_of(client, world, run, "?name=ann"))
    left_out = words(page_of(client, world, run, "?show=not_due"))
    assert "Cid Cole" in left_out
    assert "Ann Ames" not in left_out
    assert "Nobody" not in words(page_of(client, world, run, "?name=nobody-of-that-name"))


def test_autopay_only_and_the_cycle_leave_out_with_a_reason() -> None:
    world = a_world()
    plan = world.plan()
    world.member("Ann", plan, paid_through=LAST_YEAR, customer_type="REG")
    world.member("Bob", plan, paid_through=LAST_YEAR, customer_type="REG", autopay=True)
    world.member("Cid", plan, paid_through=LAST_YEAR, customer_type="STU", autopay=True)
    add_billing_cycle(world.organization, "Regulars", ["REG"], actor=STAFF, now=NOW)
    client = signed_in(world)
    run = previewed(client, world, cycle="Regulars", autopay_only="on")
    assert (run.billed, run.skipped) == (1, 2)
    text = words(page_of(client, world, run))
    assert "Not on AutoPay." in text
    assert "Of another customer type." in text
    assert "Only contacts enrolled in AutoPay" in text


def test_a_run_that_bills_nobody_cannot_be_released() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world, effective_on="2020-01-01")
    page = page_of(client, world, run)
    assert "Nobody is billed: all are left out" in words(page)
    assert 'name="digest"' not in page
    answer = client.post(
        at(world, f"runs/{run.id}/commit/"), {"digest": str(BillingRun.objects.get().preview_token)}
    )
    assert answer.status_code == 409
    assert "This run bills nobody" in words(answer.content.decode())


def test_the_pages_go_on_by_key() -> None:
    world = a_world()
    plan = world.plan()
    for n in range(120):
        world.member(f"Member {n:03}", plan, paid_through=LAST_YEAR)
    client = signed_in(world)
    run = previewed(client, world)
    seen: list[str] = []
    tail = ""
    while True:
        page = page_of(client, world, run, tail)
        seen += re.findall(r"Member \d{3}", page)
        onward = re.search(r'<a class="button" href="(\?[^"]+)" rel="next"', page)
        if not onward:
            break
        tail = onward[1].replace("&amp;", "&")
    assert sorted(set(seen)) == [f"Member {n:03}" for n in range(120)]
    assert 'rel="prev"' in page


def test_the_csv_has_every_decision_and_no_formula() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    answer = client.get(at(world, f"runs/{run.id}/items.csv"))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 5
    assert any(line.startswith("1,Ann Ames,billed,2026-01-01,2026-12-31,100.00,USD,,") for line in lines)
    assert any("'=Dee(1)" in line for line in lines)


# ---------------------------------------------------------------- release, log and result: I-12 to I-15


def test_release_progress_and_result() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    page = words(release(client, world, run))
    assert "“2026” was submitted for processing: 2 members, $200.00." in page
    assert "Waiting for a worker" in page
    assert (
        "href"
        not in row_of(client.get(at(world)).content.decode(), "2026").split("State")[0].split("data-label")[1]
    )
    runs.write_run(run.id, actor=STAFF, now=NOW)
    poll = client.get(at(world, f"runs/{run.id}/"), headers={"HX-Request": "true"})
    assert poll.headers["HX-Refresh"] == "true"
    result = page_of(client, world, run)
    assert len(re.findall(r"/invoices/[0-9a-f]", result)) == Invoice.objects.count() == 2
    left_out = words(page_of(client, world, run, "?show=skipped"))
    assert "Cid Cole" in left_out
    assert "Priceless" not in words(result)
    log = client.get(at(world)).content.decode()
    assert f'href="{at(world, f"runs/{run.id}/")}"' in log
    assert f"/batches/{BillingRun.objects.get().batch_id}/" in log


def row_of(page: str, name: str) -> str:
    return next(row for row in page.split("<tr") if name in row and "data-label" in row)


def test_progress_is_a_part_for_htmx_and_a_page_otherwise() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    release(client, world, run)
    part = client.get(at(world, f"runs/{run.id}/"), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<section")
    assert 'hx-trigger="every 1s"' in part
    assert "<html" in page_of(client, world, run)


def test_a_second_release_changes_nothing() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    token = BillingRun.objects.get().preview_token
    release(client, world, run, token)
    release(client, world, run, token)
    runs.write_run(run.id, actor=STAFF, now=NOW)
    release(client, world, run, token)
    assert Invoice.objects.count() == 2
    assert Event.objects.filter(verb="run_committed").count() == 1


def test_whoever_is_billed_after_a_gap_is_counted_and_told() -> None:
    world = a_club()
    Membership.objects.filter(party__name="Ann Ames").update(
        renewed_through=date(2024, 12, 31), paid_through=date(2024, 12, 31), next_bill_on=date(2025, 1, 1)
    )
    client = signed_in(world)
    run = previewed(client, world)
    text = words(page_of(client, world, run))
    assert "Billed after a gap 1 nobody bills the days before their terms" in text
    assert "Jan 1, 2025 to Dec 31, 2025 is not billed." in text
    alone = words(page_of(client, world, run, "?show=gap"))
    assert "Ann Ames" in alone and "Bob" not in alone


def test_a_stale_preview_is_refused_and_the_drift_is_shown() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    token = BillingRun.objects.get().preview_token
    Membership.objects.filter(party__isnull=False, autopay=True).update(paid_through=date(2026, 12, 31))
    page = words(release(client, world, run, token))
    assert "Nothing was done: things have changed since you read this" in page
    assert "Ann Ames" in page
    assert "was billed from 2026-01-01" in page
    assert "is now would be left out: Paid through 2026-12-31" in page
    assert Invoice.objects.count() == 0
    fresh = BillingRun.objects.get()
    assert (fresh.state, fresh.billed) == ("previewed", 1)
    assert fresh.preview_token != token
    again = words(release(client, world, run, token))  # the old page, still open in another tab
    assert "it was made again after you opened it" in again
    assert BillingRun.objects.get().preview_token == fresh.preview_token
    assert "was submitted for processing: 1 member" in words(release(client, world, run))
    assert "things have changed" not in words(page_of(client, world, run))


def test_a_changed_price_is_drift_for_all() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    Fee.objects.update(amount_minor=20_000)
    page = words(release(client, world, run))
    assert "a plan, a fee or a policy was changed" in page
    assert "$400.00" in page  # the fresh preview
    client.post(at(world, f"runs/{run.id}/preview-again/"))
    assert "things have changed" not in words(page_of(client, world, run))


def test_a_digest_that_is_none_is_refused() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    for digest in ("", "x"):
        answer = client.post(at(world, f"runs/{run.id}/commit/"), {"digest": digest})
        assert answer.status_code == 409
        assert "preview_not_read" in answer.content.decode()
    assert BillingRun.objects.get().state == "previewed"


def test_a_failed_run_is_not_linked_and_starts_again() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    release(client, world, run)
    fail_run(run.id, "IntegrityError: a trigger of the test", actor=STAFF, now=NOW)
    row = row_of(client.get(at(world)).content.decode(), "2026")
    assert ">2026</a>" not in row
    assert "Failed" in row
    page = words(page_of(client, world, run))
    assert "IntegrityError: a trigger of the test" in page
    assert "nobody is billed twice" in page
    client.post(at(world, f"runs/{run.id}/resume/"))
    runs.write_run(run.id, actor=STAFF, now=NOW)
    assert BillingRun.objects.get().state == "done"
    assert Invoice.objects.count() == 2
    assert client.post(at(world, f"runs/{run.id}/resume/")).status_code == 302  # done: nothing to resume


def test_a_large_preview_is_a_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewals, "AT_ONCE", 2)
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    assert run.state == "previewing"
    assert "Previewing “2026”" in words(page_of(client, world, run))
    assert client.post(at(world, f"runs/{run.id}/commit/"), {"digest": str(run.id)}).status_code == 409
    runs.preview_run(run.id, actor=STAFF, now=world.desk.clock.now())
    assert "Bill 2 members" in words(page_of(client, world, run))


def test_the_log_is_found_sorted_and_exported() -> None:
    world = a_club()
    client = signed_in(world)
    assert "No billing run yet" in words(client.get(at(world)).content.decode())
    for name in ("Spring", "Autumn"):
        previewed(client, world, name=name)
    log = client.get(at(world)).content.decode()
    assert log.index("Autumn") < log.index("Spring")  # newest first
    by_name = client.get(at(world, "?sort=-name")).content.decode()
    assert by_name.index("Spring") < by_name.index("Autumn")
    lines = b"".join(client.get(at(world, "?export=csv")).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1].startswith("Autumn,previewed,2026-01-01,2026-01-01,2,2,200.00")


# ---------------------------------------------------------------- who may

ACTS = {  # address → (method, the act that it needs)
    "": ("get", "view"),
    "generate/": ("get", "renew"),
    "runs/{run}/": ("get", "view"),
    "runs/{run}/items.csv": ("get", "view"),
    "runs/{run}/commit/": ("post", "renew"),
    "runs/{run}/preview-again/": ("post", "renew"),
    "runs/{run}/resume/": ("post", "renew"),
}


@pytest.mark.parametrize("path", ACTS)
def test_who_may(path: str) -> None:
    world, other = a_club(), a_world(name="Other")
    run = start_run(world.organization, name="2026", effective_on=NEW_YEAR, actor=STAFF, now=NOW)
    method, act = ACTS[path]
    address = at(world, path.format(run=run.id))
    viewer, stranger = signed_in(world, "viewer"), signed_in(other)
    assert getattr(viewer, method)(address).status_code == (200 if act == "view" else 403)
    assert getattr(stranger, method)(address).status_code == 404
    assert getattr(Client(), method)(address).status_code == 302  # to the sign-in page
    if "{run}" in path:  # another organization's object, by an address of one's own
        assert getattr(stranger, method)(at(other, path.format(run=run.id))).status_code == 404
    if method == "post":
        assert signed_in(world, csrf=True).post(address).status_code == 403


def test_a_viewer_sees_no_buttons() -> None:
    world = a_club()
    run = previewed(signed_in(world), world)
    page = page_of(signed_in(world, "viewer"), world, run)
    assert "Ann Ames" in page
    assert 'method="post" action="/o/maple-club/renewals' not in page


def test_get_never_changes_anything() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    before = BillingRun.objects.values().get()
    for act in ("commit/", "preview-again/", "resume/"):
        assert client.get(at(world, f"runs/{run.id}/{act}")).status_code == 302
    assert BillingRun.objects.values().get() == before


def test_a_policy_changed_meanwhile_is_drift_too() -> None:
    world = a_club()
    client = signed_in(world)
    run = previewed(client, world)
    set_policy(world.organization, "accounting.method", "accrual", actor="Pat", now=NOW)
    assert "things have changed" in words(release(client, world, run))
