"""Addresses of the console: homes, what they are assessed, and levies; visits."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import home_acts, home_imports, homes, levies, visiting

urlpatterns: list[URLPattern] = [
    path("homes/", homes.home_list),
    path("homes/new/", homes.new),
    path("homes/import/", home_imports.upload),
    path("homes/import/<str:token>/", home_imports.report),
    path("homes/import/<str:token>/faults.csv", home_imports.faults_csv),
    path("homes/assess/", homes.assess_all),
    path("homes/levies/", levies.levy_list),
    path("homes/levies/new/", levies.new),
    path("homes/levies/<uuid:levy_id>/", levies.one_levy),
    path("homes/<uuid:unit_id>/", homes.one_home),
    path("homes/<uuid:unit_id>/assess/", homes.assess_one),
    path("homes/<uuid:unit_id>/transfer/", home_acts.transfer),
    path("homes/<uuid:unit_id>/autopay/", home_acts.autopay),
    path("homes/late-fees/<uuid:receivable_id>/waive/", home_acts.waive),
    path("homes/assessments/<uuid:assessment_id>/end/", home_acts.end),
    path("plans/<uuid:plan_id>/visits/", visiting.included),
    path("visits/", visiting.visit_list),
    path("visits/new/", visiting.enter),
    path("visits/kiosk/", visiting.kiosk),
    path("visits/prices/", visiting.price_list),
    path("visits/prices/new/", visiting.new_price),
    path("visits/prices/<uuid:price_id>/close/", visiting.close_price),
]
