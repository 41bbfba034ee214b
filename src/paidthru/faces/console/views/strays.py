"""Money at the processor that nobody can place: kept in suspense until a person says whose it is (D.4)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.place_stray import place_stray
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, TextField
from paidthru.faces.console.addresses import payment_url
from paidthru.faces.console.listing import page_by_key, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Link,
    ListPage,
    Row,
    Text,
    Value,
    with_query,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.views.settlement import settlement_tabs
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.ledger.models import Account
from paidthru.payments.models import Stray
from paidthru.payments.queries import would_pay
from paidthru.people.models import Party


@staff_page("view")
def stray_list(visit: Visit) -> HttpResponseBase:
    """Money at the processor that is nobody's as far as we know; a person says whose it is."""
    query = query_of(visit.request)
    placed = text_in(visit.request, "show") == "placed"
    found = Stray.objects.filter(organization=visit.organization, state="placed" if placed else "open")
    page, sort = page_by_key(found.select_related("payment"), visit.request, ["occurred_at"], "-occurred_at")
    columns = (
        Column("ref", "Processor’s reference", "code"),
        Column("on", "When", "date", "occurred_at"),
        Column("what", "What"),
        Column("why", "Why it is here", "prose"),
        Column("amount", "Amount", "money"),
        Column("placed", "Placed" if placed else "To do", "link"),
    )
    if text_in(visit.request, "export") == "csv":
        every = found.select_related("payment").order_by("-occurred_at", "-id").iterator(chunk_size=500)
        return rows_csv("settlement-in-suspense", columns, (_stray_row(visit, one) for one in every))
    other = Action(
        "Show what waits" if placed else "Show what was placed",
        visit.url("strays/") + with_query((), show="" if placed else "placed"),
    )
    return visit.page(
        ListPage(
            title="Settlement",
            columns=columns,
            rows=tuple(_stray_row(visit, one) for one in page.rows),
            empty=EmptyState(
                "Nothing was placed yet" if placed else "Every cent has its place",
                "Money that the processor holds for us and that nobody can place is kept in suspense, and shown here.",
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            actions=(other,),
            tabs=settlement_tabs(visit, "strays"),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("sum", "sums"),
        ),
        "settlement",
    )


def _stray_row(visit: Visit, one: Stray) -> Row:
    step: Value = None
    if one.payment_id and one.payment:
        step = Link(
            f"Payment {one.payment.number}", payment_url(visit, one.payment_id), f"by {one.placed_by}"
        )
    elif one.state == "placed":
        step = Text("Not a member’s", f"by {one.placed_by}")
    elif visit.may("resolve"):
        step = Link("Say whose it is", visit.url(f"strays/{one.id}/place/"))
    return Row(
        (
            one.gateway_ref,
            one.occurred_at,
            {"charge": "Payment", "refund": "Refund", "dispute": "Dispute"}.get(one.kind, one.kind),
            one.why,
            Money(one.amount_minor, one.currency),
            step,
        ),
        tone="neutral" if one.state == "placed" else "bad",
    )


class PlaceForm(ActForm):
    """Whose money it is, and how one knows."""

    whose = forms.ChoiceField(
        label="What it is",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is."},
    )
    member = forms.CharField(
        label="Member number",
        required=False,
        max_length=19,
        help_text="For a member’s payment; the number stands on the member’s page.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "inputmode": "numeric"}),
    )
    account = forms.ChoiceField(
        label="Income account", required=False, widget=forms.Select(attrs={"class": "input"})
    )
    why = TextField(label="How you know", missing="Say how you know whose money this is.")
    field_order = ("whose", "member", "account", "why")

    def __init__(self, *args: object, visit: Visit, charge: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._organization = visit.organization
        whose, account = self.fields["whose"], self.fields["account"]
        assert isinstance(whose, forms.ChoiceField)
        assert isinstance(account, forms.ChoiceField)
        member = [("member", "A member’s payment")] if charge else []
        if not charge:
            del self.fields["member"]
        whose.choices = [
            *member,
            ("income", "Other income of the organization"),
            ("none", "Not ours: it leaves the processor again"),
        ]
        incomes = Account.objects.filter(organization=visit.organization, kind="income").order_by("number")
        account.choices = [(one.code, f"{one.number} {one.code}") for one in incomes]
        self.party: Party | None = None

    def clean(self) -> dict[str, object]:
        """The member has to be one; an income needs its account."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("whose") == "member":
            text = str(cleaned.get("member") or "").strip().removeprefix("#")
            number = int(text) if text.isascii() and text.isdigit() else 0
            self.party = Party.objects.filter(organization=self._organization, number=number).first()
            if self.party is None:
                self.add_error(
                    "member", f"There is no member {text}." if text else "Enter the member’s number."
                )
        if cleaned.get("whose") == "income" and not cleaned.get("account"):
            self.add_error("account", "Choose the income account.")
        return cleaned


@staff_page("resolve")
def place(visit: Visit, stray_id: UUID) -> HttpResponseBase:
    """A person says whose the money is; what that does is shown before it is done."""
    stray = get_object_or_404(Stray, id=stray_id, organization=visit.organization)
    back = visit.url("strays/")
    if stray.state != "open" and visit.request.method != "POST":
        return redirect(back)
    form = PlaceForm(
        visit.request.POST or None, initial=new_key(), visit=visit, charge=stray.kind == "charge"
    )
    said = money_said(visit, stray.amount_minor, stray.currency)
    facts = (
        Fact("Amount", Money(stray.amount_minor, stray.currency)),
        Fact("When", stray.occurred_at),
        Fact("Processor’s reference", stray.gateway_ref),
        Fact("Why it is here", stray.why),
    )
    crumbs = (Link("Money nobody can place", back),)

    def entry(form: PlaceForm) -> FormPage:
        return FormPage(
            title=f"Whose is {said}?",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{stray.gateway_ref}: {stray.why}",
            aside=("Nothing is booked yet: the next step shows exactly what will be.",),
            crumbs=crumbs,
        )

    def confirm(form: PlaceForm) -> ConfirmPage:
        sentences = _what_it_does(visit, stray, form)
        return ConfirmPage(
            title=f"Place {said}?",
            confirm=Confirm(
                action_url=visit.url(f"strays/{stray.id}/place/"),
                label=f"Place {said}",
                consequences=tuple(sentences),
                digest=digest_of(stray.id, stray.state, sentences),
                cancel_url=back,
                fields=form.again(),
            ),
            facts=(*facts, Fact("How you know", form.cleaned_data["why"])),
            crumbs=crumbs,
        )

    def done(form: PlaceForm) -> HttpResponseBase:
        clean = form.cleaned_data
        if stray.state != "open":
            raise Refused(
                "stray_placed", f"{stray.placed_by} has placed this money already.", fix="Look at the list."
            )
        payment = place_stray(
            visit.organization,
            stray.id,
            party_id=form.party.id if form.party else None,
            why=clean["why"],
            income_code=clean["account"] if clean["whose"] == "income" else "",
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=clean["key"],
        )
        messages.success(visit.request, f"{said} is placed.")
        return redirect(payment_url(visit, payment.id) if payment else back)

    return in_two_steps(
        visit, form, entry=entry, confirm=confirm, done=done, after=back, current="settlement"
    )


def _what_it_does(visit: Visit, stray: Stray, form: PlaceForm) -> list[str]:
    said = money_said(visit, stray.amount_minor, stray.currency)
    if form.party is None:
        if form.cleaned_data["whose"] == "income":
            return [f"Takes {said} out of suspense into {form.cleaned_data['account']}."]
        return [f"Leaves {said} in suspense until it leaves the processor; it is off the list."]
    party = form.party
    parts, surplus = would_pay(visit.organization.id, party.id, stray.amount_minor, stray.currency)
    sentences = [f"Takes {said} out of suspense as a payment of {party.name}, member {party.number}."]
    sentences += [
        f"Pays {money_said(visit, part.amount_minor, stray.currency)} on invoice {part.label}."
        for part in parts
    ]
    if surplus:
        sentences.append(f"Keeps {money_said(visit, surplus, stray.currency)} as the member’s credit.")
    return sentences
