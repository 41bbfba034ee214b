"""An organization's colour on its pages: the shades in which it can be read, by day and by night. Pure."""

from dataclasses import dataclass

from paidthru.organizations.rules.branding import contrast

#: The grounds that shades stand on, the hardest to read against: the console's stylesheet, `--sunk` and `--hover`.
DAY, NIGHT = "#eeece5", "#20262b"
_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 20


@dataclass(frozen=True, slots=True)
class Shades:
    """A colour (`#rrggbb`) for text and buttons, a stronger one for what is pressed, a soft ground that the stronger
    one stands on, and the ink that stands on the colour itself."""

    accent: str
    strong: str
    soft: str
    ink: str


def shades_of(accent: str) -> tuple[Shades, Shades]:
    """The shades of an organization's accent by day and by night: as it was chosen where that can be read (4.5 to 1,
    WCAG 2.2 AA, 1.4.3), else so much darker or lighter."""
    return _shades(accent, DAY, _BLACK, _WHITE), _shades(accent, NIGHT, _WHITE, "#0f1214")


def _shades(accent: str, ground: str, towards: str, ink: str) -> Shades:
    readable = _until(accent, towards, ground, 9, 2)
    strong = _until(_mixed(readable, towards, 3), towards, ground, 7, 1)
    return Shades(readable, strong, _mixed(ground, accent, 2), ink)


def _until(colour: str, towards: str, ground: str, wanted: int, to: int) -> str:
    """The colour, mixed with another until it stands out against a ground as `wanted` to `to`."""
    for parts in range(_STEPS + 1):
        mixed = _mixed(colour, towards, parts)
        light, dark = contrast(mixed, ground)
        if to * light >= wanted * dark:
            return mixed
    return towards


def _mixed(colour: str, other: str, parts: int) -> str:
    """So many twentieths of the other colour in the one."""
    channels = (
        (int(colour[at : at + 2], 16) * (_STEPS - parts) + int(other[at : at + 2], 16) * parts) // _STEPS
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)
