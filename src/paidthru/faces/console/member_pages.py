"""A member's record as a page: key facts, terms, invoices, payments, attempts and the timeline."""

from collections.abc import Sequence
from datetime import date

from paidthru.assessments.queries import Home, homes_of
from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import (
    member_url,
    subject_url,
)
from paidthru.faces.console.badges import (
    amounts,
    label_badge,
    method_text,
)
from paidthru.faces.console.change_actions import change_actions, change_facts, led
from paidthru.faces.console.discount_pages import give_action, own_discounts
from paidthru.faces.console.ending_pages import (
    ending_actions,
    ending_badge,
    ending_facts,
    history_section,
)
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.giving_pages import giving_sections
from paidthru.faces.console.home_pages import home_badges, homes_section, next_of_homes
from paidthru.faces.console.household_pages import household_facts, people_section
from paidthru.faces.console.mail_pages import mails_section
from paidthru.faces.console.member_sections import (
    attempts_section,
    invoices_section,
    payments_section,
    terms_section,
)
from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Fact,
    Figure,
    Link,
    Tone,
)
from paidthru.faces.console.payer_pages import paid_for_section, payer_action, payer_facts
from paidthru.faces.console.pledge_pages import pledge_sections
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.visit_pages import visit_facts
from paidthru.invoicing.queries import overdue_of, owed_by
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.operations.returning import is_former
from paidthru.membership.queries import NextCharge, label_on, memberships_of, next_charge, terms_of
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.vocabulary import Words
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import (
    active_method,
    credit_of,
    is_expired,
)
from paidthru.people.models import Party
from paidthru.timeline.queries import events_of_party

SHOWN = 12  # rows of a section, until all are asked for
HAPPENINGS = 40
_ALL = 5_000


def member_page(visit: Visit, party: Party, *, whole: bool) -> RecordPage:
    """The record; `whole` shows every row of each section."""
    today, policies = visit.desk.today, policies_of(visit.organization)
    memberships = memberships_of(party.id)
    current = memberships[0] if memberships else None
    method = active_method(current.paid_by if current else party.id)
    coming = next_charge(current, policies, today) if current else None
    homes = homes_of(party.id)
    more = f"{member_url(visit, party.id)}?all=1"
    limit = _ALL if whole else SHOWN
    happened = events_of_party(visit.organization.id, party.id, limit=(_ALL if whole else HAPPENINGS) + 1)
    cut = len(happened) > HAPPENINGS and not whole
    return RecordPage(
        title=party.name,
        kind="Household"
        if party.kind == "household"
        else visit.words.titled("member")
        if current or homes
        else "Contact",
        number=str(party.number),
        badges=home_badges(homes)
        if homes and current is None
        else _badges(visit, party, current, policies, today),
        figures=_figures(visit, party, current, coming, policies, homes),
        facts=(
            *(
                fact
                for fact in _facts(
                    visit.words, party, current, memberships, method, coming, today, visit.organization.locale
                )
                if memberships or not homes or fact.value or fact.label in ("Payment method", "E-mail")
            ),
            *change_facts(visit, current),
            *ending_facts(visit, current, policies),
            *household_facts(visit, party, policies),
            *payer_facts(visit, current),
            *visit_facts(visit, party),
            *((Fact("No tax is billed", party.tax_exempt),) if party.tax_exempt else ()),
        ),
        actions=_actions(visit, party, current),
        warning=_warning(visit, current, method, f"{member_url(visit, party.id)}link/"),
        sections=(
            *homes_section(visit, homes),
            *((terms_section(visit, memberships, limit, more),) if memberships or not homes else ()),
            invoices_section(visit, party.id, limit, more),
            payments_section(visit, party.id, limit, more),
            attempts_section(visit, party.id, policies, limit, more),
            *((history_section(visit, party, limit, more),) if current else ()),
            *people_section(visit, party, policies, limit, more),
            *paid_for_section(visit, party, policies),
            *own_discounts(visit, party, limit, more),
            *giving_sections(visit, party, limit, more),
            *pledge_sections(visit, party, limit, more),
            mails_section(visit, party.id, limit, more),
            *((Section("notes", "Notes", text=party.notes),) if party.notes else ()),
        ),
        timeline=moments(
            happened[:HAPPENINGS] if cut else happened,
            visit.organization.locale,
            lambda kind, id_: subject_url(visit, kind, id_),
        ),
        timeline_more=Link("Everything that happened", f"{more}#timeline") if cut else None,
        crumbs=(Link(visit.words.titled("members"), visit.url("members/")),),
    )


