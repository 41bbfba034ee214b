"""Sums of several currencies beside each other, and what they come to in the organization's own, by which rates."""

from collections.abc import Mapping

from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.parts import Figure
from paidthru.organizations.queries import rates_by
from paidthru.organizations.rules.rates import equivalent


def equivalent_figures(visit: Visit, sums: Mapping[str, int]) -> tuple[Figure, ...]:
    """One figure for sums (minor units by currency) of more than one currency, at the newest rates of today, with the
    rates named; a rate that is missing is said, and not guessed (A-38). None where all are the organization's own."""
    own = visit.organization.currency
    if all(currency == own for currency, amount in sums.items() if amount):
        return ()
    found = equivalent(
        {currency: amount for currency, amount in sums.items() if amount or currency == own},
        rates_by(visit.organization.id, visit.desk.today),
        own,
    )
    label = f"Equivalent in {own}"
    if found.money is None:
        note = f"no rate of {', '.join(found.missing)}: enter it in the settings"
        return (Figure(label, None, note, "warn"),)
    locale = visit.organization.locale
    rates = "; ".join(
        f"{one.currency} at {one.figure} of {day_text(one.valid_on, locale)} ({one.source})"
        for one in found.rates
    )
    return (Figure(label, found.money, rates),)
