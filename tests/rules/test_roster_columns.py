"""Guessing and correcting a roster's columns, on the headings of real products."""

from collections import Counter

import pytest

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.cell_words import plain_words
from paidthru.membership.rules.columns import check_columns, correct_columns, guess_columns, heading_of
from paidthru.membership.rules.roster_fields import FIELDS

EXPORTS = {
    "Wild Apricot": (
        (
            "User ID|First name|Last name|Organization|e-Mail|Phone|Membership level|Membership status|Member since|"
            "Renewal due|Renewal date last changed|Balance|Total donated|Notes|Archived"
        ),
        (
            "external_id given_name family_name organization_name email phone plan status joined_on next_renewal_on - "
            "balance - notes -"
        ),
    ),
    "MemberPress": (
        (
            "Subscr ID|Username|Email|First Name|Last Name|Membership|Status|Auto Rebill|Created On|Expires On|Price|"
            "Terms"
        ),
        "- external_id email given_name family_name plan status autopay joined_on paid_through price interval",
    ),
    "Stripe subscriptions": (
        (
            "id|Customer ID|Customer Name|Customer Email|Plan|Product|Currency|Interval|Amount|Status|Created (UTC)|"
            "Current Period Start (UTC)|Current Period End (UTC)|Canceled At (UTC)"
        ),
        (
            "- external_id full_name email plan - currency interval price status joined_on cycle_started_on "
            "next_renewal_on -"
        ),
    ),
    "Stripe customers": (
        "id|Description|Email|Name|Created (UTC)|Delinquent|Card ID|Card Last4|Currency|Account Balance|Plan|Status",
        "external_id notes email full_name joined_on - - - currency balance plan status",
    ),
    "Chargebee": (
        (
            "customers.id|customers.first_name|customers.last_name|customers.email|customers.company|"
            "subscriptions.plan_id|subscriptions.status|subscriptions.current_term_start|"
            "subscriptions.next_billing_at|customers.auto_collection"
        ),
        (
            "external_id given_name family_name email organization_name plan status cycle_started_on next_renewal_on "
            "autopay"
        ),
    ),
    "iMIS": (
        "ID|Full Name|Company|Work Phone|Email|Member Type|Customer Type|Status|Join Date|Paid Thru",
        "external_id full_name organization_name phone email plan customer_type status joined_on paid_through",
    ),
    "Mailchimp": (
        "Email Address|First Name|Last Name|Phone Number|MEMBER_RATING|OPTIN_TIME|LEID|EUID|NOTES|TAGS",
        "email given_name family_name phone - - external_id - notes -",
    ),
    "a migration into Fonteva or YM": (
        "Constituent ID|Name|Primary Email|Membership Category|Billing Cycle Started|Auto-Renew|Dues Amount",
        "external_id full_name email plan cycle_started_on autopay price",
    ),
    "German": (
        (
            "Mitgliedsnummer|Vorname|Name|Firma|E-Mail-Adresse|Telefon|Mitgliedsart|Status|Eintrittsdatum|"
            "Bezahlt bis|Offener Betrag|Bemerkungen|Zahlweise|Lastschrift"
        ),
        (
            "external_id given_name family_name organization_name email phone plan status joined_on paid_through "
            "balance notes interval autopay"
        ),
    ),
    "French": (
        (
            "N° d'adhérent|Nom|Prénom|Société|Courriel|Téléphone portable|Type d'adhésion|Statut|Date d'adhésion|"
            "Échéance|Cotisation|Remarques"
        ),
        (
            "external_id family_name given_name organization_name email phone plan status joined_on next_renewal_on "
            "price notes"
        ),
    ),
    "Spanish": (
        (
            "Número de socio|Nombre|Apellidos|Empresa|Correo electrónico|Teléfono|Tipo de socio|Estado|"
            "Fecha de alta|Fecha de vencimiento|Cuota anual|Saldo pendiente|Observaciones"
        ),
        (
            "external_id given_name family_name organization_name email phone plan status joined_on paid_through "
            "price balance notes"
        ),
    ),
}