def _badges(
    visit: Visit, party: Party, current: Membership | None, policies: Policies, today: date
) -> tuple[Badge, ...]:
    if current is None:
        return (Badge("No membership"), *((Badge("AutoPay", "info"),) if party.autopay else ()))
    found = [label_badge(label_on(current, policies, today))]
    if current.autopay and current.state != "ended":
        found.append(Badge("AutoPay", "info"))
    return (*found, *ending_badge(visit, current))


def _figures(
    visit: Visit,
    party: Party,
    current: Membership | None,
    coming: NextCharge | None,
    policies: Policies,
    homes: Sequence[Home],
) -> tuple[Figure, ...]:
    currency, today = visit.organization.currency, visit.desk.today
    late = overdue_of(party.id, today)
    tone: Tone = "bad" if late else "neutral"
    owed = [
        Figure("Balance owed", amount, f"{late} overdue" if late else "", tone)
        for amount in amounts(owed_by(party.id), currency)
    ]
    credit = [Figure("Credit", amount) for amount in amounts(credit_of(party.id), currency)]
    if current is None and homes:
        return (*next_of_homes(homes, visit.organization.locale), *owed, *credit)
    paid = (Figure("Paid through", current.paid_through),) if current else ()
    return (*paid, *_next(visit, current, coming, policies), *owed, *credit)


def _next(
    visit: Visit, current: Membership | None, coming: NextCharge | None, policies: Policies
) -> tuple[Figure, ...]:
    """What comes next and when."""
    if current is None:
        return ()
    title = "Next charge" if current.autopay else "Next bill"
    if coming is None:
        return (Figure(title, None, "nothing renews by itself"),)
    on = day_text(coming.on, visit.organization.locale)
    by_run = policies.word("billing.trigger") == "staff_run" and coming.is_renewal
    return (
        Figure(
            title,
            Money(coming.amount_minor, coming.currency),
            f"by a renewal run, from {on}" if by_run else f"on {on}",
        ),
    )


def _facts(
    words: Words,
    party: Party,
    current: Membership | None,
    memberships: Sequence[Membership],
    method: PaymentMethod | None,
    coming: NextCharge | None,
    today: date,
    locale: str,
) -> tuple[Fact, ...]:
    ends = (Fact("Ends on", current.last_day),) if current and current.last_day else ()
    of_members = (
        Fact(words.titled("plan"), current.plan.name if current else None),
        Fact("Member since", min((m.joined_on for m in memberships if m.joined_on), default=None)),
        *ends,
        Fact("Billing cycle started", _cycle_started(current, today)),
        Fact("Renewed through", current.renewed_through if current else None),
    )
    maybe = (
        Fact("Why the next amount", reader_text(coming.why, locale) if coming else None),
        Fact("Phone", party.phone),
        Fact("Type", party.customer_type),
        Fact("Roster id", party.external_id),
    )
    return (
        *(of_members if memberships else ()),
        Fact("Payment method", method_text(method)),
        Fact("E-mail", party.email),
        *(fact for fact in maybe if fact.value),
    )


def _cycle_started(current: Membership | None, today: date) -> date | None:
    if current is None:
        return None
    begun = [term.start_on for term in terms_of([current.id]) if term.start_on <= today and not term.canceled]
    return max(begun, default=current.anchor_on)


def _money_actions(party: Party, here: str) -> list[Action]:
    """Money that came, and credit where there is an open invoice for it."""
    found = [Action("Record a payment", f"{here}pay/", "primary", icon="coins")]
    if credit_of(party.id).keys() & owed_by(party.id).keys():
        found.append(Action("Apply credit", f"{here}credit/"))
    return found


