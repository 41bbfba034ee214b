"""Addresses of the console: documents as PDF, and how they look."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import branding, documents

urlpatterns: list[URLPattern] = [
    path("invoices/<uuid:invoice_id>/pdf/", documents.invoice),
    path("invoices/<uuid:invoice_id>/notice/pdf/", documents.notice),
    path("credit-notes/<uuid:note_id>/pdf/", documents.credit_note),
    path("payments/<uuid:payment_id>/pdf/", documents.receipt),
    path("batches/<uuid:batch_id>/pdf/", documents.batch),
    path("members/<uuid:party_id>/statement/", documents.statement),
    path("members/<uuid:party_id>/statement/pdf/", documents.statement_pdf),
    path("settings/documents/", branding.brand),
    path("settings/documents/sample/", branding.sample),
    path("settings/documents/change/", branding.change),
]
