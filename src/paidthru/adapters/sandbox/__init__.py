"""The sandbox: a payment processor that moves no money, for trying out, stories and tests.

It is written as another company's system would be. It has its own tables, without a foreign key to the
product's, its own references and idempotency keys, and it answers through the port only (`gateway.py`). What
a person may do to it from outside, scripting its behaviour and giving late answers, is the desk's
(`desk.py`). It never holds anything like a card number.
"""
