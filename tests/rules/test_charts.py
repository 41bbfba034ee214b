"""The geometry of charts: bars stand in proportion, on one line, inside the drawing."""

from hypothesis import given
from hypothesis import strategies as st

from paidthru.faces.console.charts import HEAD, HEIGHT, WIDTH, Chart, Group

figures = st.integers(-(10**14), 10**14)


@given(st.lists(st.tuples(figures, figures), max_size=14), st.booleans())
def test_bars_stay_inside_and_stand_on_the_line(pairs: list[tuple[int, int]], stacked: bool) -> None:
    if stacked:
        pairs = [(abs(one), abs(other)) for one, other in pairs]
    groups = tuple(Group(str(n), pair, ("", "")) for n, pair in enumerate(pairs))
    chart = Chart(("A", "B"), groups, stacked)
    assert len(chart.bars) == sum(figure != 0 for pair in pairs for figure in pair)
    for bar in chart.bars:
        assert bar.x >= 0 and bar.x + bar.width <= WIDTH
        assert bar.y >= HEAD - 10 and bar.y + bar.height <= HEIGHT + 20
        if not stacked:
            assert abs(bar.y - chart.base) <= 1 or abs(bar.y + bar.height - chart.base) <= 10


def test_twice_as_much_is_twice_as_tall_and_less_than_nothing_hangs() -> None:
    chart = Chart(
        ("Net",),
        (Group("Jan", (100,), ("1.00",)), Group("Feb", (50,), ("0.50",)), Group("Mar", (-100,), ("",))),
    )
    first, second, third = chart.bars
    assert first.height == third.height == 2 * second.height
    assert first.y == chart.top and first.y + first.height == chart.base == third.y
    assert first.title == "Jan, Net: 1.00"


def test_a_chart_of_nothing_has_no_bars() -> None:
    chart = Chart(("Net",), (Group("Jan", (0,), ("0.00",)),))
    assert (chart.bars, chart.peak, chart.base) == ((), 0, HEIGHT)
