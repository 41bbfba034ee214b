"""Django's registration of the room."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    name = "paidthru.membership"
    label = "membership"
    default_auto_field = "django.db.models.BigAutoField"
