"""Bar charts as plain data with their geometry, which `parts/chart.html` draws as SVG. Beside each stands its table:
the chart is for the eye, the table for everybody (WCAG 1.1.1)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate

WIDTH, HEIGHT, FOOT, HEAD = 7200, 2000, 260, 280  # tenths of a pixel at full size, so that whole numbers do
_GAP = 3  # tenths of a group's width


@dataclass(frozen=True, slots=True)
class Group:
    """What stands above one label: a figure for each series (minor units, or any one unit), and how each is said. The
    `href` leads to the rows behind it."""

    label: str
    figures: tuple[int, ...]
    said: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the drawing's own units; `series` from 0 on, `title` shown when pointed at."""

    x: int
    y: int
    width: int
    height: int
    series: int
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Groups of bars over labels, beside each other or, where `stacked`, on top of each other. `peak_said` is what
    stands at the highest line, `peak` in words."""

    series: tuple[str, ...]
    groups: tuple[Group, ...]
    stacked: bool = False
    peak_said: str = ""

    @property
    def peak(self) -> int:
        """The highest figure; 0 where all are below nothing."""
        return max(0, *self._tops(), 0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the drawing."""
        return WIDTH, HEIGHT + FOOT

    @property
    def top(self) -> int:
        """Where the highest figure is."""
        return HEAD

    @property
    def base(self) -> int:
        """Where nothing is: above it are figures over zero, below it those under zero."""
        low, high = self._range()
        return HEAD + (HEIGHT - HEAD) * high // (high - low)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """All bars that are anything, in the order of their groups."""
        low, high = self._range()
        step, found = WIDTH // max(len(self.groups), 1), []
        for place, group in enumerate(self.groups):
            width = step * (10 - _GAP) // 10 // (1 if self.stacked else len(self.series))
            left = place * step + step * _GAP // 20
            starts = (0, *accumulate(group.figures)) if self.stacked else (0,) * len(self.series)
            for n, (figure, start) in enumerate(zip(group.figures, starts, strict=False)):
                if figure:
                    tall, top = (
                        (HEIGHT - HEAD) * each // (high - low)
                        for each in (abs(figure), max(start, start + figure))
                    )
                    x = left if self.stacked else left + n * width
                    title = f"{group.label}, {self.series[n]}: {group.said[n]}"
                    found.append(Bar(x, self.base - top, width, max(tall, 10), n, title, group.href))
        return tuple(found)

    @property
    def labels(self) -> tuple[tuple[int, str], ...]:
        """The labels, each with the middle of its group."""
        step = WIDTH // max(len(self.groups), 1)
        return tuple((n * step + step // 2, one.label) for n, one in enumerate(self.groups))

    def _tops(self) -> tuple[int, ...]:
        if self.stacked:
            return tuple(sum(one.figures) for one in self.groups)
        return tuple(figure for one in self.groups for figure in one.figures)

    def _range(self) -> tuple[int, int]:
        low, high = min(0, *self._tops(), 0), self.peak
        return (low, high) if high > low else (0, 1)


def chart_of(
    series: tuple[str, ...], groups: tuple[Group, ...], said: Callable[[int], str], *, stacked: bool = False
) -> Chart:
    """A chart whose highest line says its figure."""
    made = Chart(series, groups, stacked)
    return replace(made, peak_said=said(made.peak))
