"""Policies: what an organization may decide, and where a value came from.

A policy is resolved subscription > plan > customer > organization > preset (G-09); the effective value always says its
source. What can be decided is in `catalogue.py`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.catalogue import CATALOGUE, LATER, PRESETS, SCOPES, Key, Value

__all__ = [
    "CATALOGUE",
    "LATER",
    "PRESETS",
    "SCOPES",
    "Effective",
    "Key",
    "Policies",
    "Value",
    "checked",
    "parse",
    "shown",
]

_CALL = re.compile(r"^([a-z_]+)\((.*)\)$")
_LIST = re.compile(r"^\[(.*)\]$")
_NUMBER = re.compile(r"-?\d{1,9}")


def parse(key: str, text: str) -> Value:
    """The value that a person wrote for a policy.

    Raises Refused: `policy_unknown`, `not_built`, `policy_value_invalid`.
    """
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        value: Value = int(text)
    elif listed := _LIST.match(text):
        parts = [part.strip() for part in listed[1].split(",")]
        value = [int(part) for part in parts] if all(_NUMBER.fullmatch(part) for part in parts) else text
    elif match := _CALL.match(text):
        arguments = [part.strip().removesuffix("m") for part in match[2].split(",") if part.strip()]
        value = {
            "call": match[1],
            "args": [int(part) if _NUMBER.fullmatch(part) else part for part in arguments],
        }
    else:
        value = text
    return checked(key, value)


def checked(key: str, value: Value) -> Value:
    """The value, if the policy allows it; otherwise Refused as in `parse`."""
    known = CATALOGUE.get(key)
    if known is None:
        if key in LATER:
            raise Refused(
                "not_built",
                f"not built yet: policy {key}",
                field=key,
                fix="docs/policies.md lists those that can be set.",
            )
        raise Refused(
            "policy_unknown",
            f"There is no policy called “{key}”.",
            field=key,
            value=str(value),
            fix="The policies are listed in docs/policies.md.",
        )
    if isinstance(value, dict):
        arguments, limits = value.get("args", []), known.calls.get(str(value.get("call")))
        allowed = (
            isinstance(arguments, list)
            and limits is not None
            and len(limits) == len(arguments)
            and all(
                isinstance(argument, int) and 0 <= argument <= most
                for argument, most in zip(arguments, limits, strict=True)
            )
        )
    elif isinstance(value, list):
        allowed = known.numbers is not None and known.numbers.allows(value)
    elif isinstance(value, bool) or not isinstance(value, str | int):
        allowed = False
    elif isinstance(value, int):
        allowed = known.low is not None and known.high is not None and known.low <= value <= known.high
    else:
        value = known.also.get(value, value)
        allowed = value in known.words
    if not allowed:
        raise Refused(
            "policy_value_invalid",
            f"{key} can't be “{shown(value)}”.",
            field=key,
            value=shown(value),
            fix=f"It can be: {known.expected()}.",
        )
    return value


def shown(value: Value) -> str:
    """A value as people write it."""
    if isinstance(value, dict):
        arguments = value.get("args", [])
        listed = ", ".join(str(argument) for argument in arguments) if isinstance(arguments, list) else ""
        return f"{value.get('call')}({listed})"
    if isinstance(value, list):
        return f"[{', '.join(str(one) for one in value)}]"
    return str(value)


@dataclass(frozen=True, slots=True)
class Effective:
    """A policy's value and where it came from: subscription, plan, customer, organization or preset."""

    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class Policies:
    """An organization's policies, resolved. `settings` are rows (scope, scope_id, key, value)."""

    preset: str
    settings: Mapping[tuple[str, str, str], Value]

    @classmethod
    def of(cls, preset: str, rows: Iterable[tuple[str, str, str, Value]]) -> "Policies":
        """From stored rows; `scope_id` is '' for the organization."""
        return cls(
            preset, MappingProxyType({(scope, scope_id, key): value for scope, scope_id, key, value in rows})
        )

    def effective(self, key: str, *, subscription: str = "", plan: str = "", customer: str = "") -> Effective:
        """The value for a subscription, plan and customer (ids as text), the most specific one that is set."""
        for scope, scope_id in (("subscription", subscription), ("plan", plan), ("customer", customer)):
            if scope_id and (scope, scope_id, key) in self.settings:
                return Effective(self.settings[scope, scope_id, key], scope)
        if ("organization", "", key) in self.settings:
            return Effective(self.settings["organization", "", key], "organization")
        return Effective(CATALOGUE[key].default(self.preset), f"preset {self.preset}")

    def word(self, key: str) -> str:
        """The organization's value as a word (`off`, `day(14)`, `12`)."""
        return shown(self.effective(key).value)

    def number(self, key: str) -> int:
        """The organization's value of a policy that is a whole number."""
        value = self.effective(key).value
        if not isinstance(value, int):
            raise Refused("policy_value_invalid", f"{key} is “{shown(value)}” and not a number.", field=key)
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        """The organization's value of a policy that is a list of whole numbers."""
        value = self.effective(key).value
        if not isinstance(value, list):
            raise Refused(
                "policy_value_invalid", f"{key} is “{shown(value)}” and not a list of numbers.", field=key
            )
        return tuple(value)

    def conflicts(self) -> tuple[Refused, ...]:
        """Settings that exclude each other, each with the source's reason."""
        found = []
        joined = self.effective("proration.join")
        if (
            self.word("term.basis") == "anniversary"
            and joined.value in ("months", "table")
            and (joined.source == "organization")
        ):
            found.append(
                Refused(
                    "policy_conflict",
                    "Prorating by months or by a table needs annual terms: with anniversary terms "
                    "everybody has a full term.",
                    field="proration.join",
                    value=self.word("proration.join"),
                    fix="Set proration.join = none, or term.basis = annual. (G-34, G-35)",
                )
            )
        paid = self.effective("paid_through.on")
        if self.word("accounting.method") == "cash" and paid.value in ("line_paid", "billed"):
            found.append(
                Refused(
                    "policy_conflict",
                    f"paid_through.on = {shown(paid.value)} exists with accrual accounting only.",
                    field="paid_through.on",
                    value=shown(paid.value),
                    fix="Set paid_through.on = paid or primary_paid, or accounting.method = accrual."
                    " (G-12, G-15, G-16)",
                )
            )
        late = self.word("term.late_payment")
        if late != "keep_anchor" and (
            self.word("accounting.method") != "cash" or self.word("term.basis") != "anniversary"
        ):
            found.append(
                Refused(
                    "policy_conflict",
                    "A late payer's term begins again with cash accounting and anniversary terms only.",
                    field="term.late_payment",
                    value=late,
                    fix="Set term.late_payment = keep_anchor, or accounting.method = cash and term.basis ="
                    " anniversary. (G-30)",
                )
            )
        return tuple(found)
