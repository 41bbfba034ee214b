"""Who works here, and what each may do (field-notes E.3); a link by which somebody sets their password, and their
sign-ins, which can be ended."""

from collections.abc import Iterator
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.add_staff import add_staff
from paidthru.actions.change_roles import change_roles
from paidthru.actions.drop_second_factor import drop_second_factor
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, Problem, RecordPage, Section
from paidthru.faces.console.parts import Action, Badge, Column, Fact, Link, Row, Table, Text
from paidthru.faces.console.sentences import moments
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import sign_in_address
from paidthru.organizations.models import StaffRole, User
from paidthru.organizations.queries import has_second_factor, organizations_of, policies_of, roles_in
from paidthru.organizations.rules.roles import ROLES, SAYS, may
from paidthru.timeline.operations import Happening, record
from paidthru.timeline.queries import events_of
from paidthru.wiring import places_of

_COLUMNS = (
    Column("name", "Name"),
    Column("roles", "Roles", "prose"),
    Column("signs", "Signs in", "badge"),
    Column("seen", "Signed in last", "date"),
)


def _called(role: str) -> str:
    return role.replace("_", " ").capitalize()


class RolesForm(ActForm):
    """What somebody may do."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        required=False,
        choices=[(role, f"{_called(role)}: {SAYS[role]}") for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
    )


class PersonForm(RolesForm):
    """Somebody new, or somebody who works for another organization of this installation."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="They sign in with it.",
        error_messages={"required": "Enter their e-mail address.", "invalid": "Write it as ann@example.org."},
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        help_text="As the timeline shows it.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    field_order = ("email", "name", "roles")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["roles"].required = True  # without one nobody gets in
        self.fields["roles"].error_messages["required"] = "Choose at least one."


