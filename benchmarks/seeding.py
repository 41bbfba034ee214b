"""An organization to measure on: an association with annual terms and a cash basis, nine of ten members due."""

from datetime import UTC, date, datetime

from django.db import connection

from paidthru.actions.save_method import save_method
from paidthru.ledger.operations import accounts
from paidthru.membership.models import Fee, Membership, Plan
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import create_organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor
from paidthru.wiring import processor_of

NOW = datetime(2026, 1, 2, 15, 0, tzinfo=UTC)
EFFECTIVE_ON = date(2026, 1, 1)
BILL_ON = date(2026, 1, 2)
PAID_THROUGH = date(2025, 12, 31)
NOT_DUE_THROUGH = date(2026, 12, 31)  # one in ten paid ahead
PRICE_MINOR = 12_500
LEVEL = "Regular member"

# Ids in order of their making, as ours are: whoever writes to these tables finds their indexes as we leave them.
_SEED = """
INSERT INTO people_party (id, organization_id, number, external_id, kind, name, given_name, family_name,
    organization_name, email, phone, customer_type, notes, created_at)
SELECT ('01940000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(organization)s, n, 'M' || n, 'person',
    'Given' || mod(n, 997) || ' Family' || n, 'Given' || mod(n, 997), 'Family' || n, '',
    'member' || n || '@example.org',
    '+1 555 ' || lpad((mod(n, 10000))::text, 4, '0'), '', '', %(now)s
FROM generate_series(1, %(members)s) n;

INSERT INTO membership_membership (id, organization_id, party_id, plan_id, state, joined_on, anchor_on, autopay,
    renewed_through, paid_through, next_bill_on, created_at)
SELECT ('01940000-0002-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(organization)s,
    ('01940000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(plan)s, 'active', %(joined_on)s, %(joined_on)s,
    mod(n, 2) = 0, through, through, through + 1, %(now)s
FROM generate_series(1, %(members)s) n,
    LATERAL (SELECT CASE WHEN mod(n, 10) = 0 THEN %(ahead)s::date ELSE %(through)s::date END AS through) t;

INSERT INTO membership_term (id, organization_id, membership_id, plan_id, start_on, end_on, amount_minor, source,
    paid_on, canceled)
SELECT ('01940000-0003-7000-8000-' || right(m.id::text, 12))::uuid, m.organization_id, m.id, m.plan_id, %(joined_on)s,
    m.renewed_through + 1, 0, 'import', m.renewed_through, false
FROM membership_membership m ORDER BY m.id;

INSERT INTO organizations_series (id, organization_id, name, next_value)
VALUES (gen_random_uuid(), %(organization)s, 'party', %(members)s + 1);
"""


def an_association() -> Plan:
    """An organization without members, and its plan."""
    organization = create_organization(
        name="Benchmark Association", preset="association", currency="USD", zone="America/New_York",
        locale="en_US", mode=Organization.Mode.SANDBOX, now=NOW,
    )  # fmt: skip
    accounts(organization.id, "USD")
    plan = Plan.objects.create(
        organization=organization, name=LEVEL, kind="subscription", currency="USD", created_at=NOW
    )
    Fee.objects.create(
        organization=organization, plan=plan, name=LEVEL, amount_minor=PRICE_MINOR, is_primary=True
    )
    return plan


def add_members(plan: Plan, members: int) -> None:
    """Writes the members, in a few statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SEED,
            {
                "organization": plan.organization_id, "plan": plan.id, "members": members, "now": NOW,
                "joined_on": date(2025, 1, 1), "through": PAID_THROUGH, "ahead": NOT_DUE_THROUGH,
            },
        )  # fmt: skip


def add_cards(actor: Actor) -> None:
    """Gives every member a card of the sandbox processor that pays, and puts them all on autopay."""
    organization = Organization.objects.get()
    processor = processor_of(organization)
    Membership.objects.update(autopay=True)
    for party_id in Party.objects.values_list("id", flat=True):
        saved = processor.save_method(str(party_id), "card", "ok")
        save_method(organization, party_id, saved, gateway="sandbox", actor=actor, now=NOW)


def add_cards_on_file() -> None:
    """Gives every member a card that is only on file here, in one statement: for measurements that send nothing."""
    Membership.objects.update(autopay=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO payments_paymentmethod (id, organization_id, party_id, gateway, kind, token, brand, last4,
                   exp_month, exp_year, fingerprint, state, created_at)
               SELECT ('01940000-0004-7000-8000-' || right(id::text, 12))::uuid, organization_id, id, 'sandbox', 'card',
                   'card_' || number, 'Visa', '4242', 12, 2040, 'card ' || number, 'active', %s FROM people_party""",
            [NOW],
        )
