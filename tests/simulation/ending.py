"""The end of a schedule: no faults any more, and everything is looked at until nothing is open, day after day."""

from datetime import datetime, timedelta

from tests.simulation import restoring, work
from tests.simulation.judge import open_attempts, open_refunds
from tests.simulation.people import decide_refunds, review_everything
from tests.simulation.play import Play

from paidthru import runs
from paidthru.payments.models import Attempt
from paidthru.runs.sending import look_at_due

ROUNDS = 150

#: What is due, asked in one go: attempts, refunds, events, and what waits for a person.
_DUE = """
    SELECT (SELECT count(*) FROM payments_attempt WHERE organization_id = %(organization)s AND (state = 'created'
                OR state IN ('submitted', 'unknown', 'requires_action', 'processing') AND next_look_at <= %(now)s)),
           (SELECT count(*) FROM payments_refund WHERE organization_id = %(organization)s
                AND next_look_at <= %(now)s AND state IN ('approved', 'submitted', 'unknown', 'pending')),
           (SELECT count(*) FROM timeline_inboxevent WHERE organization_id = %(organization)s AND state = 'new'
                AND next_try_at <= %(now)s),
           (SELECT count(*) FROM payments_attempt WHERE organization_id = %(organization)s
                AND state = 'needs_review'),
           (SELECT count(*) FROM payments_refund WHERE organization_id = %(organization)s AND state = 'requested')"""


def to_the_end(play: Play) -> None:
    """Until nothing is open; then a night later all that a worker does, and if that opened something, on."""
    desk = play.desk()
    if play.swarm.webhooks in ("all", "shuffled"):
        for event in [*play.mail, *play.truth.events]:
            work.deliver(play, event)
    if not restoring.frozen(play):
        runs.collect_due(desk)
    for _ in range(ROUNDS):
        play.truth.catch_up(play.clock.now())
        if restoring.frozen(play):
            play.clock.advance(timedelta(minutes=5))
            play.does("replay", lambda: restoring.replay_and_release(play))
        _what_is_due(play)
        upcoming = play.truth.next_at()
        if upcoming is None and not open_attempts(play) and not open_refunds(play):
            play.clock.advance(_until_night(play.clock.now()))
            runs.work(desk)
            if play.truth.next_at() is None and not open_attempts(play) and not open_refunds(play):
                return
        night = play.clock.now() + timedelta(hours=25)
        play.clock.advance(min(upcoming or night, night) - play.clock.now() + timedelta(seconds=1))
    play.stage.note("", "there is no end to it")


def _until_night(now: datetime) -> timedelta:
    """Until after the hour at which everything is swept (three o'clock in New York), the next day."""
    night = now.replace(hour=9, minute=5, second=0, microsecond=0)
    return night - now + timedelta(days=1 if night > now else 2)


def _what_is_due(play: Play) -> None:
    desk = play.desk()
    about = {"organization": play.organization.id, "now": play.clock.now()}
    row = play.stage.monitor.execute(_DUE, about, prepare=True).fetchone()
    assert row is not None
    attempts, refunds, events, reviews, requests = row
    if events:
        runs.work_inbox(desk)
    if attempts:
        runs.collect_unsent(desk)
        look_at_due(desk)
    if reviews and Attempt.objects.filter(organization=play.organization, state="needs_review").exists():
        play.does("review", lambda: review_everything(play))
    if requests:
        decide_refunds(play)
    if refunds or requests:
        runs.send_refunds(desk)
