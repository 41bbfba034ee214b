"""Payments: money that comes in, and our tries at collecting it.

Nouns: PaymentMethod (a token, never a number), PaymentIntent (our collecting of an invoice), Attempt (one try),
Payment (money that came), Allocation (which receivable it paid). `gateway.py` is the port that adapters implement.
It never knows memberships: rooms above learn from an allocation what was paid.
"""
