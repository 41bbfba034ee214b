"""How the values of policies are written, checked and shown."""

import re
from dataclasses import dataclass

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.catalogue import CATALOGUE, Key, Value

_CALL = re.compile(r"^([a-z_]+)\((.*)\)$")
_LIST = re.compile(r"^\[(.*)\]$")
_NUMBER = re.compile(r"-?\d{1,9}")
_MINUTES = re.compile(r"^(\d+)m$")
_TIME = re.compile(r"(\d):(\d\d)")


def _argument(text: str) -> int | str:
    """What stands in a call: a whole number, else the text, a time of day always with two digits of hours."""
    if _NUMBER.fullmatch(text):
        return int(text)
    return f"0{text}" if _TIME.fullmatch(text) else text


def parse(key: str, text: str) -> Value:
    """The value that a person wrote for a policy.

    Raises Refused: `policy_unknown`, `policy_value_invalid`, and the code of a value that is closed
    (`processor_billing_unavailable`, `payment_details_by_member`).
    """
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        value: Value = int(text)
    elif listed := _LIST.match(text):
        parts = [part.strip() for part in listed[1].split(",")] if listed[1].strip() else []
        value = [int(part) for part in parts] if all(_NUMBER.fullmatch(part) for part in parts) else text
    elif match := _CALL.match(text):
        parts = [_MINUTES.sub(r"\1", part.strip()) for part in match[2].split(",") if part.strip()]
        value = {"call": match[1], "args": [_argument(part) for part in parts]}
    else:
        value = text
    return checked(key, value)


def known_policy(key: str) -> Key:
    """The policy of a name. Refused `policy_unknown`."""
    if key not in CATALOGUE:
        raise Refused(
            "policy_unknown",
            f"There is no policy called “{key}”.",
            field=key,
            fix="Settings lists them all with their names, as does docs/policies.md.",
        )
    return CATALOGUE[key]


def checked(key: str, value: Value) -> Value:
    """The value, if the policy allows it; otherwise Refused as in `parse`."""
    known = known_policy(key)
    if isinstance(value, str):
        if closed := known.closed.get(value):
            raise Refused(
                closed.code, closed.why, field=key, value=value, fix=f"{closed.fix} ({closed.rows})"
            )
        value = known.also.get(value, value)
    if not known.allows(value):
        raise Refused(
            "policy_value_invalid",
            " ".join([f"{key} can't be “{shown(value)}”.", known.written.fault(shown(value))])
            if known.written is not None
            else f"{key} can't be “{shown(value)}”.",
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
class Call:
    """A value as name and arguments: `lapse(30)` is ("lapse", (30,)), the word `downgrade` is ("downgrade", ())."""

    name: str
    args: tuple[int | str, ...] = ()

    def number(self, index: int = 0) -> int:
        """An argument that is a whole number."""
        argument = self.args[index]
        assert isinstance(argument, int)
        return argument


def called(value: Value) -> Call:
    """A value as name and arguments."""
    if isinstance(value, dict):
        arguments = value.get("args", [])
        return Call(str(value.get("call")), tuple(arguments) if isinstance(arguments, list) else ())
    return Call(shown(value))
