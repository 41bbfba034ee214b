"""Schedules by hand: `python -m tests.simulation N [--seed FIRST]`, as `make simulate N=20000 SEED=1` does.

Plays N schedules on every core, each with a seed of its own, and prints those that went wrong with all that happened in
them. With N = 1 it prints every statement too.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
from contextlib import ExitStack
from typing import IO

from tests.simulation.server import TOP, copy_of, environment, own_server


def main() -> int:
    """Plays, and returns 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=2_000, help="how many schedules (N=)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (SEED=)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="processes at a time")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--until-wrong", action="store_true", help="stop at the first that goes wrong")
    asked = parser.parse_args()
    if asked.here:
        return play_here(asked.seed, asked.count, asked.step, until_wrong=asked.until_wrong)
    return play(asked.count, asked.seed, asked.jobs, until_wrong=asked.until_wrong)


def play(count: int, first: int, jobs: int, *, until_wrong: bool = False) -> int:
    """Spreads the seeds over processes, each with a database of its own."""
    jobs = max(1, min(jobs, count))
    wrong = 0
    with own_server() as host, ExitStack() as stack:
        started = []
        for job in range(jobs):
            name = stack.enter_context(copy_of(host, f"simulated_{job}"))
            share = len(range(first + job, first + count, jobs))
            command = [sys.executable, "-m", "tests.simulation", str(share), "--seed", str(first + job),
                       "--step", str(jobs), "--here"]  # fmt: skip
            command += ["--until-wrong"] if until_wrong else []
            started.append(
                subprocess.Popen(
                    command, cwd=TOP, env=environment(host, name), stdout=subprocess.PIPE, text=True
                )
            )
        played, ends = 0, set[int]()
        for one in started:
            assert one.stdout is not None
            those = _told(one.stdout)
            played, wrong = played + those[0], wrong + those[1]
            ends.add(one.wait())
    print(f"{played} schedules, seeds {first} to {first + count - 1}: {wrong or 'none'} went wrong")
    if played < count and not (until_wrong and wrong):
        print(f"{count - played} could not be played; the processes ended with {sorted(ends)}.")
        return 1
    return 1 if wrong else 0


def _told(stream: IO[str]) -> tuple[int, int]:
    """Prints what a process says of those that went wrong; returns how many it played, and how many went wrong."""
    played = wrong = 0
    for line in stream:
        if line.startswith("{"):
            said = json.loads(line)
            played += said.get("played", 0)
            if "told" in said:
                wrong += 1
                print(said["told"], flush=True)
    return played, wrong


def play_here(first: int, count: int, step: int, *, until_wrong: bool) -> int:
    """Plays in this process, on the database that it is told."""
    import django

    django.setup()
    logging.disable(logging.ERROR)  # what a schedule does wrong is told by its verdict
    from tests.simulation.schedule import Theatre

    theatre, played, wrong = Theatre(), 0, 0
    try:
        for seed in range(first, first + count * step, step):
            verdict = theatre.play(seed, verbose=count == 1)
            played += 1
            if count == 1 and not verdict.wrong:
                print(verdict.told(), file=sys.stderr)
            if verdict.wrong:
                wrong += 1
                print(json.dumps({"seed": seed, "wrong": verdict.wrong, "told": verdict.told()}), flush=True)
                if until_wrong:
                    break
        print(json.dumps({"played": played}), flush=True)
    finally:
        theatre.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
