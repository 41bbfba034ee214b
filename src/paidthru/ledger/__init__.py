"""Ledger: every cent, twice, for ever.

Nouns: Account, Batch (what staff review and post together), Journal, Entry, DeferralSchedule, Recognition.
Journals only grow: a correction is a journal of its own, and the database refuses an unbalanced one.
It never decides what to book: the rules (`rules/postings.py`) say that, the rooms above ask for it.
"""
