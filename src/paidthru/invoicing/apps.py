"""Django's registration of the room."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "paidthru.invoicing"
    label = "invoicing"
    default_auto_field = "django.db.models.BigAutoField"
