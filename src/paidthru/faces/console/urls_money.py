"""Addresses of the console: members, invoices, payments, batches, journal, trial balance, checks, settings."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import (
    batches,
    books,
    gateway,
    invoices,
    joining,
    member_money,
    members,
    payments,
    settings,
)

urlpatterns: list[URLPattern] = [
    path("members/", members.member_list),
    path("members/add/", joining.add),
    path("members/add/confirm/", joining.add_confirmed),
    path("members/<uuid:party_id>/", members.member),
    path("members/<uuid:party_id>/join/", joining.join),
    path("members/<uuid:party_id>/join/confirm/", joining.join_confirmed),
    path("members/<uuid:party_id>/pay/", member_money.pay),
    path("members/<uuid:party_id>/pay/confirm/", member_money.pay_confirmed),
    path("members/<uuid:party_id>/autopay/", member_money.autopay),
    path("members/<uuid:party_id>/card/", member_money.card),
    path("invoices/<uuid:invoice_id>/", invoices.invoice),
    path("payments/", payments.payment_list),
    path("payments/attempts/", payments.attempt_list),
    path("payments/<uuid:payment_id>/", payments.payment),
    path("batches/", batches.batch_list),
    path("batches/<uuid:batch_id>/", batches.batch),
    path("batches/<uuid:batch_id>/review/", batches.review),
    path("batches/<uuid:batch_id>/post/", batches.post),
    path("journal/", books.journal),
    path("trial-balance/", books.balance),
    path("checks/", books.checks),
    path("settings/", settings.policies),
    path("settings/payments/", gateway.processor),
    path("settings/payments/connect/", gateway.connect),
    path("settings/payments/key/", gateway.change_key),
    path("settings/payments/webhook/", gateway.change_webhook),
    path("settings/payments/test/", gateway.check),
    path("settings/payments/disconnect/", gateway.disconnect),
    path("settings/<str:name>/", settings.policy),
]
