"""An organization's colour on its pages can be read, whichever it chose, by day and by night (WCAG 2.2, 1.4.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.organizations.rules.branding import contrast
from paidthru.organizations.rules.shades import DAY, NIGHT, shades_of

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def _ratio(one: str, other: str) -> float:
    light, dark = contrast(one, other)
    return light / dark


@given(colours)
def test_every_colour_gets_shades_that_can_be_read(accent: str) -> None:
    for shades, ground in zip(shades_of(accent), (DAY, NIGHT), strict=True):
        assert _ratio(shades.accent, ground) >= 4.5
        assert _ratio(shades.ink, shades.accent) >= 4.5
        assert _ratio(shades.ink, shades.strong) >= 4.5
        assert _ratio(shades.strong, shades.soft) >= 4.5


@pytest.mark.parametrize("accent", ["#14594a", "#7a1f3d", "#1a3a8a"])
def test_a_colour_that_can_be_read_stays_as_it_was_chosen_by_day(accent: str) -> None:
    day, night = shades_of(accent)
    assert day.accent == accent
    assert night.accent != accent
