"""The form of one policy: its values as choices, each with what it means here, and from when it is to hold."""

from collections.abc import Callable, Mapping

from django import forms

from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.forms import DayField
from paidthru.organizations.rules.catalogue.key import AMOUNT
from paidthru.organizations.rules.policies import Key, Value, called

UNSET, NUMBER, LIST, TEXT = "unset", "number", "list", "text"
_INPUT = {"class": "input", "autocomplete": "off"}


class PolicyForm(ActForm):
    """A policy's value. `value` is a word, a call's name, `number`, `list`, `text`, or `unset` for the next level's;
    what a call or a number needs has fields of its own below. `starting` is a later date; without one it holds
    at once."""

    value = forms.ChoiceField(
        label="What holds",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "%(value)s is not one of the choices."},
    )

    def __init__(
        self,
        *args: object,
        policy: Key,
        present: Value,
        unset: str = "",
        means: Callable[[Value], str] = lambda value: "",
        leave_out: tuple[str, ...] = (),
        initial: Mapping[str, object] | None = None,
        **kwargs: object,
    ) -> None:
        self.policy = policy
        begins = _initial(policy, present) | dict(initial or {})
        super().__init__(*args, initial=begins, **kwargs)  # type: ignore[arg-type,misc]
        field = self.fields["value"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _choices(policy, present, unset, means, leave_out)
        if len(field.choices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = self.initial["value"] = str(field.choices[0][0])
        for name, limits in policy.calls.items():
            for index, limit in enumerate(limits):
                asked = policy.asks.get(name, ("",) * len(limits))[index]
                self.fields[f"{name}_{index}"] = _argument(asked, limit, policy.says.get(name, name))
        if policy.low is not None:
            self.fields["number"] = forms.IntegerField(
                label=policy.unit.split(",")[0].capitalize() or "Number",
                required=False,
                min_value=policy.low,
                max_value=policy.high,
                widget=forms.NumberInput(attrs=_INPUT),
                help_text=f"From {policy.low} to {policy.high}.",
            )
        if policy.numbers is not None:
            self.fields["list"] = forms.CharField(
                label="Days",
                required=False,
                max_length=60,
                help_text=policy.numbers.expected().capitalize().replace("[", "").replace("]", "") + ".",
                widget=forms.TextInput(attrs=_INPUT),
            )
        if policy.written is not None:
            self.fields["text"] = forms.CharField(
                label=policy.written.label,
                required=False,
                max_length=100,
                help_text=policy.written.help,
                widget=forms.TextInput(attrs=_INPUT),
            )
        self.fields["starting"] = DayField(
            label="From",
            required=False,
            help_text="A later date, from which it holds by itself. Left empty, it holds at once.",
        )

    @property
    def text(self) -> str | None:
        """The value as people write it, to be parsed; None to remove what is set."""
        choice: str = self.cleaned_data["value"]
        if choice == UNSET:
            return None
        if choice == NUMBER:
            return str(self.cleaned_data["number"])
        if choice == LIST:
            return f"[{self.cleaned_data['list'].strip().removeprefix('[').removesuffix(']')}]"
        if choice == TEXT:
            return str(self.cleaned_data["text"])
        limits = self.policy.calls.get(choice)
        if limits is None:
            return choice
        return f"{choice}({', '.join(str(self.cleaned_data[f'{choice}_{n}']) for n in range(len(limits)))})"

    def clean(self) -> dict[str, object]:
        """Each choice needs the figures that it asks for, and no others."""
        cleaned: dict[str, object] = super().clean() or {}
        choice = str(cleaned.get("value", ""))
        needed = [f"{choice}_{index}" for index in range(len(self.policy.calls.get(choice, ())))]
        if choice == NUMBER:
            needed.append("number")
        if choice == TEXT:
            needed.append("text")
        for name in needed:
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, "Enter a value.")
        return cleaned


def _argument(asked: str, limit: int | str, choice: str) -> forms.Field:
    only = f"Only with “{choice[:1].upper() + choice[1:]}”."
    if limit == AMOUNT:
        return forms.RegexField(
            r"^(?=.*[1-9])\d{1,12}(\.\d{1,4})?$",
            label=asked,
            required=False,
            help_text=f"{only} In the organization’s currency.",
            widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
            error_messages={"invalid": "An amount is written 25.00, and is more than nothing."},
        )
    if isinstance(limit, str):
        return forms.RegexField(
            r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
            label=asked,
            required=False,
            help_text=only,
            widget=forms.TimeInput(attrs=_INPUT | {"type": "time"}),
            error_messages={"invalid": "A time of day is written 08:30."},
        )
    return forms.IntegerField(
        label=asked,
        required=False,
        min_value=0,
        max_value=limit,
        widget=forms.NumberInput(attrs=_INPUT),
        help_text=f"{only} From 0 to {limit}.",
    )


def _initial(policy: Key, present: Value) -> dict[str, object]:
    if isinstance(present, list):
        return {"value": LIST, "list": ", ".join(str(one) for one in present)}
    if isinstance(present, int):
        return {"value": NUMBER, "number": present}
    if policy.written is not None:
        return {"value": TEXT, "text": str(present)}
    call = called(present)
    return {"value": call.name} | {f"{call.name}_{n}": argument for n, argument in enumerate(call.args)}


def _choices(
    policy: Key, present: Value, unset: str, means: Callable[[Value], str], leave_out: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Every value that can be chosen, in words, with what it means here; the way back comes last."""
    found: list[tuple[str, str]] = []
    found += [
        (word, _said(policy, word, means))
        for word in policy.words
        if word not in leave_out or word == present
    ]
    for name in policy.calls:
        example = present if called(present).name == name else policy.also.get(name)
        said = policy.said(name)
        found.append((name, _said(policy, example, means) if example else said[:1].upper() + said[1:]))
    if policy.low is not None:
        found.append((NUMBER, "a number"))
    if policy.numbers is not None:
        found.append((LIST, "these days"))
    if policy.written is not None:
        found.append((TEXT, _said(policy, present, means)))
    if unset:
        found.append((UNSET, unset))
    return found


def _said(policy: Key, value: Value, means: Callable[[Value], str]) -> str:
    text, example = policy.said(value), means(value)
    text = text[:1].upper() + text[1:]
    return f"{text}. {example}" if example else text
