"""Assessments: what homes owe, and not people: regular assessments, special levies, and late fees on either.

Its nouns: an assessment (an amount of one unit that comes again and again), a levy (an amount that is split over all
units, each unit's share in instalments). Whoever owns a unit on the day pays for it; what is owed stays in the unit's
history, whoever owns it later. It never collects: what it bills are receivables like any others.
"""
