"""Django's registration of the room."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "paidthru.timeline"
    label = "timeline"
    default_auto_field = "django.db.models.BigAutoField"
