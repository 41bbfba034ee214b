"""What happened, in sentences: the timeline's events in the reader's words.

Every verb that an action records has its sentences here (a test looks). The first one whose facts are all known is
said, so an event of an earlier version, with fewer facts, still reads.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from string import Formatter
from uuid import UUID

from paidthru.faces.console.case_pages import MAILS as STEPS
from paidthru.faces.console.case_pages import WITHHELD
from paidthru.faces.console.case_sentences import CASES
from paidthru.faces.console.change_sentences import CHANGES
from paidthru.faces.console.end_sentences import ENDS
from paidthru.faces.console.formats import day_text, money_text, reader_text
from paidthru.faces.console.giving_sentences import GIVING
from paidthru.faces.console.home_sentences import HOMES
from paidthru.faces.console.invoice_sentences import INVOICES
from paidthru.faces.console.mail_sentences import ABOUT_MAIL
from paidthru.faces.console.pages import Moment
from paidthru.faces.console.parts import Tone
from paidthru.faces.console.staff_sentences import STAFF
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, parse_amount
from paidthru.timeline.models import Event

SENTENCES: Mapping[str, tuple[str, ...]] = {
    # staff
    **STAFF,
    "taken_along": ("Took along the list {list} as a file.", "Took a list along as a file."),
    # membership
    "joined": (
        "Came back on {on}: joined {plan}; {before} had ended on {ended}.",
        "Joined {plan} on {on}.",
        "Joined.",
    ),
    "brought_in": (
        "Brought in as a member of {plan}, paid through {paid_through}.",
        "Brought in as a member of {plan}.",
        "Brought in as a member.",
    ),
    "party_added": ("Added to the people we know.",),
    "billed": (
        "Billed {amount} for {plan}, {start} to {through}, on {invoice}.",
        "Billed {amount} on {invoice}.",
        "Billed.",
    ),
    "not_billed": ("Not billed.",),
    "paid_through_moved": (
        "Paid through moved from {from} to {to}.",
        "Paid through {to}.",
        "No longer paid through {from}.",
        "Paid through changed.",
    ),
    "term_restarted": (
        "The term from {from} to {through} now runs from {new_from} to {new_through}.",
        "A term begins anew.",
    ),
    "autopay_on": ("Enrolled in autopay.",),
    "autopay_off": ("Taken off autopay.",),
    "member_imported": ("Added from a roster, row {row}.", "Added from a roster."),
    "member_changed": ("Changed by a roster, row {row}.", "Changed by a roster."),
    "members_imported": (
        "Imported {file}: {add} added, {change} changed, {unchanged} unchanged.",
        "Members were imported.",
    ),
    "join_link_made": (
        "Made a join link to {plan}; it works through {until}.",
        "Made a join link to {plan}.",
    ),
    "join_link_changed": (
        "Changed a join link; it works through {until}.",
        "Changed a join link.",
    ),
    "asked_to_join": ("Asked to join {plan} through a link, and agreed to “{consent}”.",),
    # payments
    "method_saved": ("Saved {brand} ending in {last4} as the payment method.", "Saved a payment method."),
    "payment_created": (
        "A payment of {amount} for {invoice} waits to be sent.",
        "A payment waits to be sent.",
    ),
    "payment_submitted": (
        "Asked the processor for {amount} for {invoice}, by {method}.",
        "Asked the processor for {amount} for {invoice}.",
        "Asked the processor for a payment.",
    ),
    "payment_unknown": (
        "No clear answer yet about {amount} for {invoice}; it is being looked up.",
        "No clear answer yet about a payment; it is being looked up.",
    ),
    "payment_not_asked": (
        "The processor of {amount} for {invoice} can't be asked what became of it.",
        "The processor of a payment can't be asked what became of it.",
    ),
    "payment_of_other_money": (
        "Other money than {amount} came for {invoice}, after its payment had ended: look it up at the processor.",
        "Other money came for a payment that had ended: look it up at the processor.",
    ),
    "payment_requires_action": (
        "The member has to approve {amount} for {invoice}.",
        "The member has to approve a payment.",
    ),
    "payment_processing": (
        "The bank is working on {amount} for {invoice}.",
        "The bank is working on a payment.",
    ),
    "payment_declined": (
        "The processor declined {amount} for {invoice}.",
        "The processor declined a payment.",
    ),
    "payment_canceled": ("The payment of {amount} for {invoice} was canceled.", "A payment was canceled."),
    "payment_rejected": (
        "The processor refused to take the request for {amount} for {invoice}.",
        "The processor refused a request.",
    ),
    "payment_needs_review": (
        "A person has to look at the payment of {amount} for {invoice}.",
        "A person has to look at a payment.",
    ),
    "payment_held_back": (
        "When {invoice} fell due, it was not charged.",
        "Something fell due and was not charged.",
    ),
    "attempt_allowed": ("Allowed another attempt at {invoice}.", "Allowed another attempt."),
    "review_proposed": (
        "Proposed that the payment of {amount} for {invoice} counts as {outcome}.",
        "Proposed what became of a payment.",
    ),
    "review_approved": (
        "Approved that the payment of {amount} for {invoice} counts as {outcome}.",
        "Approved what became of a payment.",
    ),
    "review_withdrawn": ("Withdrew a proposal of what became of a payment.",),
    "payment_succeeded": ("Received {amount} for {invoice}.", "Received a payment."),
    "payment_received": (
        "Received {amount} for {invoice} as {payment}; {surplus} of it is credit.",
        "Received {amount} for {invoice} as {payment}.",
        "Received {amount}.",
        "Received a payment.",
    ),
    "payment_recorded": (
        "Recorded {payment}: {amount} by {means} from {payer}; {surplus} of it is credit.",
        "Recorded {payment}: {amount} by {means} from {payer}.",
        "Recorded {payment}: {amount} by {means}; {surplus} of it is credit.",
        "Recorded {payment}: {amount} by {means}.",
        "Recorded a payment.",
    ),
    # refunds
    "refund_requested": ("Asked to give back {amount} of {payment}.", "Asked for a refund."),
    "refund_approved": (
        "Approved giving back {amount} of {payment}, which {requested_by} asked for.",
        "Approved a refund.",
    ),
    "refund_turned_down": ("Turned down giving back {amount} of {payment}.", "Turned down a refund."),
    "refund_withdrawn": ("Giving back {amount} of {payment} was called off.", "A refund was called off."),
    "refund_recorded": ("Gave back {amount} of {payment}, by {means}.", "Recorded a refund."),
    "refund_sent": (
        "The processor is giving back {amount} of {payment}.",
        "The processor is giving money back.",
    ),
    "refund_done": ("{amount} of {payment} was given back.", "A refund was given back."),
    "refund_unknown": (
        "No clear answer yet about giving back {amount} of {payment}; it is being looked up.",
        "No clear answer yet about a refund; it is being looked up.",
    ),
    "refund_failed": (
        "The refund of {amount} of {payment} came back: the member does not have it.",
        "A refund came back.",
    ),
    "refund_rejected": (
        "The processor refused to give back {amount} of {payment}.",
        "The processor refused a refund.",
    ),
    "refund_canceled": (
        "The refund of {amount} of {payment} was canceled at the processor.",
        "A refund was canceled at the processor.",
    ),
    "refund_found": (
        "Found a refund that was made at the processor: {amount} of {payment}.",
        "Found a refund that was made at the processor.",
    ),
    "refund_crossed": (
        "{beyond} of {payment} went out twice: the member has it once too often.",
        "Money of a payment went out twice.",
    ),
    # money that is gone again
    "payment_reversed": (
        "Reversed {amount} of {payment}; {invoice} is open again.",
        "Reversed {amount} of {payment}.",
        "Reversed a payment.",
    ),
    "payment_unapplied": (
        "Took {amount} of {payment} off; it is credit, and {invoice} is open again.",
        "Took {amount} of {payment} off its invoices; it is credit.",
    ),
    "credit_applied": (
        "Applied {amount} of credit to {invoice}.",
        "Applied {amount} of credit.",
    ),
    "payment_returned": (
        "The bank returned {amount} of {payment} ({code}); {invoice} is open again.",
        "The bank returned {amount} of {payment}.",
        "The bank returned a payment.",
    ),
    "return_matched": (
        "The bank's return of {payment} has come ({code}); it had been reversed before.",
        "The bank's return of a payment has come; it had been reversed before.",
    ),
    "payment_disputed": (
        "The payer disputes {amount} of {payment}; it is held back until that is decided.",
        "The payer disputes a payment.",
    ),
    "dispute_won": ("The dispute of {payment} is won: {amount} is back.", "A dispute is won."),
    "dispute_lost": (
        "The dispute of {payment} is lost: {amount} is gone, and {invoice} is open again.",
        "The dispute of {payment} is lost: {amount} is gone.",
        "A dispute is lost.",
    ),
    "recovery_billed": (
        "Billed {amount} of {payment}, which the member has twice, on {invoice}.",
        "Billed what the member has twice.",
    ),
    "method_removed": ("Removed {brand} ending in {last4}.", "Removed a payment method."),
    "visitor_method_dropped": (
        "Forgot {brand} ending in {last4}, which a visitor had given for one payment.",
        "Forgot what a visitor had given for one payment.",
    ),
    "method_revoked": (
        "{brand} ending in {last4} may not be debited any more.",
        "A payment method may not be used any more.",
    ),
    # runs and batches
    "run_started": (
        "Began the renewal run “{name}”, effective {effective}.",
        "Began the renewal run “{name}”.",
    ),
    "run_discarded": ("Took back the renewal run “{name}”, which billed nobody.",),
    "cycle_missed": ("What was due on {due} is not paid.",),
    "run_previewed": ("Previewed the renewal run “{name}”.",),
    "run_committed": (
        "Committed the renewal run “{name}”: {billed} billed, {skipped} left out.",
        "Committed the renewal run “{name}”.",
    ),
    "run_done": ("The renewal run “{name}” is done.",),
    "run_failed": ("The renewal run “{name}” stopped.",),
    "run_resumed": ("Took the renewal run “{name}” up again.",),
    "renewal_notices_sent": ("Sent {notices} renewal notices of “{name}”.", "Sent renewal notices."),
    "run_reviewed": ("Reviewed the invoices of the renewal run “{name}”.",),
    "batch_reviewed": ("Reviewed batch {batch}, {name}.", "Reviewed the batch."),
    "batch_posted": ("Posted batch {batch}, {name}.", "Posted the batch."),
    "books_exported": ("Exported {batches} posted batches, export {export}.", "Exported the books."),
    "period_closed": ("Closed the books through {through}.", "Closed a period of the books."),
    "reopening_asked": ("Asked, because of “{reason}”, for the books through {through} to be opened.",),
    "reopening_withdrawn": ("Left the books closed through {through}.",),
    "period_reopened": (
        "Opened the books through {through} again, because of “{reason}”.",
        "Opened a closed period.",
    ),
    # settings
    "gateway_connected": (
        "Connected the {mode} account {account} ({ref}) as the payment processor.",
        "Connected a payment processor.",
    ),
    "gateway_key_rotated": ("Changed the key of {account}.", "Changed the payment processor’s key."),
    "webhook_secret_rotated": (
        "Changed the signing secret of {account}’s events.",
        "Changed the signing secret of events.",
    ),
    "gateway_disconnected": ("Disconnected {account}.", "Disconnected the payment processor."),
    "method_refreshed": (
        "{brand} ending in {last4} was renewed by its bank; it expires {expires}.",
        "The payment method on file was renewed by its bank.",
    ),
    "policy_set": (
        "Set {policy} to {value}; it was {before} (from the {source}).",
        "Set {policy} to {value}.",
        "Set a policy.",
    ),
    "policy_unset": (
        "{policy} is no longer set here: it is {value}, from {now_from}; it was {before}.",
        "Removed a setting of {policy}.",
    ),
    "policy_planned": (
        "{policy} changes to {value} on {on}.",
        "{policy} changes on {on}.",
    ),
    "policy_change_withdrawn": ("The change of {policy} on {on} was withdrawn.",),
    "policy_change_refused": ("The change of {policy} on {on} could not be made.",),
    "example_kept": (
        "Changed the example “{example}” together with {because}.",
        "Changed the example “{before}”: it is “{example}”.",
        "Keeps the example “{example}”.",
    ),
    "example_removed": ("Removed the example “{example}”.",),
    "billing_contact_set": ("{name} is the billing contact.",),
    "billing_contact_removed": ("Nobody is the billing contact any more.",),
    "billing_cycle_added": ("Added the billing cycle “{name}”.",),
    "plan_prorated": ("{plan} is prorated: {prorate}.",),
    "prorate_table_added": ("Added the prorate table “{name}”.",),
    "staff_added": ("Gave {email} access as {roles}.", "Gave {email} access."),
    "plan_added": ("Added the plan {plan} at {price}.", "Added the plan {plan}."),
    "price_changed": (
        "Changes the price of {plan} from {from} to {to} for terms from {on} on.",
        "Changed the price of {plan} from {from} to {to}.",
        "Set the price of {plan} to {to}.",
        "Changed the price of {plan}.",
    ),
    "fee_added": ("Added the fee {fee} of {amount} to {plan}.", "Added a fee to {plan}."),
    "payment_abandoned": (
        "Gave up the payment of {amount} for {invoice}.",
        "Gave up a payment.",
    ),
    "charge_billed": ("Billed {amount} on {invoice}, to be charged now.", "Billed a charge."),
    "invoice_voided": ("Voided {invoice}: {amount} is not owed any more.", "Voided an invoice."),
    "invoice_credited": (
        "Credited {amount} of {invoice} with credit note {credit_note}.",
        "Credited {amount} of {invoice}.",
        "Credited an invoice.",
    ),
    "written_off": (
        "Wrote {amount} of {invoice} off; {unearned} of it was not earned yet.",
        "Wrote {amount} of {invoice} off.",
        "Wrote an invoice off.",
    ),
    "invoice_closed": ("Closed {invoice}: the next try has an invoice of its own.", "Closed an invoice."),
    "invoice_carried_over": (
        "Closed {invoice}: what was left of it is on {onto}.",
        "Carried what was left of an invoice on to the next.",
    ),
    "invoice_reissued": (
        "Issued {invoice} instead of {instead_of}.",
        "Issued {invoice}.",
        "Issued an invoice.",
    ),
    "invoice_sent": ("Mailed {invoice} to {email}, with its pay link.", "Mailed an invoice."),
    "pay_link_made": ("Made the pay link of {invoice}.", "Made a pay link."),
    "pay_link_revoked": (
        "Revoked the pay link of {invoice}: it doesn't work any more.",
        "Revoked a pay link.",
    ),
    "link_made": ("A secret link was made; it works until {until}.", "A secret link was made."),
    "link_asked": ("Somebody asked for the link to this membership; it was mailed to {email}.",),
    "link_sent": (
        "Mailed a link to save a payment method to {email}.",
        "Mailed a link to save a payment method.",
    ),
    "sending_paused": ("Nothing is sent to the processor for now.",),
    "sending_resumed": ("Payments are sent to the processor again.",),
    "worker_stopped": ("Switched the worker off: nothing happens by itself.",),
    "worker_started": ("Switched the worker on.",),
    # the installation, and what its processors tell
    "billing_frozen": ("Charging was frozen.",),
    "billing_unfrozen": ("Charging was released; it had been frozen for “{was}”.", "Charging was released."),
    "gateway_swept": (
        "Read the processor's books: {settled} settled, {rebuilt} rebuilt, {strays} nobody's, {differing} to look at.",
        "Read the processor's books.",
    ),
    "gateway_replayed": (
        (
            "Read the processor's books after the freeze: {settled} settled, {rebuilt} rebuilt, {strays} nobody's,"
            " {canceled} canceled, {differing} to look at, {lost_numbers} invoice numbers lost."
        ),
        "Read the processor's books after the freeze.",
    ),
    "payment_rebuilt": (
        "Took in a payment of {amount} for {invoice} that the processor knows and this database had lost.",
        "Took in a payment that the processor knows and this database had lost.",
    ),
    "stray_found": (
        "The processor tells of {amount} that nobody can place.",
        "The processor tells of money that nobody can place.",
    ),
    "stray_placed": (
        "Placed {amount} that nobody could place as {payment}.",
        "Placed {amount} that nobody could place in {account}.",
        "Placed {amount} that nobody could place.",
        "Placed money that nobody could place.",
    ),
    **CASES,
    **CHANGES,
    **ENDS,
    **INVOICES,
    **HOMES,
    **GIVING,
    **ABOUT_MAIL,
    "settlement_booked": (
        "Booked {lines} movements at the processor, {payouts} payouts among them.",
        "Booked movements at the processor.",
    ),
}

TONES: Mapping[str, Tone] = {
    **dict.fromkeys(("payment_received", "payment_recorded", "paid_through_moved", "batch_posted"), "good"),
    **dict.fromkeys(("refund_done", "refund_recorded"), "good"),
    **dict.fromkeys(("refund_failed", "refund_rejected", "refund_crossed"), "bad"),
    **dict.fromkeys(("refund_unknown", "refund_found"), "warn"),
    **dict.fromkeys(("payment_returned", "payment_disputed", "dispute_lost", "recovery_billed"), "bad"),
    **dict.fromkeys(("payment_reversed", "method_revoked"), "warn"),
    "dispute_won": "good",
    **dict.fromkeys(("billing_frozen", "stray_found", "payment_of_other_money", "payment_not_asked"), "bad"),
    **dict.fromkeys(("gateway_replayed", "payment_rebuilt"), "warn"),
    **dict.fromkeys(
        ("payment_declined", "payment_rejected", "payment_needs_review", "run_failed", "sending_paused"),
        "bad",
    ),
    **dict.fromkeys(("payment_unknown", "payment_requires_action", "not_billed"), "warn"),
    **dict.fromkeys(("cancellation_asked", "membership_lapsed", "membership_downgraded"), "warn"),
}

_AMOUNTS = frozenset({"amount", "beyond", "surplus", "price", "balance", "unearned"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ACTORS = {"schedule": "Paidthru", "command": "Command line", "visitor": "A visitor"}


def sentence(event: Event, locale: str = "en") -> str:
    """What happened, as one sentence."""
    known = _words(event.facts, locale)
    for template in SENTENCES.get(event.verb, ()):
        if all(name in known for _, name, _, _ in Formatter().parse(template) if name):
            return template.format_map(known)
    return event.verb.replace("_", " ").capitalize() + "."


def moments(
    events: Iterable[Event], locale: str, href: Callable[[str, UUID], str] | None = None
) -> tuple[Moment, ...]:
    """Events as a page's timeline. `href(subject kind, its id)` leads to what it happened to, "" to nothing."""
    return tuple(
        Moment(
            event.at,
            who(event),
            sentence(event, locale),
            reader_text(event.why, locale),
            _tone(event),
            href(event.subject_kind, event.subject_id) if href else "",
        )
        for event in events
    )


