"""Addresses of the console: what a plan or a member decides for itself, and changes that are planned."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import audit, settings, staff, your_sign_in

urlpatterns: list[URLPattern] = [
    path("audit/", audit.log),
    path("audit/verify/", audit.verify),
    path("settings/people/", staff.people),
    path("settings/people/add/", staff.add),
    path("settings/people/<uuid:user_id>/", staff.person),
    path("settings/people/<uuid:user_id>/roles/", staff.roles),
    path("settings/people/<uuid:user_id>/link/", staff.link),
    path("settings/people/<uuid:user_id>/sign-out/", staff.sign_out),
    path("settings/people/<uuid:user_id>/second-factor/", staff.remove_second_factor),
    path("your-sign-in/", your_sign_in.overview),
    path("your-sign-in/app/", your_sign_in.app),
    path("your-sign-in/app/remove/", your_sign_in.remove_app),
    path("your-sign-in/recovery/", your_sign_in.recovery),
    path("your-sign-in/passkeys/add/", your_sign_in.add_passkey),
    path("your-sign-in/passkeys/<uuid:passkey_id>/remove/", your_sign_in.remove_passkey),
    path("your-sign-in/browsers/<uuid:sign_in_id>/", your_sign_in.browser),
    path("your-sign-in/others/", your_sign_in.others),
    path("settings/plans/<uuid:plan_id>/", settings.plan_policies),
    path("settings/members/<uuid:party_id>/", settings.member_policies),
    path("settings/changes/<uuid:change_id>/withdraw/", settings.withdraw),
]
