"""Addresses of the console: payment failures."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import bulk, case_acts, cases

urlpatterns: list[URLPattern] = [
    path("failures/", cases.board),
    path("failures/bulk/", bulk.cases),
    path("failures/adopt/", case_acts.adopt),
    path("failures/<uuid:case_id>/", cases.case_page),
    path("failures/<uuid:case_id>/pause/", case_acts.pause),
    path("failures/<uuid:case_id>/resume/", case_acts.resume),
    path("failures/<uuid:case_id>/skip/", case_acts.skip),
    path("failures/<uuid:case_id>/arrange/", case_acts.arrange),
    path("failures/<uuid:case_id>/close/", case_acts.close),
]
