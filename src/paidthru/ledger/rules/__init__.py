"""What is booked, without a database: the postings of each event, and how income is spread over a term.

Amounts are minor units of one currency, debit positive; the drafts of every function sum to zero.
"""
