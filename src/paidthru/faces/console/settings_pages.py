"""The settings pages' contents: policies by subject in the preset's words, with values, sources and examples."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import reader_text
from paidthru.faces.console.pages import Problem, Section
from paidthru.faces.console.parts import Badge, Column, Row, Table, Text, Value
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries import membership_of
from paidthru.membership.queries.deciding import decided, decided_for
from paidthru.membership.rules.illustrations import Asked, illustrate
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.conflicts import without_effect
from paidthru.organizations.rules.policies import SUBJECTS, Key, Policies
from paidthru.organizations.rules.policies import Value as Decided
from paidthru.organizations.rules.vocabulary import Words
from paidthru.people.models import Party

_COLUMNS = (
    Column("policy", "Policy", "prose"),
    Column("value", "Value", "prose"),
    Column("source", "From", "badge"),
    Column("example", "For example", "prose"),
)
_ACCRUAL_ONLY = ("line_paid", "billed")


@dataclass(frozen=True, slots=True)
class Place:
    """Where policies are looked at and set: the organization, a plan, a customer, or the membership they have;
    `party_id` is whose."""

    kind: str
    id: UUID | None = None
    name: str = ""
    party_id: UUID | None = None

    @property
    def query(self) -> str:
        """The tail of a policy's address."""
        return f"?{self.kind}={self.id}" if self.id else ""

    @property
    def settings(self) -> str:
        """The address of its page, below the organization's."""
        if self.kind == "plan":
            return f"settings/plans/{self.id}/"
        return (
            f"settings/members/{self.party_id}/{'?level=membership' if self.kind == 'subscription' else ''}"
        )

    def policies(self, organization: Organization) -> Policies:
        """What holds there."""
        if self.kind == "plan":
            return decided(organization).within(plan=self.id)
        if self.kind == "subscription" and self.id is not None:
            return decided_for(Membership.objects.select_related("organization").get(id=self.id))
        if self.kind == "customer" and self.id is not None:
            membership = membership_of(self.id)
            if membership is not None and membership.state != "ended":
                return decided_for(membership)
            return decided(organization).within(customer=self.id)
        return decided(organization)


ORGANIZATION = Place("organization")


def place_of(visit: Visit, policy: Key) -> Place:
    """The place that an address names (`?plan=`, `?customer=`, `?subscription=`); 404 for another organization's, and
    where the policy can't be set."""
    for kind, table in (("plan", Plan), ("customer", Party), ("subscription", Membership)):
        given = visit.request.GET.get(kind, "")
        if not given:
            continue
        try:
            id_ = UUID(given)
        except ValueError:
            raise Http404 from None
        found = get_object_or_404(table, id=id_, organization=visit.organization)
        if kind not in policy.scopes:
            raise Http404
        if isinstance(found, Membership):
            return Place(kind, id_, f"the membership of {found.party.name}", found.party_id)
        assert isinstance(found, Plan | Party)
        return Place(kind, id_, found.name, id_ if kind == "customer" else None)
    return ORGANIZATION


def titles(words: Words) -> dict[str, str]:
    """The subjects' headings in the organization's words."""
    return {
        "billing": f"How {words.dues} are billed" if words.dues.endswith("s") else "How billing works",
        "terms": "Terms, proration and paid through",
        "collecting": "Collecting what is due",
        "status": f"What {words.members} are called and told",
        "lifecycle": f"Changing, ending and coming back to a {words.membership}",
        "mail": "Notices ahead and hours of mail",
        "money": "Accounting, credit and refunds",
        "staff": "Who works here, and how they sign in",
    }


def subject_of(visit: Visit, policy: Key) -> str:
    """The heading under which a policy stands."""
    subject = next(subject for subject, keys in SUBJECTS.items() if policy in keys)
    return titles(visit.words)[subject]


def of_staff(policy: Key) -> bool:
    """Whether a policy is about those who work here, and alters nothing for members."""
    return policy in SUBJECTS["staff"]


def meaning(visit: Visit, policies: Policies, place: Place, policy: Key) -> Callable[[Decided], str]:
    """What a value of a policy means there, computed on an example (G-12)."""
    organization = visit.organization

    def means(value: Decided) -> str:
        kind = place.kind if place.id else "organization"
        changed = policies.changed({policy.name: value}, scope=kind, scope_id=place.id)
        asked = Asked(changed, visit.desk.today, organization.zone, organization.currency)
        return reader_text(illustrate(policy.name, asked), organization.locale)

    return means


def sections(visit: Visit, policies: Policies, place: Place) -> tuple[Section, ...]:
    """A section for each subject with the policies that can be set there."""
    found = []
    for subject, title in titles(visit.words).items():
        rows = tuple(
            _row(visit, policies, place, key) for key in SUBJECTS[subject] if place.kind in key.scopes
        )
        if rows:
            found.append(Section(subject, title, Table(_COLUMNS, rows, title)))
    return tuple(found)


def _row(visit: Visit, policies: Policies, place: Place, policy: Key) -> Row:
    found = policies.effective(policy.name)
    asked = Asked(policies, visit.desk.today, visit.organization.zone, visit.organization.currency)
    may_set = visit.may("set_policy") and not policy.is_fact
    href = visit.url(f"settings/{policy.name}/") + place.query if may_set else None
    value = Text(policy.said(found.value), policy.name)
    return Row(
        (
            Text(policy.title, policy.sentence),
            value,
            Badge("Always so") if policy.is_fact else _source(found.source, place),
            reader_text(illustrate(policy.name, asked), visit.organization.locale),
        ),
        href,
    )


def _source(source: str, place: Place) -> Value:
    if source.startswith("preset"):
        return Badge("Preset")
    if source == place.kind:
        return Badge("Set here", "info")
    return Badge(
        {"subscription": "Membership", "customer": "Member"}.get(source, source.capitalize()), "info"
    )


def unset_label(policies: Policies, place: Place, policy: Key) -> str:
    """What removing the setting comes to."""
    without = policies.changed({policy.name: None}, scope=place.kind, scope_id=place.id)
    next_ = without.effective(policy.name)
    whose = "the preset’s" if next_.source.startswith("preset") else f"the {next_.source}’s"
    return f"Back to {whose}: {policy.said(next_.value)}"


def hidden_by_others(policies: Policies, policy: Key) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values that aren't offered as things are, and why: with cash accounting nothing moves paid through at
    billing or by the line (G-12)."""
    if policy.name == "paid_through.on" and policies.word("accounting.method") == "cash":
        return _ACCRUAL_ONLY, (
            "With accounting.method = accrual there are two more: by the line, and at billing itself.",
        )
    return (), ()


def conflicts_section(visit: Visit, policies: Policies) -> tuple[Section, ...]:
    """What is decided and has no effect beside the rest; a move to a default plan has none without one (P-20)."""
    idle = [*without_effect(policies)]
    plans = Plan.objects.filter(organization=visit.organization)
    moves = "downgrade" in (policies.word("collect.on_exhausted"), policies.word("cancel.then"))
    if moves and not plans.filter(is_default=True).exists():
        idle.append("Members are to move to the default plan, and no plan is the default.")
    if not idle:
        return ()
    return (
        Section(
            "without-effect",
            "Without effect",
            problem=Problem("Some of it changes nothing as things are", " ".join(idle)),
        ),
    )
