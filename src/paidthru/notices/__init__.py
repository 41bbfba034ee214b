"""Notices: what members are told by mail, and when.

It knows the catalogue (which event brings which mail, and its words) and the port to whoever carries mail
(`mailer.py`). A mail is written into the outbox (timeline.Message) in the transaction of the event it tells of, and
sent later; what fails in sending never touches money.
"""
