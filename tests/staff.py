"""Signed-in staff for tests of the console."""

from django.test import Client
from tests.world import World

from paidthru.organizations.models import User
from paidthru.organizations.operations import grant_role

EVERYTHING = ("finance", "approver", "admin")


def signed_in(world: World, *roles: str, email: str = "", csrf: bool = False) -> Client:
    """A browser with a person of these roles (all that there is to do, unless said) signed in."""
    roles = roles or EVERYTHING
    email = email or f"{'-'.join(roles)}@{world.organization.slug}.example"
    user = User.objects.filter(email=email).first() or User.objects.create(email=email, name="Pat Treasurer")
    for role in roles:
        grant_role(world.organization, user, role)
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user)
    return client
