"""Policies of those who work here: what needs two of them, and how they sign in."""

from paidthru.organizations.rules.catalogue.key import key

STAFF = (
    key(
        "staff.separation",
        "Whether what moves money out (a refund, the answer to an open question) needs a second person: nobody"
        " approves their own. Organizations with one person leave it off.",
        "field-notes E.3",
        words=("on", "off"),
        says={"on": "a second person is needed", "off": "one person is enough"},
        title="A second person for money out",
        default="off",
    ),
    key(
        "staff.second_factor",
        "Whether staff need more than a password to sign in: a code of an app, a passkey, or a sign-in service that"
        " asks for as much. Whoever has none is led to set it up before anything else.",
        "field-notes E.1",
        words=("on", "off"),
        says={"on": "staff need a second factor", "off": "a password is enough"},
        title="A second factor for staff",
        default="off",
    ),
)
