"""The assessments room's app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """The assessments room."""

    name = "paidthru.assessments"
    label = "assessments"
