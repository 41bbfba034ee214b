"""The words of each preset: what its source calls dues, members, a run, the day of renewal (requirements A4, P-32).

Pure words for headings, menus and sentences; the state of a membership has its own words (`status.labels`). Nothing
decides by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """What things are called, in small letters and singular unless said otherwise. `dues` is what members owe for
    belonging, `house` what they belong to, `default_plan` what they fall back to."""

    member: str = "member"
    members: str = "members"
    dues: str = "dues"
    membership: str = "membership"
    plan: str = "plan"
    plans: str = "plans"
    house: str = "organization"
    run: str = "renewal run"
    renewal_date: str = "renewal date"
    default_plan: str = "default plan"

    def titled(self, word: str) -> str:
        """One of these words as a heading begins with it."""
        text: str = getattr(self, word)
        return text[:1].upper() + text[1:]


_PLAIN = Words()
WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "recommended": _PLAIN,
        "ams_nonprofit": Words(plan="tier", plans="tiers"),
        "ams_hoa": Words(
            member="owner", members="owners", dues="assessments", house="community", run="assessment run"
        ),
        "community": Words(dues="memberships", house="hub", renewal_date="start of the next billing cycle"),
        "association": Words(
            dues="renewals", plan="billing product", plans="billing products", run="bill run",
            renewal_date="effective date", house="association",
        ),
        "coworking": Words(
            dues="billing", house="space", plan="membership level", plans="membership levels",
            renewal_date="Renewal Date", default_plan="Community Member",
        ),
    }
)  # fmt: skip


def words_of(preset: str, variant: str = "standard") -> Words:
    """The words of a preset, in the variant that the organization chose: a workplace has users (P-32)."""
    words = WORDS.get(preset, _PLAIN)
    if variant == "workplace":
        return replace(words, member="user", members="users", house="workplace")
    return words


def menu_words(words: Words) -> dict[str, str]:
    """The console's menu entries and groups that have the organization's own words, by their keys."""
    return {
        "members": words.titled("members"),
        "plans": words.titled("plans"),
        "dues": words.titled("dues"),
        "renewals": words.titled("dues"),
    }
