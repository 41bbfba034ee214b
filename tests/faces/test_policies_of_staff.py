"""Policies of those who work here stand by themselves, say whom they lead where, and are found by a search."""

import pytest
from tests.faces.acting import at, filled, text
from tests.staff import signed_in
from tests.world import a_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_asks_for_a_second_factor_reads_whom_it_leads_away() -> None:
    world = a_world()
    client = signed_in(world, "admin")
    signed_in(world, "viewer", email="vic@maple.example")
    page = text(client, at(world, "settings/"))
    assert "Who works here, and how they sign in" in page
    here = at(world, "settings/staff.second_factor/")
    shown = text(client, here)
    assert "It holds at once, for everybody who works here." in shown
    assert "field-notes" not in shown and "billed from then on" not in shown
    said = filled(client, here, 200, value="on")
    assert "You have none: you are led to set one up as soon as it is saved." in said
    assert "1 other who works here has none" in said
    assert "In the next 30 days" not in said and "previewed before" not in said


def test_a_policy_is_found_by_a_word_of_it_by_whoever_may_decide_it() -> None:
    world = a_world()
    found = text(signed_in(world, "admin"), at(world, "search/?q=second+factor"))
    assert "A second factor for staff" in found and "staff.second_factor" in found
    viewer = signed_in(world, "viewer", email="vic@maple.example")
    assert "staff.second_factor" not in text(viewer, at(world, "search/?q=second+factor"))
