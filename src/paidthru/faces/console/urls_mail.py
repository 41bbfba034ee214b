"""Addresses of the console: the words of mails, what was written, and who wants which."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import mail_settings, mails

urlpatterns: list[URLPattern] = [
    path("settings/mail/", mail_settings.overview),
    path("settings/mail/trust/", mail_settings.trust),
    path("settings/mail/<slug:kind>/", mail_settings.kind_page),
    path("settings/mail/<slug:kind>/shown/", mail_settings.shown),
    path("settings/mail/<slug:kind>/edit/", mail_settings.edit),
    path("settings/mail/<slug:kind>/standard/", mail_settings.to_standard),
    path("settings/mail/<slug:kind>/test/", mail_settings.test),
    path("mails/", mails.outbox),
    path("mails/<uuid:message_id>/", mails.one_mail),
    path("mails/<uuid:message_id>/shown/", mails.shown),
    path("mails/<uuid:message_id>/retry/", mails.retry),
    path("members/<uuid:party_id>/mails/", mails.wishes),
    path("members/<uuid:party_id>/mails/<uuid:message_id>/", mails.mail),
]
