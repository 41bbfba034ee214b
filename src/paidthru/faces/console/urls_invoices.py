"""Addresses of the console: the list of invoices, and those that staff write."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import invoice_list, recurring, writing

urlpatterns: list[URLPattern] = [
    path("invoices/", invoice_list.invoice_list),
    path("invoices/new/", writing.new),
    path("invoices/recurring/", recurring.recurring_list),
    path("invoices/recurring/<uuid:recurring_id>/", recurring.one_recurring),
    path("invoices/recurring/<uuid:recurring_id>/<slug:verb>/", recurring.act),
    path("invoices/<uuid:invoice_id>/edit/", writing.edit),
    path("invoices/<uuid:invoice_id>/issue/", writing.issue),
    path("invoices/<uuid:invoice_id>/discard/", writing.discard),
]
