"""Membership: who belongs to what, until when, and what the next term costs.

Nouns: Plan, Fee, ProrateTable, Membership, Term, BillingCycle, BillingRun, RunItem, RunChunk. Rules decide terms,
prices, who is due and what a status is called. It never calls a gateway and never writes a journal by itself.
"""
