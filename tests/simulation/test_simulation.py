"""Two thousand schedules; and that the same seed is the same schedule again (field-notes C.11)."""

from collections.abc import Iterator

import pytest
from tests.simulation.schedule import Theatre

SCHEDULES = 2_000
CHUNK = 25


@pytest.fixture(scope="module")
def theatres() -> Iterator[list[Theatre]]:
    """The theatre of this process, opened by the first test that has a database."""
    found: list[Theatre] = []
    yield found
    for theatre in found:
        theatre.close()


@pytest.fixture
def theatre(transactional_db: None, theatres: list[Theatre]) -> Theatre:
    """The theatre; every table is empty."""
    if not theatres:
        theatres.append(Theatre())
    theatres[0].forget()
    return theatres[0]


@pytest.mark.parametrize("first", range(1, SCHEDULES + 1, CHUNK))
def test_whatever_happens_everybody_is_charged_once_and_the_books_agree(first: int, theatre: Theatre) -> None:
    for seed in range(first, first + CHUNK):
        verdict = theatre.play(seed)
        assert not verdict.wrong, verdict.told() + f"\n\nAgain: make simulate N=1 SEED={seed}"


@pytest.mark.parametrize("seed", [7, 11, 13, 44])
def test_the_same_seed_is_the_same_schedule(seed: int, theatre: Theatre) -> None:
    once, again = (theatre.play(seed, verbose=True) for _ in range(2))
    assert [str(line) for line in once.trace] == [str(line) for line in again.trace]
    assert (once.points, once.wrong) == (again.points, again.wrong)


def test_another_seed_is_another_schedule(theatre: Theatre) -> None:
    assert len({tuple(map(str, theatre.play(seed).trace)) for seed in range(1, 9)}) == 8