@pytest.mark.parametrize("product", EXPORTS)
def test_headings_of_real_products(product: str) -> None:
    headers, fields = (text.split(mark) for text, mark in zip(EXPORTS[product], "| ", strict=True))
    guess = guess_columns(headers, [])
    by_column = {column: name for name, column in guess.columns.items()}
    assert [by_column.get(at, "-") for at in range(len(headers))] == fields
    assert [headers[at] for at in guess.unmapped] == [
        header for header, name in zip(headers, fields, strict=True) if name == "-"
    ]
    check_columns(guess, headers)


def test_no_heading_means_two_fields() -> None:
    headings = Counter(words for field in FIELDS for words in field.headings)
    assert [words for words, count in headings.items() if count > 1] == []
    assert [words for words in headings if plain_words(words) != words] == []


@pytest.mark.parametrize(
    ("headers", "cells", "expected"),
    [
        (["Nom", "Âge"], ["Léa Petit", "40"], {"full_name": 0}),
        (["Nombre", "Correo"], ["Ana Gil", "a@b.es"], {"full_name": 0, "email": 1}),
        (["Name", "Type"], ["Ann", "Individual"], {"full_name": 0, "customer_type": 1}),
        (["Name", "Type"], ["Ann", "Student"], {"full_name": 0, "plan": 1}),
        (["Name", "Renewal"], ["Ann", "Auto"], {"full_name": 0}),
        (
            ["Name", "Date your membership expires"],
            ["Ann", "2027-01-01"],
            {"full_name": 0, "paid_through": 1},
        ),
        (["Name", "Balance"], ["Ann", "poor"], {"full_name": 0}),
        (["Name", "Balance"], ["Ann", "-5,00 €"], {"full_name": 0, "balance": 1}),
    ],
)
def test_cells_below_help_to_guess(headers: list[str], cells: list[str], expected: dict[str, int]) -> None:
    assert guess_columns(headers, [cells] * 4).columns == expected


HEADERS = ["ID", "Name", "Type", "Due", "Type"]


def test_a_person_corrects_the_guess_by_heading_number_or_none() -> None:
    guess = guess_columns(["ID", "Name", "Level", "Joined", ""], [])
    headers = ["ID", "Name", "Level", "Joined", ""]
    corrected = correct_columns(guess, headers, {"status": "level", "notes": "#5", "joined_on": None})
    assert corrected.columns == {"external_id": 0, "full_name": 1, "status": 2, "notes": 4}
    assert corrected.unmapped == (3,)
    assert correct_columns(guess, headers, {"plan": 3}).columns["plan"] == 3
    assert heading_of(headers, 4) == "column 5"


@pytest.mark.parametrize(
    ("corrections", "code", "field"),
    [
        ({"colour": "ID"}, "field_unknown", "colour"),
        ({"plan": "Level"}, "column_unknown", "plan"),
        ({"plan": "#9"}, "column_unknown", "plan"),
        ({"plan": -1}, "column_unknown", "plan"),
        ({"plan": "Type"}, "headers_repeated", "plan"),
        ({"plan": "#3", "status": "#3"}, "column_twice", "plan"),
    ],
)  # fmt: skip
def test_wrong_corrections_name_the_field(
    corrections: dict[str, str | int | None], code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        correct_columns(guess_columns(HEADERS, []), HEADERS, corrections)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.fix


def test_a_heading_that_occurs_twice_matters_only_where_it_is_used() -> None:
    guess = guess_columns(HEADERS, [])
    with pytest.raises(Refused, match="More than one column is called 'Type'"):
        check_columns(guess, HEADERS)
    check_columns(correct_columns(guess, HEADERS, {"plan": "#5"}), HEADERS, {"plan"})
    check_columns(correct_columns(guess, HEADERS, {"plan": None}), HEADERS)
