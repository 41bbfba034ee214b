import cProfile, pstats, time
import pytest
from tests.actions.test_outages import a_club, lived
from paidthru.runs import clockwork
pytestmark = pytest.mark.django_db(transaction=True)
def test_prof():
    w = a_club("Never"); n=[0]
    orig = clockwork._work
    def counted(*a, **k):
        n[0]+=1; return orig(*a, **k)
    clockwork._work = counted
    p = cProfile.Profile(); p.enable(); t=time.time(); lived(w, []); t=time.time()-t; p.disable()
    clockwork._work = orig
    print("SECONDS", t, "works", n[0])
    pstats.Stats(p).sort_stats("cumulative").print_stats(40)
