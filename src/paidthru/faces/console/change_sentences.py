"""What staff and members changed of a running membership, in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

CHANGES: Mapping[str, tuple[str, ...]] = {
    "switch_chosen": (
        "Changes from {from} to {to} with the next renewal, on {on}.",
        "Changes from {from} to {to} with the next renewal.",
        "Changes plan with the next renewal.",
    ),
    "switch_undone": (
        "Stays on {to}: the change of plan was taken back.",
        "A change of plan was taken back.",
    ),
    "plan_switched": ("Changed from {from} to {to}.", "Is on {to} now.", "Changed plan."),
    "unused_credited": (
        "Credited {amount} for the unused time of {plan} from {from}.",
        "Credited unused time.",
    ),
    "renewal_date_set": (
        "The renewal date is {to}; it was {from}. {amount} is billed then.",
        "The renewal date is {to}; it was {from}.",
        "The renewal date is {to}.",
        "The renewal date was set.",
    ),
    "set_active": (
        "Set active: nothing more is tried before {next}.",
        "Set active: nothing more is tried for the failed cycle.",
    ),
    "cycle_marked_paid": (
        "Marked the cycle as paid. {reason}. The next charge is on {next}.",
        "Marked the cycle as paid. {reason}.",
        "Marked the cycle as paid.",
    ),
    "payment_reason_set": ("The cycle counts as paid: {reason}.", "Noted why the cycle counts as paid."),
    "cycle_resolved": (
        "Resolved the failed cycle: {way}. {reason}. The next charge is on {next}.",
        "Resolved the failed cycle: {way}. The next charge is on {next}.",
        "Resolved the failed cycle: {way}.",
        "Resolved the failed cycle.",
    ),
    "price_change_dropped": (
        "Took back the price of {to} for terms of {plan} from {on} on.",
        "Took a planned price back.",
    ),
    "plan_renamed": ("Called the plan {from} {to}.", "Gave the plan another name."),
    "plan_closed": ("Closed {plan} to new members.", "Closed the plan to new members."),
    "plan_opened": ("Opened {plan} to new members again.", "Opened the plan to new members again."),
    "price_taken_up": (
        "{plan} costs {to} from {on} on.",
        "A new price of {plan} has come.",
        "A new price has come.",
    ),
    "dates_set": ("Set dates: {changes}.", "Set dates."),
    "brand_set": (
        "Changed how documents look ({changed}). It is version {version}; issued documents keep theirs.",
        "Changed how documents look.",
    ),
    "rehearsed": (
        "Asked for a rehearsal of {months} months, “{name}”, with other policies: {policies}.",
        "Asked for a rehearsal of {months} months, “{name}”.",
        "Asked for a rehearsal.",
    ),
    "rehearsal_discarded": ("Threw the rehearsal “{name}” away.", "Threw a rehearsal away."),
    "view_kept": ("Kept the view “{view}” of {list}.", "Kept a view of a list."),
    "first_steps_put_away": ("Put the first steps away.",),
    "view_changed": (
        "The view “{before}” of {list} is “{view}”, {whose}.",
        "Changed a view of a list.",
    ),
    "view_dropped": ("Removed the view “{view}” of {list}.", "Removed a view of a list."),
    "founded": ("Made this organization, as {preset}.", "Made this organization."),
    "calendar_address_renewed": ("Gave their charge calendar a new address.",),
    "language_chosen": ("Chose the language of pages and mails: {language}.", "Chose a language."),
    "contact_set": ("Changed the contact details: {changed}.", "Changed the contact details."),
    "postal_set": ("Changed where documents go: {changed}.", "Changed where documents go."),
}