@staff_page("view")
def people(visit: Visit) -> HttpResponseBase:
    """Everybody with a role here."""
    roles: dict[UUID, list[str]] = {}
    for user_id, role in StaffRole.objects.filter(organization=visit.organization).values_list(
        "user_id", "role"
    ):
        roles.setdefault(user_id, []).append(role)
    found = User.objects.filter(id__in=roles).order_by("name", "id")
    separated = policies_of(visit.organization).word("staff.separation") == "on"
    rows = tuple(
        Row(
            (
                Text(one.name, one.email),
                ", ".join(_called(role) for role in ROLES if role in roles[one.id]),
                Badge("Yes", "good") if one.has_usable_password() else Badge("Not yet", "warn"),
                one.last_login,
            ),
            visit.url(f"settings/people/{one.id}/"),
        )
        for one in found
    )
    return visit.page(
        RecordPage(
            title="People",
            intro="Two people for what moves money: nobody approves what they asked for themselves."
            if separated
            else "One person may both ask and approve here: separation of duties is switched off (staff.separation).",
            badges=(
                Badge("Duties separated", "good") if separated else Badge("One person may do all", "warn"),
            ),
            sections=(
                Section("people", "Who works here", Table(_COLUMNS, rows, "Who works here")),
                Section(
                    "roles",
                    "What each role may do",
                    facts=tuple(Fact(_called(role), SAYS[role]) for role in ROLES),
                ),
            ),
            actions=(Action("Add somebody", visit.url("settings/people/add/"), "primary", icon="plus"),)
            if visit.may("manage_staff")
            else (),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
    )


@staff_page("manage_staff")
def add(visit: Visit) -> HttpResponseBase:
    """Gives somebody roles; whoever is new sets a password by a link that is shown then."""
    form, back = PersonForm(visit.request.POST or None, initial=new_key()), visit.url("settings/people/")
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            add_staff(
                visit.organization, email=clean["email"], name=clean["name"], roles=clean["roles"], password=None,
                actor=visit.actor, now=visit.desk.clock.now(),
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            made = User.objects.get(email=sign_in_address(clean["email"]))
            said = (
                ""
                if made.has_usable_password()
                else " They can’t sign in until they have set a password by a link."
            )
            messages.success(visit.request, f"{made.name} works here now.{said}")
            return redirect(visit.url(f"settings/people/{made.id}/"))
    page = FormPage(
        title="Add somebody",
        form=form,
        submit_label="Add them",
        cancel_url=back,
        crumbs=(Link("Settings", visit.url("settings/")), Link("People", back)),
    )
    return visit.page(page, "settings", 422 if form.errors else 200)


@staff_page("view")
def person(visit: Visit, user_id: UUID) -> HttpResponseBase:
    """One of them: their roles, their sign-ins, and what was done about both."""
    one = _found(visit, user_id)
    here, manages = visit.url(f"settings/people/{one.id}/"), visit.may("manage_staff")
    mine = one.id == visit.user.id
    signed = len(list(_sessions(one)))
    actions, can_link = [], manages and not mine and _answers_for(visit, one)
    has_second = has_second_factor(one)
    if manages and not mine:
        actions.append(Action("Change the roles", f"{here}roles/"))
        if can_link:
            if one.has_usable_password():
                actions.append(Action("Link to set a password", f"{here}link/", method="post"))
            if has_second:
                actions.append(Action("Remove the second factor", f"{here}second-factor/", ask=True))
    if mine:
        actions.append(Action("Your sign-in", visit.url("your-sign-in/")))
    if (mine or (manages and _answers_for(visit, one))) and signed:
        actions.append(Action("End all sign-ins", f"{here}sign-out/", method="post"))
    roles = StaffRole.objects.filter(organization=visit.organization, user=one).values_list("role", flat=True)
    link = visit.request.session.pop(_shown(one), "") if manages else ""
    return visit.page(
        RecordPage(
            title=one.name,
            kind="Staff",
            badges=tuple(Badge(_called(role), "info") for role in ROLES if role in roles),
            facts=(
                Fact("E-mail", one.email),
                Fact("Has a password", one.has_usable_password()),
                Fact("Has a second factor", has_second),
                Fact("Signed in last", one.last_login),
                Fact("Signed in now", signed, "in so many browsers"),
                *(
                    (
                        Fact(
                            "Link to set a password",
                            link,
                            "Hand it over yourself; it works once, for three days, and isn’t shown again.",
                        ),
                    )
                    if link
                    else ()
                ),
            ),
            warning=Problem(
                f"{one.name} can’t sign in yet",
                "They have no password. Make a link by which they set one, and hand it over.",
                actions=(Action("Link to set a password", f"{here}link/", "primary", method="post"),)
                if can_link
                else (),
            )
            if not one.has_usable_password() and not link
            else None,
            actions=tuple(actions),
            timeline=moments(events_of(visit.organization.id, one.id, limit=40), visit.organization.locale),
            crumbs=(Link("Settings", visit.url("settings/")), Link("People", visit.url("settings/people/"))),
        ),
        "settings",
    )


@staff_page("manage_staff")
def roles(visit: Visit, user_id: UUID) -> HttpResponseBase:
    """Changes what somebody may do; without any role they work here no more."""
    one = _found(visit, user_id)
    back = visit.url(f"settings/people/{one.id}/")
    present = list(
        StaffRole.objects.filter(organization=visit.organization, user=one).values_list("role", flat=True)
    )
    form = RolesForm(visit.request.POST or None, initial=new_key() | {"roles": present})
    if visit.request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["roles"]
        try:
            change_roles(visit.organization, one.id, chosen, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"The roles of {one.name} are changed.")
            return redirect(back if chosen else visit.url("settings/people/"))
    page = FormPage(
        title=f"Roles of {one.name}",
        form=form,
        submit_label="Change them",
        cancel_url=back,
        intro="Without any they work here no more; what they have done stays.",
        crumbs=(Link("People", visit.url("settings/people/")), Link(one.name, back)),
    )
    return visit.page(page, "settings", 422 if form.errors else 200)


@staff_page("manage_staff")
def link(visit: Visit, user_id: UUID) -> HttpResponseBase:
    """Makes a link by which somebody sets their password; it is shown once, on their page."""
    one = _found(visit, user_id)
    if visit.request.method == "POST" and one.id != visit.user.id:
        _must_answer_for(visit, one)
        token = default_token_generator.make_token(one)
        visit.request.session[_shown(one)] = f"{visit.desk.public_url}/set-password/{one.id.hex}/{token}/"
        _note(visit, one, "password_link")
    return redirect(visit.url(f"settings/people/{one.id}/"))


@staff_page("manage_staff")
def remove_second_factor(visit: Visit, user_id: UUID) -> HttpResponseBase:
    """Removes the second factor of somebody who has lost it; never one's own."""
    one = _found(visit, user_id)
    back = visit.url(f"settings/people/{one.id}/")
    _must_answer_for(visit, one)
    if visit.request.method == "POST":
        drop_second_factor(one, actor=visit.actor, places=places_of(one))
        messages.success(visit.request, f"{one.name} signs in with the password alone from now on.")
        return redirect(back)
    page = ConfirmPage(
        title=f"Remove the second factor of {one.name}?",
        confirm=Confirm(
            f"{back}second-factor/",
            "Remove it",
            (
                "Their app, passkeys and recovery codes are good no more.",
                "Until they set up another, the password alone signs them in.",
            ),
            cancel_url=back,
            danger=True,
        ),
        text="Only when they have lost it, and you are sure that it is they who ask.",
        crumbs=(Link("People", visit.url("settings/people/")), Link(one.name, back)),
    )
    return visit.page(page, "settings")


@staff_page("view")
def sign_out(visit: Visit, user_id: UUID) -> HttpResponseBase:
    """Ends somebody's sign-ins, in every browser: one's own, or by an admin."""
    one = _found(visit, user_id)
    if one.id != visit.user.id:
        visit.must("manage_staff")
        _must_answer_for(visit, one)
    if visit.request.method == "POST":
        for session in list(_sessions(one)):
            session.delete()
        _note(visit, one, "signed_out")
        messages.success(visit.request, f"{one.name} is signed out everywhere.")
    return redirect(visit.url(f"settings/people/{one.id}/"))


def _found(visit: Visit, user_id: UUID) -> User:
    found = get_user_model().objects.filter(id=user_id, roles__organization=visit.organization).first()
    if found is None:
        raise Http404
    return found


def _answers_for(visit: Visit, user: User) -> bool:
    """Whether the admin is one wherever the person works: who changes how somebody signs in could sign in as them,
    also where the admin has no say."""
    return all(may(roles_in(visit.user, one.id), "manage_staff") for one in organizations_of(user))


def _must_answer_for(visit: Visit, user: User) -> None:
    if not _answers_for(visit, user):
        raise PermissionDenied(
            f"{user.name} works for another organization of this installation too, where you are no admin."
            " An admin of all of them, or whoever runs the server, can do this."
        )


def _sessions(user: User) -> Iterator[Session]:
    """The sign-ins that are alive; there are as many as staff have browsers, so that each can be looked into."""
    for session in Session.objects.filter(expire_date__gt=SystemClock().now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.id):
            yield session


def _shown(user: User) -> str:
    return f"link of {user.id}"


def _note(visit: Visit, user: User, verb: str) -> None:
    told = [Happening(verb, "user", user.id, facts={"name": user.name})]
    record(visit.organization.id, visit.actor, visit.desk.clock.now(), told)