def _tone(event: Event) -> Tone:
    """A verb's tone; a paid-through date that goes back is no good news."""
    if event.verb == "paid_through_moved" and str(event.facts.get("to") or "") < str(
        event.facts.get("from") or ""
    ):
        return "warn"
    return TONES.get(event.verb, "neutral")


def who(event: Event) -> str:
    """Who did it, by name; the calendar goes by the product's."""
    if event.actor_kind == "schedule":
        return _ACTORS["schedule"]
    return event.actor or _ACTORS.get(event.actor_kind, event.actor_kind.capitalize())


def _words(facts: Mapping[str, object], locale: str) -> dict[str, str]:
    """The facts that are known, each as it is said: amounts and dates in the reader's way, numbers with their noun."""
    currency = str(facts.get("currency") or "")
    words = {
        name: _said(name, value, currency, locale)
        for name, value in facts.items()
        if value is not None and value != "" and value != []
    }
    numbers = facts.get("invoices")
    if isinstance(numbers, list) and numbers:
        listed = [str(number) for number in numbers]
        words["invoice"] = (
            f"invoice {listed[0]}"
            if len(listed) == 1
            else f"invoices {', '.join(listed[:-1])} and {listed[-1]}"
        )
    return words


def _said(name: str, value: object, currency: str, locale: str) -> str:
    text = " and ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    if name == "roles":
        return text.replace("_", " ")
    if name in _AMOUNTS and currency:
        try:
            return money_text(Money(parse_amount(text, currency, "."), currency), locale)
        except Refused:
            return f"{text} {currency}"
    if name in ("invoice", "payment", "instead_of", "onto"):
        return f"{'payment' if name == 'payment' else 'invoice'} {text}"
    if name in ("mail", "withheld"):
        return STEPS.get(text) or WITHHELD.get(text, text)
    if _DAY.fullmatch(text):
        try:
            return day_text(date.fromisoformat(text), locale)
        except ValueError:
            return text
    return text
