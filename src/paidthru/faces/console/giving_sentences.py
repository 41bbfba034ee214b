"""Giving in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

GIVING: Mapping[str, tuple[str, ...]] = {
    "campaign_added": (
        "Added the campaign {campaign}: {goal} {currency}, from {from} through {until}.",
        "Added the campaign {campaign}: {goal} {currency}.",
    ),
    "campaign_closed": ("Closed the campaign {campaign}.",),
    "card_testing": ("Took no more cards for invoice {invoice} for a while: too many failed.",),
    "donated": (
        "Donated {amount} to {campaign}, by {method}.",
        "Donated {amount} to {campaign}.",
        "Donated {amount}, by {method}.",
        "Donated {amount}.",
    ),
    "gift_begun": ("Gives {amount} to {campaign} every {every}.", "Gives {amount} every {every}."),
    "gift_amount_changed": ("Changed the gift of {before} to {amount} every {every}.",),
    "gift_method_changed": ("Gave {brand} {last4} for the gift of {amount}.",),
    "gift_paused": ("Paused the gift of {amount}.",),
    "gift_stopped": ("Stopped the gift of {amount}.",),
    "gift_aid_declared": ("Declared Gift Aid for what is given from {from} on.",),
    "gift_aid_withdrawn": ("Withdrew the Gift Aid declaration; it ends on {until}.",),
    "gift_aid_claimed": ("Claimed Gift Aid of {tax} on {gifts} gifts, claim {number}.",),
    "given_year_mailed": ("Mailed {donors} donors what they gave in {year}.",),
    "gift_taken_up": ("Took up the gift of {amount} again.",),
}
