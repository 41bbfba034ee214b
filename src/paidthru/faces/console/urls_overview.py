"""Addresses of the console: the overview, dues, and the search."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import behind_figures, dashboard, dues, expecting, searching

urlpatterns: list[URLPattern] = [
    path("overview/", dashboard.dashboard),
    path("overview/collected/", behind_figures.collected_list),
    path("overview/renewals/", behind_figures.renewals_list),
    path("overview/assessed/", behind_figures.assessed_list),
    path("overview/expected/", expecting.expected),
    path("overview/expected/rows/", expecting.expected_list),
    path("search/", searching.search),
    path("dues/", dues.dues),
    path("dues/upcoming/", dues.upcoming),
]
