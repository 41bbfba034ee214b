"""Addresses of the console: the overview, dues, and the search."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import dashboard, dues, searching

urlpatterns: list[URLPattern] = [
    path("overview/", dashboard.dashboard),
    path("overview/expected/", dashboard.expected),
    path("search/", searching.search),
    path("dues/", dues.dues),
    path("dues/upcoming/", dues.upcoming),
]
