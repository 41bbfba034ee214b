"""Ticketing: events that one pays to come to, and who has a ticket.

Its nouns: an event with tickets (its price, how many places it has), an order (who buys how many, on which invoice),
and a ticket (one place). A place is taken from the moment somebody asks for it, and free again when they don't pay in
time or have their money back. It never collects: its invoices are invoices like any other.
"""
