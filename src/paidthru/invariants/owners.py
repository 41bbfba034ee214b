"""Several organizations share an install: every row refers to rows of its own organization only (field-notes E.4)."""

from paidthru.invariants.invariant import Invariant

#: Every reference from one organization's table to another: (table, column, the table it names). The first are foreign
#: keys, a test knows when one is missing here; the others are plain ids, for the room they name lies beside or above.
REFERENCES = (
    ("giving_pledge", "party_id", "people_party"),
    ("giving_pledge", "campaign_id", "giving_campaign"),
    ("giving_pledgepart", "pledge_id", "giving_pledge"),
    ("giving_pledgepart", "invoice_id", "invoicing_invoice"),
    ("giving_gift", "party_id", "people_party"),
    ("giving_gift", "campaign_id", "giving_campaign"),
    ("giving_donation", "party_id", "people_party"),
    ("giving_donation", "campaign_id", "giving_campaign"),
    ("giving_donation", "gift_id", "giving_gift"),
    ("giving_donation", "invoice_id", "invoicing_invoice"),
    ("ledger_journal", "batch_id", "ledger_batch"),
    ("ledger_journal", "reverses_id", "ledger_journal"),
    ("ledger_entry", "journal_id", "ledger_journal"),
    ("ledger_entry", "account_id", "ledger_account"),
    ("ledger_recognition", "schedule_id", "ledger_deferralschedule"),
    ("ledger_recognition", "journal_id", "ledger_journal"),
    ("ledger_exportedbatch", "export_id", "ledger_bookexport"),
    ("ledger_exportedbatch", "batch_id", "ledger_batch"),
    ("invoicing_receivable", "party_id", "people_party"),
    ("invoicing_invoice", "party_id", "people_party"),
    ("invoicing_invoice", "batch_id", "ledger_batch"),
    ("invoicing_receivable", "tax_of_id", "invoicing_receivable"),
    ("invoicing_receivable", "tax_rate_id", "invoicing_taxrate"),
    ("invoicing_taxrate", "tax_id", "invoicing_tax"),
    ("membership_plan", "tax_id", "invoicing_tax"),
    ("invoicing_recurringinvoice", "party_id", "people_party"),
    ("invoicing_invoice", "recurring_id", "invoicing_recurringinvoice"),
    ("invoicing_line", "invoice_id", "invoicing_invoice"),
    ("invoicing_line", "receivable_id", "invoicing_receivable"),
    ("payments_paymentmethod", "party_id", "people_party"),
    ("payments_paymentintent", "party_id", "people_party"),
    ("payments_intentinvoice", "intent_id", "payments_paymentintent"),
    ("payments_intentinvoice", "invoice_id", "invoicing_invoice"),
    ("payments_attempt", "intent_id", "payments_paymentintent"),
    ("payments_attempt", "party_id", "people_party"),
    ("payments_attempt", "method_id", "payments_paymentmethod"),
    ("payments_payment", "party_id", "people_party"),
    ("payments_payment", "attempt_id", "payments_attempt"),
    ("payments_payment", "batch_id", "ledger_batch"),
    ("payments_allocation", "payment_id", "payments_payment"),
    ("payments_allocation", "receivable_id", "invoicing_receivable"),
    ("payments_allocation", "invoice_id", "invoicing_invoice"),
    ("payments_unapplication", "allocation_id", "payments_allocation"),
    ("payments_unapplication", "batch_id", "ledger_batch"),
    ("payments_grant", "invoice_id", "invoicing_invoice"),
    ("payments_review", "attempt_id", "payments_attempt"),
    ("payments_refund", "payment_id", "payments_payment"),
    ("payments_refund", "party_id", "people_party"),
    ("payments_refund", "batch_id", "ledger_batch"),
    ("payments_refundpart", "refund_id", "payments_refund"),
    ("payments_refundpart", "allocation_id", "payments_allocation"),
    ("payments_dispute", "payment_id", "payments_payment"),
    ("payments_dispute", "party_id", "people_party"),
    ("payments_reversal", "payment_id", "payments_payment"),
    ("payments_reversal", "party_id", "people_party"),
    ("payments_reversal", "dispute_id", "payments_dispute"),
    ("payments_reversal", "batch_id", "ledger_batch"),
    ("payments_reversalpart", "reversal_id", "payments_reversal"),
    ("payments_reversalpart", "allocation_id", "payments_allocation"),
    ("payments_stray", "payment_id", "payments_payment"),
    ("payments_memberlink", "party_id", "people_party"),
    ("payments_memberlink", "attempt_id", "payments_attempt"),
    ("payments_methodsetup", "party_id", "people_party"),
    ("payments_methodsetup", "link_id", "payments_memberlink"),
    ("payments_methodsetup", "pay_link_id", "invoicing_paylink"),
    ("invoicing_paylink", "invoice_id", "invoicing_invoice"),
    ("payments_methodsetup", "method_id", "payments_paymentmethod"),
    ("invoicing_invoice", "first_id", "invoicing_invoice"),
    ("invoicing_creditnote", "invoice_id", "invoicing_invoice"),
    ("invoicing_creditnote", "party_id", "people_party"),
    ("invoicing_creditnote", "batch_id", "ledger_batch"),
    ("invoicing_creditnoteline", "credit_note_id", "invoicing_creditnote"),
    ("invoicing_creditnoteline", "receivable_id", "invoicing_receivable"),
    ("membership_plan", "prorate_table_id", "membership_proratetable"),
    ("membership_fee", "plan_id", "membership_plan"),
    ("membership_membership", "party_id", "people_party"),
    ("membership_membership", "payer_id", "people_party"),
    ("membership_runitem", "payer_id", "people_party"),
    ("membership_membership", "next_plan_id", "membership_plan"),
    ("membership_discount", "party_id", "people_party"),
    ("membership_discount", "plan_id", "membership_plan"),
    ("membership_discount", "fee_id", "membership_fee"),
    ("membership_discount", "coded_id", "membership_discount"),
    ("membership_membership", "follows_id", "membership_membership"),
    ("membership_joinlink", "plan_id", "membership_plan"),
    ("membership_pricechange", "fee_id", "membership_fee"),
    ("membership_signup", "link_id", "membership_joinlink"),
    ("membership_signup", "party_id", "people_party"),
    ("membership_signup", "membership_id", "membership_membership"),
    ("people_billingcontact", "party_id", "people_party"),
    ("people_belonging", "party_id", "people_party"),
    ("people_belonging", "group_id", "people_party"),
    ("membership_membership", "plan_id", "membership_plan"),
    ("membership_billingrun", "billing_cycle_id", "membership_billingcycle"),
    ("membership_billingrun", "batch_id", "ledger_batch"),
    ("membership_runitem", "run_id", "membership_billingrun"),
    ("membership_runchunk", "run_id", "membership_billingrun"),
    ("membership_term", "membership_id", "membership_membership"),
    ("membership_term", "plan_id", "membership_plan"),
    ("dunning_case", "receivable_id", "invoicing_receivable"),
    ("dunning_case", "party_id", "people_party"),
    ("dunning_step", "case_id", "dunning_case"),
    ("dunning_pause", "case_id", "dunning_case"),
    ("dunning_promisedpart", "pause_id", "dunning_pause"),
    ("notices_optout", "party_id", "people_party"),
    ("organizations_organizationbrand", "logo_id", "organizations_brandlogo"),
    ("invoicing_issueddocument", "party_id", "people_party"),
    ("invoicing_issueddocument", "brand_id", "organizations_organizationbrand"),
    ("people_holding", "unit_id", "people_unit"),
    ("people_holding", "party_id", "people_party"),
    ("assessments_assessment", "unit_id", "people_unit"),
    ("assessments_levypart", "levy_id", "assessments_levy"),
    ("assessments_levypart", "unit_id", "people_unit"),
    ("assessments_levypart", "invoice_id", "invoicing_invoice"),
    ("visits_visit", "party_id", "people_party"),
    ("visits_visit", "price_id", "visits_visitprice"),
    ("visits_visit", "invoice_id", "invoicing_invoice"),
    # plain ids
    ("visits_visit", "membership_id", "membership_membership"),
    ("dunning_case", "membership_id", "membership_membership"),
    ("dunning_case", "membership_id", "people_unit"),
    ("timeline_event", "party_id", "people_party"),
    ("timeline_message", "party_id", "people_party"),
    ("ledger_entry", "party_id", "people_party"),
    ("ledger_entry", "invoice_id", "invoicing_invoice"),
    ("ledger_entry", "receivable_id", "invoicing_receivable"),
    ("ledger_deferralschedule", "party_id", "people_party"),
    ("ledger_deferralschedule", "invoice_id", "invoicing_invoice"),
    ("ledger_deferralschedule", "receivable_id", "invoicing_receivable"),
    ("invoicing_invoice", "run_id", "membership_billingrun"),
    ("invoicing_receivable", "fee_id", "membership_fee"),
    ("invoicing_receivable", "source_id", "people_unit"),
    ("invoicing_receivable", "fee_id", "assessments_assessment"),
    ("invoicing_receivable", "fee_id", "assessments_levypart"),
    ("invoicing_receivable", "fee_id", "invoicing_receivable"),
    ("invoicing_receivable", "fee_id", "visits_visit"),
    ("membership_runitem", "membership_id", "membership_membership"),
    ("membership_runitem", "party_id", "people_party"),
    ("membership_term", "run_id", "membership_billingrun"),
)


