"""Swarm schedules (field-notes C.11): each seed turns a random part of the faults up and leaves the rest off. Uniform
schedules, with a little of everything, were seen to miss what a few faults together bring about.
"""

from dataclasses import dataclass
from random import Random

from tests.simulation.stage import Breaks, Kind

#: What can happen to a request on its way (truth.py and gateway.py); each with how often, once it is turned up.
FATES: dict[str, tuple[float, ...]] = {
    "lost": (0.05, 0.3),  # it never arrives
    "reply lost": (0.05, 0.3),  # it does, its answer doesn't
    "late": (0.05, 0.25),  # it arrives hours later
    "busy": (0.1, 0.4),  # 429
    "unauthorized": (0.02, 0.08),  # 401, for a while
    "key in use": (0.05, 0.2),  # 409
    "error": (0.05, 0.2),  # 5xx, nothing happened, kept under the key
    "error with effect": (0.05, 0.3),  # 5xx, and it happened, kept under the key
    "refused": (0.05, 0.25),  # 400: a look-up, a cancellation or a confirmation, also one that is sent again
    "slow": (0.05, 0.3),  # it takes minutes
    "nonsense": (0.02, 0.12),  # an answer about other money
    "killed before": (0.02, 0.15),
    "killed after": (0.02, 0.2),
}

#: How the banks of the members feel.
MOODS = ("decline", "action", "hard", "return", "dispute", "refund")


@dataclass
class Swarm:
    """What one seed has turned up."""

    fates: dict[str, float]
    breaks: Breaks
    switching: dict[Kind, float]
    moods: frozenset[str]
    webhooks: str  # none | some | all | shuffled
    workers: int
    acts: int  # of staff and members, together
    hours: tuple[int, ...]  # by which the clock is moved on
    confirmation_limit: int
    restores: bool
    separation: bool  # nobody approves what they asked for themselves

    def __str__(self) -> str:
        faults = ", ".join(f"{name} {share:g}" for name, share in self.fates.items() if share)
        return (
            f"{faults or 'no fault of the gateway'}; {self.breaks}; moods {', '.join(sorted(self.moods)) or 'good'}; "
            f"webhooks {self.webhooks}; {self.workers} workers; {self.acts} acts{'; restored' if self.restores else ''}"
        )


def draw(rng: Random) -> Swarm:
    """The swarm of a seed."""

    def up(share: float, *rates: float) -> float:
        return rng.choice(rates) if rng.random() < share else 0.0

    busy = rng.choice([0.0, 0.25, 0.5])  # how much of it all is turned up
    fates = {name: up(busy, *rates) for name, rates in FATES.items()}
    breaks = Breaks(
        kill=up(busy / 2, 0.003, 0.015),
        drop=up(busy / 3, 0.003, 0.01),
        commit_kill=up(busy / 2, 0.02, 0.08),
        commit_drop=up(busy / 2, 0.02, 0.08),
        sleep=up(busy / 2, 0.002, 0.01),
    )
    often = rng.choice([0.0, 0.02, 0.1, 0.4])
    switching: dict[Kind, float] = {
        "statement": often,
        "commit": max(often, rng.choice([0.0, 0.3])),
        "gateway": rng.choice([0.1, 0.5, 0.9]),
        "act": 0.8,
    }
    return Swarm(
        fates=fates,
        breaks=breaks,
        switching=switching,
        moods=frozenset(mood for mood in MOODS if rng.random() < 0.35),
        webhooks=rng.choice(["none", "some", "all", "shuffled"]),
        workers=rng.choice([1, 2, 2, 3]),
        acts=rng.choice([1, 2, 4, 6]),
        hours=rng.choice([(0, 1), (1, 7, 26), (20, 80), (0, 30, 130)]),
        confirmation_limit=rng.choice([2, 20, 20]),
        restores=rng.random() < 0.1,
        separation=rng.random() < 0.3,
    )
