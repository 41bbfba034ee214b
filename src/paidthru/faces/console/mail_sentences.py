"""What happened about mail, in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

ABOUT_MAIL: Mapping[str, tuple[str, ...]] = {
    "template_written": (
        "Changed the text of the mail “{mail}”; {cases} open cases go on with it.",
        "Changed the text of a mail.",
    ),
    "template_reset": (
        "The mail “{mail}” has its standard text again; {cases} open cases go on with it.",
        "A mail has its standard text again.",
    ),
    "texts_adopted": ("The follow-up goes on with the present texts.",),
    "test_mail_sent": ("Sent a test of the mail “{mail}” to {email}.", "Sent a test mail."),
    "mail_declined": ("Declined mails: {mails}.", "Declined mails."),
    "mail_wanted": ("Wants mails again: {mails}.", "Wants mails again."),
    "mail_refused": ("The mail server refused {email}.", "The mail server refused the address."),
    "mail_retried": ("A mail that had not left is tried again.",),
    "address_trusted": ("Mail goes to {email} again.", "Mail goes to the address again."),
}
