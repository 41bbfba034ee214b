"""Note who joined: a sign-up is told which membership came of it."""

from uuid import UUID

from paidthru.membership.models import SignUp


def note_joined(sign_up_id: UUID, membership_id: UUID) -> None:
    """The membership of a sign-up, written once. The joining itself is told by `join`."""
    SignUp.objects.filter(id=sign_up_id, membership=None).update(membership_id=membership_id)
