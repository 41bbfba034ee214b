"""Addresses of the console: rehearsals."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import rehearsals

urlpatterns: list[URLPattern] = [
    path("rehearsals/", rehearsals.rehearsals),
    path("rehearsals/new/", rehearsals.new),
    path("rehearsals/<uuid:rehearsal_id>/", rehearsals.rehearsal),
    path("rehearsals/<uuid:rehearsal_id>/members/", rehearsals.members),
    path("rehearsals/<uuid:rehearsal_id>/discard/", rehearsals.discard),
]
