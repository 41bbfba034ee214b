"""Django's registration of the room."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "paidthru.organizations"
    label = "organizations"
    default_auto_field = "django.db.models.BigAutoField"
