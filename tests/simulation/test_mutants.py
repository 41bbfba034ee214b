"""The planted bugs fit the code as it is now; `make mutants` shows that each is caught."""

import ast

import pytest
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.run_mutants import changed
from tests.simulation.server import TOP


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_can_be_planted_and_is_still_python(mutant: Mutant) -> None:
    for file, text in changed(mutant, TOP).items():
        ast.parse(text, filename=str(file))


def test_each_is_caught_by_something() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) == 22
    assert all(bool(mutant.schedules) != bool(mutant.tests) for mutant in MUTANTS)


def test_the_tests_that_are_named_are_there() -> None:
    for test in {test for mutant in MUTANTS for test in mutant.tests}:
        file, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (TOP / file).read_text(), test