def _actions(visit: Visit, party: Party, current: Membership | None) -> tuple[Action, ...]:
    here = member_url(visit, party.id)
    found = []
    gone = current is None or current.state == "ended" or is_former(current, visit.desk.today)
    of_homes = current is None and policies_of(visit.organization).word("billing.subject") == "unit"
    if visit.may("renew") and gone and not of_homes:
        found.append(Action("Start again" if current else "Add membership", f"{here}join/"))
    elif visit.may("renew") and current and current.plan.kind == "prepaid":  # C-24
        found.append(Action("Add a further term", f"{here}join/"))
    if visit.may("record_payment"):
        found += _money_actions(party, here)
    if visit.may("charge") and active_method(party.id) is not None:
        found.append(Action("Charge now", f"{here}charge/"))
    if visit.may("send_link") and visit.takes_cards:
        found.append(Action("Send a secure link", f"{here}link/", icon="send"))
    if visit.may("charge") and active_method(party.id) is not None:
        found.append(Action("Remove the payment method", f"{here}method/remove/", ask=True))
    found += change_actions(visit, party, current)
    found += ending_actions(visit, party, current)
    if visit.may("charge"):
        if visit.organization.is_sandbox:
            found.append(Action("Give a test card", f"{here}card/"))
        going_on = current if current and current.state != "ended" else None
        if going_on or party.autopay or _may_agree(visit, party):
            on = not (going_on.autopay if going_on else party.autopay)
            found.append(
                Action(
                    "Enroll in AutoPay" if on else "Take off AutoPay",
                    f"{here}autopay/",
                    method="post",
                    fields=(("on", "yes" if on else "no"),),
                )
            )
    found += payer_action(visit, party, current)
    found += give_action(visit, party)
    found += _paper_actions(visit, party, here)
    if visit.may("set_policy"):
        found.append(Action("Tax", f"{here}tax/"))
        found.append(Action("Policies", visit.url(f"settings/members/{party.id}/")))
    return led(visit, found, owes=any(owed_by(party.id).values()))


def _may_agree(visit: Visit, party: Party) -> bool:
    """Whether somebody without a membership has a method, and autopay covers what else they owe (X21)."""
    policies = policies_of(visit.organization)
    scope = policies.differing("autopay.scope", "customer").get(str(party.id), policies.word("autopay.scope"))
    return scope == "all" and active_method(party.id) is not None


def _paper_actions(visit: Visit, party: Party, here: str) -> list[Action]:
    """What concerns documents."""
    return [
        *((Action("Contact details", f"{here}contact/"),) if visit.may("record_payment") else ()),
        *(
            (Action("New invoice", visit.url(f"invoices/new/?member={party.id}")),)
            if visit.may("charge")
            else ()
        ),
        Action("Statement of account", f"{here}statement/"),
    ]


def _warning(
    visit: Visit, current: Membership | None, method: PaymentMethod | None, link: str
) -> Problem | None:
    """What will keep autopay from working, said before it does (C-14, C-16)."""
    if current is None or not current.autopay or current.state == "ended":
        return None
    if current.payer is not None:
        link = f"{member_url(visit, current.payer.id)}link/"
    add = "Send whoever pays a link to add one; staff never enter card or bank details."
    send = (Action("Send a secure link", link),) if visit.may("send_link") and visit.takes_cards else ()
    if not visit.takes_cards:
        add = (
            "Connect a payment processor first (Settings, Payments); then send the member a link to add one."
        )
    if visit.organization.is_sandbox:
        add = "This is a sandbox: give the member a test card."
    if method is None:
        return Problem(
            "AutoPay has nothing to charge", "There is no payment method on file.", way_out=add, actions=send
        )
    if is_expired(method, visit.desk.today):
        return Problem(
            "The payment method has expired",
            f"{method.brand} ending in {method.last4} can't be charged any more.",
            way_out=add,
            actions=send,
        )
    return None


# ---------------------------------------------------------------- sections
