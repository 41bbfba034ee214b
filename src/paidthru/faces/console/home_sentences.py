"""Homes and visits in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

HOMES: Mapping[str, tuple[str, ...]] = {
    "unit_added": ("Added the unit {unit}, share {share}.", "Added the unit {unit}."),
    "unit_changed": ("Changed {unit}: share {share}, area {area}.",),
    "unit_transferred": (
        "{unit} went from {from} to {to} on {on}.",
        "{unit} is {to}’s from {on} on.",
    ),
    "unit_given_up": ("{unit} went to {to} on {on}.",),
    "home_autopay_on": ("{unit} is charged by itself from now on.",),
    "home_autopay_off": ("{unit} is not charged by itself any more.",),
    "unit_assessed": ("Assessed {unit}: {amount} every {every} from {from}.",),
    "assessment_ended": ("{assessment} of {unit} ends on {until}.",),
    "assessment_billed": ("Billed {amount}: {text}.",),
    "levied": ("Levied {amount} on {units} units: {levy}, due {due}.",),
    "late_fee_charged": ("Charged a late fee of {amount} on what was due on {due}.",),
    "visit_price_added": (
        "Added the visit price {price}: {non_member}, beyond a plan {overage} {currency}.",
    ),
    "visit_price_closed": ("Closed the visit price {price}.",),
    "visited": ("Came to {place}: {amount}.", "Came."),
    "tax_receipt_issued": ("Issued tax receipt {number} over {amount}.",),
    "tax_receipt_voided": ("Voided tax receipt {number} over {amount}.",),
    "pledged": (
        "Pledged {amount} to {campaign} in {instalments} instalments, the first due {first}.",
        "Pledged {amount} in {instalments} instalments, the first due {first}.",
    ),
    "pledge_billed": ("Billed {amount} of a pledge, instalment {n}.",),
    "pledge_changed": (
        "Changed a pledge: {amount} are left to bill from {first}, {beyond} were given up.",
        "Changed a pledge: {amount} are left to bill from {first}.",
        "Changed a pledge: nothing is left to bill.",
    ),
    "arrears_taken_over": ("Is asked for {amount} that were open of the home, by invoice {invoice}.",),
    "event_added": ("Added the event {event}, with {places} places.", "Added an event."),
    "event_closed": ("Closed the event {event}.",),
    "tickets_ordered": ("Took {tickets} of the places at {event}.", "Took places at an event."),
    "tickets_sold": ("Tickets for {event} are paid: {tickets}.", "Tickets are paid."),
    "tickets_lapsed": ("Places at {event} were let go: {tickets}.", "Places were let go."),
    "tickets_paid_late": ("Paid for {event} after the places were let go.", "Paid too late for an event."),
    "tickets_given_back": ("Gave tickets for {event} back: {tickets}.", "Gave tickets back."),
    "checked_in": ("Is in, with ticket {ticket}.", "Is in."),
    "visits_billed": ("Billed {amount} for {visits} visits.",),
}
