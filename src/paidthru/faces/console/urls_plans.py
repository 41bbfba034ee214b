"""Addresses of the console: plans, join links, prorate tables, the billing contact, renewal notices, corrections."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import (
    adding_plans,
    billing_contact,
    changing_plans,
    correcting,
    notices,
    plans,
)

urlpatterns: list[URLPattern] = [
    path("plans/", plans.plan_list),
    path("plans/add/", adding_plans.add),
    path("plans/prorate/", plans.tables),
    path("plans/prorate/add/", plans.add_table),
    path("plans/<uuid:plan_id>/", plans.plan),
    path("plans/<uuid:plan_id>/change/", changing_plans.change),
    path("plans/<uuid:plan_id>/price/", changing_plans.price),
    path("plans/<uuid:plan_id>/price/<uuid:change_id>/drop/", changing_plans.drop_price),
    path("plans/<uuid:plan_id>/links/make/", plans.make_link),
    path("plans/<uuid:plan_id>/links/<uuid:link_id>/", plans.change_link),
    path("plans/<uuid:plan_id>/prorate/", plans.prorate),
    path("payments/<uuid:payment_id>/correct/", correcting.correct),
    path("billing-contact/", billing_contact.contact),
    path("renewals/runs/<uuid:run_id>/notices/", notices.send),
]
