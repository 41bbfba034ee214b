"""Policies: what an organization may decide, and where a value came from.

A policy is resolved subscription > plan > customer > organization > preset (G-09); the effective value always says its
source. What can be decided is in `catalogue/`, how it is written in `values.py`, what excludes what in `conflicts.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.catalogue import CATALOGUE, PRESETS, SCOPES, SUBJECTS, Key, Value
from paidthru.organizations.rules.values import Call, called, checked, known_policy, parse, shown

__all__ = [
    "CATALOGUE",
    "PRESETS",
    "SCOPES",
    "SUBJECTS",
    "Call",
    "Effective",
    "Key",
    "Policies",
    "Value",
    "called",
    "checked",
    "known_policy",
    "parse",
    "shown",
]


@dataclass(frozen=True, slots=True)
class Effective:
    """A policy's value and where it came from: subscription, plan, customer, organization or preset."""

    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class Policies:
    """An organization's policies, resolved. `settings` are rows (scope, scope_id, key, value).

    `subscription`, `plan` and `customer` are ids as text: those of `within`, for which every question is answered;
    '' asks for the organization's value.
    """

    preset: str
    settings: Mapping[tuple[str, str, str], Value]
    subscription: str = ""
    plan: str = ""
    customer: str = ""

    @classmethod
    def of(cls, preset: str, rows: Iterable[tuple[str, str, str, Value]]) -> "Policies":
        """From stored rows; `scope_id` is '' for the organization."""
        return cls(
            preset, MappingProxyType({(scope, scope_id, key): value for scope, scope_id, key, value in rows})
        )

    def within(self, *, subscription: object = "", plan: object = "", customer: object = "") -> "Policies":
        """The same policies as they hold for a subscription, a plan and a customer: ids, as UUID or text. What isn't
        given stays as it was asked for before."""
        return replace(
            self,
            subscription=str(subscription or self.subscription),
            plan=str(plan or self.plan),
            customer=str(customer or self.customer),
        )

    def whole(self) -> "Policies":
        """The organization's own, whatever they were asked for."""
        return replace(self, subscription="", plan="", customer="")

    def effective(self, key: str, *, subscription: str = "", plan: str = "", customer: str = "") -> Effective:
        """The value for a subscription, plan and customer (ids as text), the most specific one that is set (G-09).

        Only scopes at which the policy can be set are asked.
        """
        asked = (
            ("subscription", subscription or self.subscription),
            ("plan", plan or self.plan),
            ("customer", customer or self.customer),
        )
        for scope, scope_id in asked:
            if scope_id and (scope, scope_id, key) in self.settings and scope in CATALOGUE[key].scopes:
                return Effective(self.settings[scope, scope_id, key], scope)
        if ("organization", "", key) in self.settings:
            return Effective(self.settings["organization", "", key], "organization")
        return Effective(self._unset(CATALOGUE[key]), f"preset {self.preset}")

    def _unset(self, key: Key) -> Value:
        """What holds where nobody decided: the preset's value, or what goes with a decision of another policy."""
        if key.follows is not None:
            leads, values = key.follows
            found = self.settings.get(("organization", "", leads))
            if isinstance(found, str) and found in values:
                return values[found]
        return key.default(self.preset)

    def word(self, key: str) -> str:
        """The value as a word (`off`, `day(14)`, `12`)."""
        return shown(self.effective(key).value)

    def number(self, key: str) -> int:
        """The value of a policy that is a whole number."""
        value = self.effective(key).value
        if not isinstance(value, int):
            raise Refused("policy_value_invalid", f"{key} is “{shown(value)}” and not a number.", field=key)
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        """The value of a policy that is a list of whole numbers."""
        value = self.effective(key).value
        if not isinstance(value, list):
            raise Refused(
                "policy_value_invalid", f"{key} is “{shown(value)}” and not a list of numbers.", field=key
            )
        return tuple(value)

    def call(self, key: str) -> Call:
        """The value of a policy that can be a call, a bare word being a call without arguments."""
        return called(self.effective(key).value)

    def differing(self, key: str, scope: str) -> Mapping[str, Value]:
        """What is set at a scope (subscription, plan or customer) by its ids as text: for questions about many."""
        if scope not in CATALOGUE[key].scopes:
            return {}
        return {
            scope_id: value
            for (at, scope_id, name), value in self.settings.items()
            if (at, name) == (scope, key)
        }

    def changed(
        self, values: Mapping[str, Value | None], *, scope: str = "organization", scope_id: object = ""
    ) -> "Policies":
        """These policies as they would be with values set at a scope; None removes what is set there."""
        where = str(scope_id or "")
        settings = dict(self.settings)
        for key, value in values.items():
            settings.pop((scope, where, key), None)
            if value is not None:
                settings[scope, where, key] = value
        return replace(self, settings=MappingProxyType(settings))
