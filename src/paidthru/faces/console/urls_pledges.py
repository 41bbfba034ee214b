"""Addresses of the console: pledges and tax receipts."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import gift_aid, pledges, tax_receipts

urlpatterns: list[URLPattern] = [
    path("pledges/", pledges.pledge_list),
    path("pledges/new/", pledges.new_pledge),
    path("pledges/<uuid:pledge_id>/", pledges.one_pledge),
    path("pledges/<uuid:pledge_id>/change/", pledges.change),
    path("pledges/<uuid:pledge_id>/cancel/", pledges.cancel),
    path("tax-receipts/", tax_receipts.receipt_list),
    path("tax-receipts/year/", tax_receipts.mail_year),
    path("tax-receipts/<uuid:receipt_id>/", tax_receipts.one_receipt),
    path("tax-receipts/<uuid:receipt_id>/pdf/", tax_receipts.pdf),
    *(
        path(f"tax-receipts/<uuid:receipt_id>/{act}/", tax_receipts.act_on, {"act": act})
        for act in ("void", "replace")
    ),
    path("gift-aid/", gift_aid.declarations),
    path("gift-aid/new/", gift_aid.declare),
    path("gift-aid/<uuid:declaration_id>/withdraw/", gift_aid.withdraw),
    path("gift-aid/claims/", gift_aid.claims),
    path("gift-aid/claims/new/", gift_aid.new_claim),
    path("gift-aid/claims/<uuid:claim_id>/schedule/", gift_aid.schedule),
    path("members/<uuid:party_id>/given/<int:year>/", tax_receipts.given_year),
]
