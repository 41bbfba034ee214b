"""Addresses of the console: members, payments, batches, journal, trial balance."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
