"""Addresses of the console: import, renewal runs, review, submission, retrieval."""

from django.urls import path

from paidthru.faces.console.views import imports, renewals, retrieval, review, submission

urlpatterns = [
    path("import/", imports.upload),
    path("import/<str:token>/", imports.mapping),
    path("import/<str:token>/report/", imports.report),
    path("import/<str:token>/faults.csv", imports.faults_csv),
    path("import/<str:token>/take/", imports.take),
    path("import/<str:token>/discard/", imports.discard),
    path("renewals/", renewals.log),
    path("renewals/generate/", renewals.generate),
    path("renewals/runs/<uuid:run_id>/", renewals.run),
    path("renewals/runs/<uuid:run_id>/items.csv", renewals.items_csv),
    path("renewals/runs/<uuid:run_id>/commit/", renewals.commit),
    path("renewals/runs/<uuid:run_id>/preview-again/", renewals.make_preview_again),
    path("renewals/runs/<uuid:run_id>/resume/", renewals.resume),
    path("renewals/runs/<uuid:run_id>/review/", review.mark_reviewed),
    path("renewals/review/", review.review),
    path("renewals/submit/", submission.submit),
    path("renewals/submit/confirm/", submission.confirm_submit),
    path("renewals/submit/progress/", submission.progress),
    path("renewals/retrieve/", retrieval.retrieve),
    path("renewals/attempts/<uuid:attempt_id>/", retrieval.trace),
]
