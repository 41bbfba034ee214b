"""Stripe, through its official SDK: the one port of payments/gateway.py, spoken in Stripe's words.

What is asked for leaves by `calls.py`, what is answered comes in by `reading.py` as plain facts; nothing here decides
what an answer means for our books. The API's version is pinned (`calls.VERSION`), and the webhook's with it.
"""
