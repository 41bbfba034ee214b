"""A backup in mid-flight, and its restore: what the organization has done since is forgotten, and the gateway has not
(field-notes C.10, B-63). The installation boots frozen; workers and people go on as if nothing had been; somebody
replays the gateway and tries to release it, again and again.
"""

import tempfile
from functools import partial
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

from tests.simulation import clubs
from tests.simulation.play import Play
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.unfreeze import unfreeze
from paidthru.config import instance
from paidthru.organizations.models import Install
from paidthru.organizations.queries import frozen_why


def begin(play: Play) -> None:
    """The installation is started for the first time."""
    play.home = Path(tempfile.mkdtemp(prefix="paidthru-simulated-"))
    Install.objects.all().delete()
    _start(play)


def _start(play: Play) -> None:
    assert play.home is not None
    with patch.object(instance, "SystemClock", lambda: play.clock):
        instance.recognize(play.home, starts=True)


def backup(play: Play) -> None:
    """Everything as it stands at one moment."""
    monitor = play.stage.monitor
    with monitor.transaction():
        monitor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rows = clubs.taken_down(play.organization.id, monitor)
        row = monitor.execute("SELECT fingerprint FROM organizations_install").fetchone()
    assert row is not None and isinstance(row[0], UUID)
    play.backup = clubs.Backup(rows, row[0])


def back_up(play: Play) -> None:
    """The operator's part: sooner or later in the schedule."""
    for _ in range(play.rng.choice([0, 1, 4])):
        play.stage.point("act")
    play.does("backup", partial(backup, play))


def restore(play: Play) -> None:
    """The database is as it was; nobody is at work. What was on its way to the gateway arrives all the same."""
    kept = play.backup
    assert kept is not None
    clubs.sweep_away()
    clubs.put_back(kept.rows)
    Install.objects.all().delete()
    Install.objects.create(fingerprint=kept.fingerprint, epoch=0)
    play.stage.note("restored", "as it was when the backup was made")
    _start(play)


def replays(play: Play) -> None:
    """The operator's part after a restore."""
    for _ in range(play.rng.choice([1, 3])):
        play.does("replay", partial(replay_and_release, play))


def replay_and_release(play: Play) -> None:
    """Reads the gateway through, and lets charging go on if the product agrees. Refused otherwise."""
    if frozen_why() is None:
        return
    runs.replay(play.desk())
    unfreeze(why="Replayed and read", actor=STAFF, now=play.clock.now(), moved=True)


def frozen(play: Play) -> bool:
    """Whether it still is."""
    return play.home is not None and frozen_why() is not None
