"""Ticks of the calendar, which comes by every minute: with nothing to do, and with the members whose minute it is.

An idle tick has to cost what is due, and not what there is. So its floor is the same tick of a club of 20 members.
"""

from statistics import median

from benchmarks.report import Figures, Report
from benchmarks.server import address, processes, tell

FEW = 20  # members of the small club
IDLE = 9  # ticks that find nothing, of which the median counts
MORNING, LATER = 8 * 60 + 1, 8 * 60 + 2  # minutes of the day, of a window that is open all day


def measure(host: str, report: Report) -> None:
    """Idle ticks of a small club and of the present one, on a day on which nine of ten members renew; and the tick in
    which those are tried whose minute it is."""
    small, large = _taken(host, FEW), _taken(host, report.members)
    ratio = small["idle"] / large["idle"]
    report.say()
    report.say(
        f"idle tick: {report.members} members, {large['idle'] * 1e3:.0f} ms; {FEW} members,"
        f" {small['idle'] * 1e3:.0f} ms; ratio {ratio:.2f}"
    )
    report.say(
        f"tick of a minute: {large['opened']} members tried of {large['due']} in {large['busy'] * 1e3:.0f} ms"
    )
    report.figures["ticks"] = {"small": small, "large": large, "ratio_idle": ratio}


def _taken(host: str, members: int) -> Figures:
    name = f"ticks_{members}"
    tell(host, f"CREATE DATABASE {name}")
    with processes(address(host, name)) as (one,):
        one.ask("seed_calendar", members=members)
        caught_up = one.ask("tick", minute=MORNING)
        idle = median(one.ask("tick", minute=MORNING)["seconds"] for _ in range(IDLE))
        busy = one.ask("tick", minute=LATER)
        return {
            "idle": idle, "busy": busy["seconds"], "opened": busy["opened"] - caught_up["opened"], "due": busy["due"],
        }  # fmt: skip
