"""Addresses of the console: import, renewal runs, review, submission, retrieval."""

from django.urls import path

from paidthru.faces.console.views import renewals

urlpatterns = [
    path("renewals/", renewals.log),
    path("renewals/generate/", renewals.generate),
    path("renewals/runs/<uuid:run_id>/", renewals.run),
    path("renewals/runs/<uuid:run_id>/items.csv", renewals.items_csv),
    path("renewals/runs/<uuid:run_id>/commit/", renewals.commit),
    path("renewals/runs/<uuid:run_id>/preview-again/", renewals.make_preview_again),
    path("renewals/runs/<uuid:run_id>/resume/", renewals.resume),
]
