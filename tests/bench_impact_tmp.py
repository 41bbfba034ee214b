import cProfile, pstats, time
from datetime import UTC, date, datetime, timedelta
import pytest
from django.db import connection
from tests.world import a_world
from paidthru.kernel.ids import new_id
from paidthru.runs.impact import impact
from paidthru.organizations.rules.policies import parse
from paidthru.people.models import Party
from paidthru.membership.models import Membership
from paidthru.payments.models import PaymentMethod
import os
pytestmark = pytest.mark.django_db(transaction=True)
N = int(os.environ.get("N", "20000"))
def test_it():
    world = a_world("coworking", now=datetime(2026,3,1,14,tzinfo=UTC), zone="UTC")
    plans = [world.plan("Desk", 20000, interval_unit="month"), world.plan("Yearly", 12000), world.plan("Off", 5000, interval_unit="month")]
    org = world.organization.id
    with connection.cursor() as c:
        c.execute("""INSERT INTO people_party (id, organization_id, kind, name, number, email, created_at, external_id, phone, notes, customer_type, tax_exempt)
          SELECT gen_random_uuid(), %s, 'person', 'P'||i, i, 'p'||i||'@example.org', now(), '', '', '', '', '' FROM generate_series(1,%s) i""", [org, N]) if False else None
    parties = [Party(id=new_id(), organization=world.organization, name=f"P{i}", number=i+1, email=f"p{i}@e.org", created_at=world.desk.clock.now()) for i in range(N)]
    Party.objects.bulk_create(parties, batch_size=5000)
    ms, meths = [], []
    for i, p in enumerate(parties):
        due = date(2026,3,2)+timedelta(days=i%360)
        ms.append(Membership(id=new_id(), organization=world.organization, party=p, plan=plans[i%3], state="active", joined_on=date(2025,1,1), anchor_on=date(2025,1,1)+timedelta(days=i%28), autopay=i%5!=0, created_at=world.desk.clock.now(), renewed_through=due-timedelta(days=1), paid_through=due-timedelta(days=1), next_bill_on=due))
        if i%5: meths.append(PaymentMethod(id=new_id(), organization=world.organization, party=p, gateway="sandbox", token=f"t{i}", kind="card", brand="visa", last4="4242", fingerprint=f"f{i}", exp_year=2028, exp_month=5, state="active", created_at=world.desk.clock.now()))
    Membership.objects.bulk_create(ms, batch_size=5000)
    PaymentMethod.objects.bulk_create(meths, batch_size=5000)
    with connection.cursor() as c: c.execute("ANALYZE")
    for change in ({"dunning.on_failure": "silent"},):
        key, word = next(iter(change.items()))
        proposed = {key: parse(key, word)}
        t=time.perf_counter(); f=impact(world.desk, proposed); print("\nimpact", N, change, round(time.perf_counter()-t,2), f.members, f.concerned, f.before)
    p=cProfile.Profile(); p.enable(); impact(world.desk, proposed); p.disable()
    pstats.Stats(p).sort_stats("tottime").print_stats(28)
    pstats.Stats(p).sort_stats("cumtime").print_stats(25)
