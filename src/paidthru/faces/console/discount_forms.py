"""Forms of what comes off prices: for one member, or for a plan and for whoever gives a code."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django import forms

from paidthru.actions.give_discount import DiscountDraft
from paidthru.faces.console.acting_forms import ActForm, AmountField, TextField
from paidthru.faces.console.forms import DayField
from paidthru.kernel.errors import Refused
from paidthru.membership.rules.discounts import read_percent

_INPUT = {"class": "input", "autocomplete": "off"}
_KINDS = [
    ("percentage", "A percentage"),
    ("amount", "An amount"),
    ("complimentary", "All of it: complimentary"),
    ("waiver", "One item: waived"),
]
Choices = Sequence[tuple[str, str]]


class DiscountForm(ActForm):
    """What comes off, of what, from when until when."""

    kind = forms.ChoiceField(label="What comes off", choices=_KINDS, widget=forms.Select(attrs=_INPUT))
    percent = forms.CharField(
        label="Percent",
        required=False,
        max_length=40,
        help_text="For a percentage: more than 0, 100 at most.",
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
    )
    amount = AmountField(label="Amount", required=False)
    item = forms.ChoiceField(
        label="Item",
        required=False,
        help_text="Which one is waived; for the others, the only one that is reduced.",
        widget=forms.Select(attrs=_INPUT),
    )
    from_on = DayField(
        label="From", required=False, help_text="For terms that begin then or later. Empty: today."
    )
    until_on = DayField(
        label="Until",
        required=False,
        help_text="Terms that begin on this day cost the full price. Empty: no end.",
    )
    terms = forms.IntegerField(
        label="Number of terms",
        required=False,
        help_text="Only so many of a member’s terms. Empty: all of them.",
        widget=forms.NumberInput(attrs=_INPUT),
    )
    name = forms.CharField(
        label="Name", required=False, max_length=100, help_text="Members read it.",
        widget=forms.TextInput(attrs=_INPUT),
    )  # fmt: skip
    why = TextField(
        label="Reason", required=False, rows=2, help_text="For the record. To waive an item, it is needed."
    )

    def __init__(self, *args: object, currency: str, items: Choices, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        amount = self.amount_field()
        amount.currency = currency
        amount.help_text = f"For an amount: in {currency}, off the price of one interval."
        item = self.fields["item"]
        assert isinstance(item, forms.ChoiceField)
        item.choices = [("", "All that is owed"), *items]

    def clean(self) -> dict[str, object]:
        """A percentage that can be read. Which fields a kind needs is the action's to say."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("kind") == "percentage" and not self.errors.get("percent"):
            try:
                cleaned["rate_ppm"] = read_percent(str(cleaned.get("percent") or ""))
            except Refused as refused:
                self.refuse(refused)
        return cleaned

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that the person filled in."""
        names = {"rate": "percent", "fee": "item", "from": "from_on", "until": "until_on"}
        field = names.get(refused.field or "", refused.field or "")
        text = f"{refused.message} {refused.fix or ''}".strip()
        self.add_error(field if field in self.fields else None, text)

    def draft(self, *, party_id: UUID | None = None) -> DiscountDraft:
        """What was asked for."""
        clean = self.cleaned_data
        item: str = clean["item"]
        begins: date | None = clean["from_on"]
        return DiscountDraft(
            clean["kind"],
            party_id=party_id,
            plan_id=UUID(clean["plan"]) if clean.get("plan") else None,
            fee_id=UUID(item) if item else None,
            name=clean["name"],
            code=clean.get("code", ""),
            rate_ppm=clean.get("rate_ppm", 0),
            amount_minor=clean["amount"] or 0,
            currency=self.currency if clean["kind"] == "amount" else "",
            from_on=begins,
            until_on=clean["until_on"],
            terms=clean["terms"],
            why=clean["why"],
        )


class CommonDiscountForm(DiscountForm):
    """A discount for everybody on a plan, or for whoever gives a code."""

    plan = forms.ChoiceField(
        label="Plan", required=False, help_text="Without a code, everybody on it has the discount.",
        widget=forms.Select(attrs=_INPUT),
    )  # fmt: skip
    code = forms.CharField(
        label="Code",
        required=False,
        max_length=40,
        help_text="One word, such as SPRING. Who gives it when joining has the discount from that day on.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    field_order = ("name", "code", "plan", "kind", "percent", "amount", "item")

    def __init__(
        self, *args: object, currency: str, items: Choices, plans: Choices, **kwargs: object
    ) -> None:
        super().__init__(*args, currency=currency, items=items, **kwargs)
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "Every plan (with a code)"), *plans]


class EndForm(ActForm):
    """From which day a discount is no longer for terms that begin."""

    on = DayField(label="Over from", help_text="Terms that begin on this day or later cost the full price.")
