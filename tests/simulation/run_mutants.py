"""`make mutants`: every planted bug (`mutants.py`) is put into a copy of the sources, one at a time, and has to be
caught there by the schedules or tests that are named for it. The last line says how many were; less than all fails.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.server import TOP, copy_of, environment, own_server

COPIED = ("src", "tests", "pyproject.toml")
TESTS_FAILED = 1  # pytest's; all others mean that they could not be run


class Inapplicable(Exception):  # noqa: N818 - an answer
    """The code that a mutant changes is not there any more."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant."""

    mutant: Mutant
    caught: bool
    how: str
    seconds: float


def changed(mutant: Mutant, top: Path) -> dict[Path, str]:
    """The files of a folder that a mutant changes, as they are then. Raises `Inapplicable`."""
    found: dict[Path, str] = {}
    for patch in mutant.patches:
        file = top / patch.file
        text = found.get(file) or (file.read_text() if file.is_file() else "")
        if text.count(patch.old) != 1:
            raise Inapplicable(f"{patch.file} holds {text.count(patch.old)} times: {patch.old.strip()[:80]}")
        found[file] = text.replace(patch.old, patch.new)
    return found


def copied_sources(folder: Path) -> None:
    """A copy of what runs and what tests it."""
    for name in COPIED:
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


def caught(mutant: Mutant, host: str, number: int) -> Result:
    """Plants a bug and looks whether it is caught."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="paidthru-mutant-"))
    try:
        copied_sources(folder)
        for file, text in changed(mutant, folder).items():
            file.write_text(text)
        name = f"mutant_{number}" if mutant.schedules else f"test_mutant_{number}"
        with copy_of(host, name, *mutant.sql):
            if mutant.schedules:
                how = _by_schedules(mutant, folder, environment(host, name, folder))
            else:
                how = _by_tests(mutant.tests, folder, environment(host, f"mutant_{number}", folder))
    except Inapplicable as error:
        return Result(mutant, False, f"can't be planted any more: {error}", time.monotonic() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Result(mutant, how.startswith("by"), how, time.monotonic() - began)


def _by_schedules(mutant: Mutant, folder: Path, env: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", "tests.simulation", str(mutant.schedules), "--here", "--until-wrong"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for found in (one for one in told if "wrong" in one):
        return f"by seed {found['seed']}: {found['wrong'].splitlines()[0][:110]}"
    if {"played": mutant.schedules} not in told:
        return f"the schedules could not be played: {done.stderr.strip().splitlines()[-1:]}"
    return f"survived {mutant.schedules} schedules"


def _by_tests(tests: Sequence[str], folder: Path, env: Mapping[str, str]) -> str:
    done = _tested(tests, folder, env, "-x")
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    if done.returncode == TESTS_FAILED and failed:
        return f"by {failed[0].removeprefix('FAILED ').split(' - ')[0]}"
    if done.returncode != 0:
        return f"the tests could not be run: {(done.stdout + done.stderr).strip().splitlines()[-1:]}"
    return f"survived {len(tests)} tests"


def _tested(
    tests: Sequence[str], folder: Path, env: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--reuse-db", "-p", "no:cacheprovider", *options, *tests]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def sound(host: str) -> str:
    """What is wrong without any of the bugs: then a test that fails would show nothing."""
    tests = sorted({test for mutant in MUTANTS for test in mutant.tests})
    with copy_of(host, "test_sound"):
        done = _tested(tests, TOP, environment(host, "sound"))
    return "" if done.returncode == 0 else "\n".join(done.stdout.strip().splitlines()[-15:])


def main() -> int:
    """Prints a line for each mutant, and how many were caught; 1 if any was not."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 2))
    parser.add_argument("--only", default="", help="a part of the names of those to be tried")
    asked = parser.parse_args()
    wanted = [one for one in MUTANTS if asked.only in one.name]
    with own_server() as host, ThreadPoolExecutor(asked.jobs) as pool:
        unsound = "" if asked.only else pool.submit(sound, host)
        results = []
        for result in pool.map(partial(_numbered, host), enumerate(wanted)):
            results.append(result)
            verdict = "caught" if result.caught else "NOT CAUGHT"
            print(f"{verdict:<10} {result.mutant.name}: {result.how} ({result.seconds:.0f} s)", flush=True)
        why = unsound.result() if not isinstance(unsound, str) else ""
    if why:
        print(f"Without any of them the tests fail too, so they show nothing:\n{why}")
    count = 0 if why else sum(result.caught for result in results)
    print(f"{count} of {len(wanted)} mutants caught")
    return 0 if count == len(wanted) else 1


def _numbered(host: str, numbered: tuple[int, Mutant]) -> Result:
    return caught(numbered[1], host, numbered[0])


if __name__ == "__main__":
    sys.exit(main())
