"""Addresses of the console: import, renewal runs, review, submission, retrieval."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
