"""Actions: what can be done, one verb a file.

Each is one transaction with an event, an actor and, where it may be asked for twice, an idempotency key; it takes one
subject or a batch of them. Actions do not call actions: `runs` strings them together. `charge` alone takes two
transactions, with the gateway between them.
"""
