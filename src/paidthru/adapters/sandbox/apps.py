"""Django's registration of the sandbox processor."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "paidthru.adapters.sandbox"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"