_OF_HOMES = "('assessment', 'levy', 'late_fee')"
_HOMES_CASE = f"c.receivable_id IN (SELECT id FROM invoicing_receivable WHERE kind IN {_OF_HOMES})"
#: Where a column names a row of that table only sometimes. A charge, a recovery or a line that staff wrote is its own
#: source and fee, and a tax has an id made of its fee's; what a home owes has the unit for its source, and for its fee
#: the assessment, the part of a levy, or what is late.
SOMETIMES = {
    ("invoicing_receivable", "fee_id", "membership_fee"): "c.fee_id <> c.source_id AND c.tax_of_id IS NULL"
    f" AND c.kind <> 'visit' AND c.kind NOT IN {_OF_HOMES}",
    ("invoicing_receivable", "source_id", "people_unit"): f"c.kind IN {_OF_HOMES}",
    ("invoicing_receivable", "fee_id", "assessments_assessment"): "c.kind = 'assessment'",
    ("invoicing_receivable", "fee_id", "assessments_levypart"): "c.kind = 'levy'",
    ("invoicing_receivable", "fee_id", "invoicing_receivable"): "c.kind = 'late_fee'",
    ("invoicing_receivable", "fee_id", "visits_visit"): "c.kind = 'visit'",
    ("dunning_case", "membership_id", "membership_membership"): f"NOT {_HOMES_CASE}",
    ("dunning_case", "membership_id", "people_unit"): _HOMES_CASE,
}


def _astray(table: str, column: str, named: str) -> str:
    only = SOMETIMES.get((table, column, named), "true")
    return f"""SELECT '{table} ' || c.id, '{column} ' || c.{column} || ' is no row of its organization in {named}'
        FROM {table} c LEFT JOIN {named} o ON o.id = c.{column}
        WHERE c.organization_id = %(organization)s AND c.{column} IS NOT NULL AND {only}
          AND o.organization_id IS DISTINCT FROM c.organization_id"""


OWN_ROWS = Invariant(
    "own_rows",
    "Every row refers to rows of its own organization only.",
    " UNION ALL ".join(_astray(*reference) for reference in REFERENCES),
)

EVENTS_OWNED = Invariant(
    "events_owned",
    "Every event belongs to an organization that exists.",
    """SELECT 'event ' || e.id, format('%%s by %%s, of no organization', e.verb, e.actor) FROM timeline_event e
       WHERE NOT EXISTS (SELECT 1 FROM organizations_organization o WHERE o.id = e.organization_id)""",
)

INVARIANTS = (OWN_ROWS, EVENTS_OWNED)
