"""Addresses of the console: exports of the books, closed periods, what tax came to."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import closing, exporting, tax_report

urlpatterns: list[URLPattern] = [
    path("exports/", exporting.exports),
    path("exports/make/", exporting.make),
    path("exports/period/", exporting.period),
    path("exports/<int:number>/", exporting.export),
    path("closing/", closing.periods),
    path("closing/close/", closing.close),
    path("closing/<uuid:period_id>/reopen/", closing.reopen),
    path("closing/<uuid:period_id>/approve/", closing.approve),
    path("closing/<uuid:period_id>/withdraw/", closing.withdraw),
    path("taxes/", tax_report.taxes),
]
