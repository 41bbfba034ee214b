"""Addresses of the console: the list of invoices, those that staff write, and taxes."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import bulk, invoice_list, rates, recurring, taxes, writing

urlpatterns: list[URLPattern] = [
    path("invoices/", invoice_list.invoice_list),
    path("invoices/bulk/", bulk.invoices),
    path("invoices/new/", writing.new),
    path("invoices/recurring/", recurring.recurring_list),
    path("invoices/recurring/<uuid:recurring_id>/", recurring.one_recurring),
    path("invoices/recurring/<uuid:recurring_id>/<slug:verb>/", recurring.act),
    path("settings/rates/", rates.rate_list),
    path("settings/rates/add/", rates.add),
    path("settings/taxes/", taxes.tax_list),
    path("settings/taxes/add/", taxes.add),
    path("settings/taxes/<uuid:tax_id>/", taxes.rate),
    path("plans/<uuid:plan_id>/tax/", taxes.of_plan),
    path("members/<uuid:party_id>/tax/", taxes.exempt),
    path("invoices/<uuid:invoice_id>/edit/", writing.edit),
    path("invoices/<uuid:invoice_id>/issue/", writing.issue),
    path("invoices/<uuid:invoice_id>/discard/", writing.discard),
]
