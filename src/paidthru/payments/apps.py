"""Django's registration of the room."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "paidthru.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
