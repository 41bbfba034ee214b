"""Timeline: what happened, told once and never changed.

Nouns: Event (who, what, why, when), IdempotencyKey (the stored outcome of an act that may be asked for twice).
Subjects are named by kind and id, because the rooms they live in lie above. Events are never updated or deleted:
the database refuses.
"""
