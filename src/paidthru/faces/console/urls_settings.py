"""Addresses of the console: what a plan or a member decides for itself, and changes that are planned."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import audit, settings, staff

urlpatterns: list[URLPattern] = [
    path("audit/", audit.log),
    path("audit/verify/", audit.verify),
    path("settings/people/", staff.people),
    path("settings/people/add/", staff.add),
    path("settings/people/<uuid:user_id>/", staff.person),
    path("settings/people/<uuid:user_id>/roles/", staff.roles),
    path("settings/people/<uuid:user_id>/link/", staff.link),
    path("settings/people/<uuid:user_id>/sign-out/", staff.sign_out),
    path("settings/plans/<uuid:plan_id>/", settings.plan_policies),
    path("settings/members/<uuid:party_id>/", settings.member_policies),
    path("settings/changes/<uuid:change_id>/withdraw/", settings.withdraw),
]
