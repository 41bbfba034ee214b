"""Invoices that staff write, taxes and discounts, in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

INVOICES: Mapping[str, tuple[str, ...]] = {
    "taken_in": ("Belongs to {group} from {on} on.",),
    "took_in": ("{name} belongs to it from {on} on.",),
    "was_let_go": ("Belongs to {group} no longer from {on} on.",),
    "let_go": ("{name} belongs to it no longer from {on} on.",),
    "payer_set": ("{payer} pays for {plan} from now on.",),
    "pays_for": ("Pays for {member}, {plan}, from now on.",),
    "payer_removed": ("{payer} no longer pays for {plan}.",),
    "pays_no_longer": ("No longer pays for {member}, {plan}.",),
    "included_visits_set": ("Visits of a cycle that the plan includes: {visits}.",),
    "seats_set": ("Seats for a household or company: {seats}.",),
    "invoice_drafted": ("Drafted an invoice over {amount}.", "Drafted an invoice."),
    "invoice_issued": ("Issued {invoice} over {amount}.", "Issued {invoice}.", "Issued an invoice."),
    "draft_changed": ("Changed the draft; it comes to {amount}.", "Changed the draft."),
    "draft_discarded": ("Discarded the draft.",),
    "recurring_invoice_written": (
        "Set an invoice to come every {every} from {from}, through {until}.",
        "Set an invoice to come every {every} from {from}.",
        "Set an invoice to come again.",
    ),
    "recurring_paused": ("Paused a recurring invoice.",),
    "recurring_resumed": (
        "Went on with a recurring invoice: the next one comes on {next}.",
        "Went on with a recurring invoice; none is left to come.",
    ),
    "recurring_ended": ("Ended a recurring invoice.",),
    "exchange_rate_set": (
        "One {currency} is worth {rate} {into} from {on}, says {source}.",
        "Entered an exchange rate of {currency}.",
    ),
    "tax_added": (
        "Added the tax {name}: {rate} from {from}.",
        "Added the tax {name}: {rate}.",
        "Added the tax {name}.",
        "Added a tax.",
    ),
    "tax_rate_added": (
        "{name} is {rate} from {from}.",
        "{name} has a new rate from {from}.",
        "A tax has a new rate.",
    ),
    "plan_taxed": ("{plan} bears {tax} from now on.",),
    "tax_exempt_set": ("Set to pay no tax.",),
    "tax_exempt_ended": ("Set to pay tax again.",),
    "discount_given": (
        "Gave the discount {name} ({off}) from {from}, for terms that begin before {until}.",
        "Gave the discount {name} ({off}) from {from}.",
        "Gave a discount.",
    ),
    "discount_ended": ("Ended the discount {name} as of {on}.", "Ended a discount."),
}
