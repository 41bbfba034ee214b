"""Taxes in the console: added, given another rate, borne by plans, not by who is exempt (A-14)."""

import pytest
from tests.collecting import billed
from tests.faces.acting import at, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import a_world

from paidthru.invoicing.models import Tax, TaxRate
from paidthru.membership.models import Plan
from paidthru.membership.queries.plans import plan_for
from paidthru.people.models import Party

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tax_is_added_changed_and_borne() -> None:
    found = billed("Ann")
    client, here = signed_in(found.world), at(found.world, "settings/taxes/")
    assert "No tax is billed" in text(client, here)
    form = hidden(client.get(f"{here}add/").content.decode())
    for rate in ("1000", "-1", "a lot"):
        refused = client.post(f"{here}add/", form | {"name": "VAT", "rate": rate, "inclusive": "no"})
        assert (
            refused.status_code == 422 and "Enter a rate from 0" in words(refused.content)
        ) or rate != "1000"
        assert not Tax.objects.exists()
    filled = form | {"name": "VAT", "rate": "20 %", "inclusive": "no"}
    assert "VAT is there" in words(client.post(f"{here}add/", filled, follow=True).content)
    assert client.post(f"{here}add/", filled).status_code == 422, "there is one of that name"
    tax = Tax.objects.get()
    page = f"{here}{tax.id}/"
    later = hidden(client.get(page).content.decode()) | {"rate": "19", "from_on": "2030-01-01"}
    for _ in range(2):
        assert "VAT has its new rate" in words(client.post(page, later, follow=True).content)
    assert list(TaxRate.objects.order_by("valid_from").values_list("rate_ppm", flat=True)) == [
        200_000,
        190_000,
    ]
    assert "19 % from" in text(client, here)
    plan = Plan.objects.get(organization=found.world.organization)
    bearing = at(found.world, f"plans/{plan.id}/tax/")
    client.post(bearing, hidden(client.get(bearing).content.decode()) | {"tax": str(tax.id)})
    ann = found.party("Ann")
    assert all(fee.tax for fee in plan_for(plan.organization_id, plan.id, ann).fees)
    exempt = at(found.world, f"members/{ann}/tax/")
    client.post(exempt, hidden(client.get(exempt).content.decode()) | {"why": "Certificate 7"})
    assert Party.objects.get(id=ann).tax_exempt == "Certificate 7"
    assert "Certificate 7" in text(client, at(found.world, f"members/{ann}/"))
    assert not any(fee.tax for fee in plan_for(plan.organization_id, plan.id, ann).fees)
    other = a_world(name="Other")
    for path in (f"settings/taxes/{tax.id}/", f"plans/{plan.id}/tax/", f"members/{ann}/tax/"):
        assert signed_in(other).get(at(other, path)).status_code == 404
        assert signed_in(found.world, "viewer").get(at(found.world, path)).status_code == 403
