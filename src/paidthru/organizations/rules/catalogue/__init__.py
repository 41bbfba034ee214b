"""The catalogue of policies: what each decides, what it can be, and what every preset decides at first.

The keys and their values are those of requirements A3 and A4, in a file for each subject. Values are JSON: a word, a
whole number, a list of whole numbers, or a call such as ``{"call": "day", "args": [14]}``, written ``day(14)`` by
people; an argument is a whole number or a time of day (``"06:00"``).
"""

from collections.abc import Mapping
from types import MappingProxyType

from paidthru.organizations.rules.catalogue.billing import BILLING
from paidthru.organizations.rules.catalogue.collecting import COLLECTING
from paidthru.organizations.rules.catalogue.key import PRESETS, SCOPES, Closed, Key, Numbers, Value
from paidthru.organizations.rules.catalogue.mail import MAIL
from paidthru.organizations.rules.catalogue.members import LIFECYCLE, STATUS
from paidthru.organizations.rules.catalogue.money import MONEY
from paidthru.organizations.rules.catalogue.staff import STAFF
from paidthru.organizations.rules.catalogue.terms import TERMS

__all__ = ["CATALOGUE", "PRESETS", "SCOPES", "SUBJECTS", "Closed", "Key", "Numbers", "Value"]

#: The policies by subject, in the order in which staff read them.
SUBJECTS: Mapping[str, tuple[Key, ...]] = MappingProxyType(
    {
        "billing": BILLING,
        "terms": TERMS,
        "collecting": COLLECTING,
        "status": STATUS,
        "lifecycle": LIFECYCLE,
        "mail": MAIL,
        "money": MONEY,
        "staff": STAFF,
    }
)
CATALOGUE: Mapping[str, Key] = MappingProxyType({key.name: key for keys in SUBJECTS.values() for key in keys})
