"""Form bodies and query strings, as the SDK writes them (`a[b][0]=c`), to nested dicts and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_stand_in.errors import Json, invalid, parameter_missing

_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> Json:
    """Values stay strings. `a[]=x` appends, `a[0]=x` makes a list too."""
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first = name.split("[", 1)[0]
        parts = [first, *_PART.findall(name)]
        place = tree
        for part in parts[:-1]:
            below = place.get(part)
            if not isinstance(below, dict):
                below = place[part] = {}
            place = below
        last = parts[-1] or str(len(place))
        place[last] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=int)]
    return {name: _listed(below) for name, below in value.items()}


def flag(params: Json, name: str) -> bool:
    """A boolean parameter; absent is false."""
    value = params.get(name, "false")
    if value not in {"true", "false"}:
        raise invalid(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def required(params: Json, name: str) -> Any:
    if params.get(name, "") == "":
        raise parameter_missing(name)
    return params[name]


def whole(params: Json, name: str, *, least: int | None = None) -> int | None:
    """An integer parameter or None."""
    value = params.get(name)
    if value is None or value == "":
        return None
    if not re.fullmatch(r"-?\d+", str(value)):
        raise invalid(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
    number = int(value)
    if least is not None and number < least:
        raise invalid(
            f"This value must be greater than or equal to {least}.",
            param=name,
            code="parameter_invalid_integer",
        )
    return number


def metadata(params: Json, before: Json | None = None) -> Json:
    """What was there, with what the request says: an empty value takes a key away, an empty map all of them."""
    said = params.get("metadata")
    if said == "":
        return {}
    merged = dict(before or {})
    if said is None:
        return merged
    if not isinstance(said, dict):
        raise invalid("Invalid object", param="metadata")
    for key, value in said.items():
        if len(key) > 40 or len(str(value)) > 500:
            raise invalid(
                "Metadata keys have up to 40 characters, values up to 500.", param=f"metadata[{key}]"
            )
        if value == "":
            merged.pop(key, None)
        else:
            merged[key] = str(value)
    if len(merged) > 50:
        raise invalid("Metadata can have up to 50 keys.", param="metadata")
    return merged
