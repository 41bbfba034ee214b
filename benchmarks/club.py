"""A club that the pages are measured on: two years of forty people, lived by the engine, and then many copies."""

from dataclasses import dataclass

from django.db import connection
from django.test import Client

from benchmarks.cloning import clone, not_shared
from paidthru.actions.preview_run import preview, start_run
from paidthru.dunning.models import Case
from paidthru.faces.cli import samples
from paidthru.invoicing.models import Invoice
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun, Membership, Plan
from paidthru.organizations.models import User
from paidthru.payments.models import Attempt, Payment
from paidthru.runs import Desk
from paidthru.timeline.operations import Actor

PEOPLE = 40
EMAIL = "treasurer@benchmark.example"
STAFF = Actor("staff", "Pat Treasurer")
_SLUG = "benchmark"
_SAMPLE = samples.Sample(
    "Benchmark Association", _SLUG, "ams_nonprofit", "America/New_York",
    (("Member", 12_000, "year"), ("Student", 4_000, "year")), people=PEOPLE, autopay=60, visiting=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Club:
    """The organization, and one of each thing by the names that addresses have for their ids."""

    desk: Desk
    shown: dict[str, object]
    copied: dict[str, object]  # of these, what every copy has for itself
    rows: int


def seed(members: int) -> Club:
    """Lives the two years, adds one of each thing that a page is about, and copies it all."""
    from tests.collecting import Collection
    from tests.faces.things_to_show import things_to_show
    from tests.world import World

    User.objects.create(email=EMAIL, name=STAFF.name)
    desk = samples._Life(_SAMPLE, EMAIL, samples.MONTHS).live()
    organization = desk.organization
    some = list(Membership.objects.filter(organization=organization, state="active").order_by("id")[:2])
    found = Collection(World(organization, desk), some[0].plan, dict(zip(("Ann", "Bob"), some, strict=True)))
    shown = {**things_to_show(found), **_of_one(desk)}
    rows = clone(organization.id, members // PEOPLE - 1)
    run = start_run(organization, name="The whole roster", effective_on=desk.today, actor=STAFF,
                    now=desk.clock.now())  # fmt: skip
    preview(run.id)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return Club(desk, shown, {name: id_ for name, id_ in shown.items() if not_shared(id_)}, rows)


def _of_one(desk: Desk) -> dict[str, object]:
    """Somebody who has an invoice, a payment, an attempt and a case, as far as there is one who has all."""
    case = Case.objects.filter(organization=desk.organization).latest("id")
    attempt = Attempt.objects.filter(organization=desk.organization).latest("id")
    payment = Payment.objects.filter(organization=desk.organization).latest("id")
    invoice = Invoice.objects.filter(
        organization=desk.organization, state="sent", balance_minor__gt=0
    ).latest("id")
    run = BillingRun.objects.filter(organization=desk.organization).latest("id")
    batch = Batch.objects.filter(organization=desk.organization).latest("id")
    return {
        "case_id": case.id, "attempt_id": attempt.id, "payment_id": payment.id, "invoice_id": invoice.id,
        "party_id": case.party_id, "run_id": run.id, "batch_id": batch.id,
        "plan_id": Plan.objects.filter(organization=desk.organization).earliest("id").id,
        "user_id": User.objects.get(email=EMAIL).id,
    }  # fmt: skip


def staff() -> Client:
    """A browser with the treasurer signed in."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email=EMAIL))
    return client
