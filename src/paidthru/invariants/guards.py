"""What the database refuses by itself, as long as its guards stand."""

from paidthru.invariants.invariant import Invariant

#: (table, trigger), of the rooms' migrations. That nothing is booked into a posted batch, or changed once booked or
#: known, cannot be read from the rows afterwards: only the guard knows.
TRIGGERS = (
    ("ledger_journal", "journal_never_changes"),
    ("ledger_entry", "entry_never_changes"),
    ("ledger_recognition", "recognition_never_changes"),
    ("timeline_event", "event_never_changes"),
    ("timeline_auditseal", "seal_never_changes"),
    ("ledger_journal", "journal_balances"),
    ("ledger_entry", "entry_comes_with_its_journal"),
    ("ledger_journal", "journal_needs_an_open_batch"),
    ("ledger_batch", "posted_batch_stays"),
    ("payments_attempt", "attempt_keeps_its_rank"),
    ("payments_paymentintent", "gateway_ref_is_written_once"),
)

_WANTED = ", ".join(f"('{table}', '{trigger}')" for table, trigger in TRIGGERS)

GUARDS_STAND = Invariant(
    "guards_stand",
    "The database's own guards over books, events and attempts are there and switched on.",
    f"""SELECT 'trigger ' || w.name, 'is missing or switched off on ' || w.home
        FROM (VALUES {_WANTED}) AS w (home, name)
        WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g
                          WHERE g.tgrelid = to_regclass(w.home) AND g.tgname = w.name AND g.tgenabled IN ('O', 'A'))""",
)

INVARIANTS = (GUARDS_STAND,)
