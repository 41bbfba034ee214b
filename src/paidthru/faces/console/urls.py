"""Addresses of the console. An organization's own start with /o/ and its slug."""

from django.urls import include, path

from paidthru.faces.console.urls_books import urlpatterns as books
from paidthru.faces.console.urls_cases import urlpatterns as cases
from paidthru.faces.console.urls_changing import urlpatterns as changing
from paidthru.faces.console.urls_collecting import urlpatterns as collecting
from paidthru.faces.console.urls_discounts import urlpatterns as discounts
from paidthru.faces.console.urls_documents import urlpatterns as documents
from paidthru.faces.console.urls_ending import urlpatterns as ending
from paidthru.faces.console.urls_events import urlpatterns as events
from paidthru.faces.console.urls_examples import urlpatterns as examples
from paidthru.faces.console.urls_giving import urlpatterns as giving
from paidthru.faces.console.urls_homes import urlpatterns as homes
from paidthru.faces.console.urls_households import urlpatterns as households
from paidthru.faces.console.urls_invoices import urlpatterns as invoices
from paidthru.faces.console.urls_mail import urlpatterns as mail
from paidthru.faces.console.urls_money import urlpatterns as money
from paidthru.faces.console.urls_overview import urlpatterns as overview
from paidthru.faces.console.urls_plans import urlpatterns as plans
from paidthru.faces.console.urls_pledges import urlpatterns as pledges
from paidthru.faces.console.urls_rehearsals import urlpatterns as rehearsals
from paidthru.faces.console.urls_renewals import urlpatterns as renewals
from paidthru.faces.console.urls_settings import urlpatterns as settings
from paidthru.faces.console.views import keeping_views, second_factor, session, welcome

urlpatterns = [
    path("", session.home),
    path("welcome/", welcome.begin),
    path("sign-in/", session.sign_in),
    path("sign-in/second/", second_factor.second),
    path("sign-in/passkey/", second_factor.passkey),
    path("sign-in/service/", second_factor.service),
    path("sign-in/service/back/", second_factor.service_back),
    path("sign-out/", session.sign_out),
    path("set-password/<str:user>/<str:token>/", session.set_password),
    path(
        "o/<slug:slug>/",
        include(
            [
                path("time/", session.move_time),
                path("setup/", welcome.getting_started),
                path("setup/away/", welcome.put_away),
                path("views/keep/", keeping_views.keep),
                path("views/<uuid:view_id>/change/", keeping_views.change),
                path("views/<uuid:view_id>/drop/", keeping_views.drop),
                *mail,
                *books,
                *invoices,
                *cases,
                *changing,
                *collecting,
                *discounts,
                *documents,
                *ending,
                *events,
                *giving,
                *homes,
                *households,
                *overview,
                *plans,
                *pledges,
                *rehearsals,
                *renewals,
                *examples,
                *settings,
                *money,
            ]
        ),
    ),
]
