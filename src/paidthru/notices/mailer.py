"""The port to whoever carries mail."""

from typing import Protocol

from paidthru.notices.rules.catalogue import Mail


class MailRefused(Exception):  # noqa: N818 - read as the answer it is
    """The mail can't be delivered; sending it again is of no use. `address`: because of where it is to go, so that no
    other mail gets there either."""

    def __init__(self, why: str, *, address: bool = True) -> None:
        super().__init__(why)
        self.address = address


class MailUnsent(Exception):  # noqa: N818 - read as the answer it is
    """The mail wasn't taken this time (nobody answered, try later); it may be sent again."""


class Mailer(Protocol):
    """Carries mail. Called with no transaction open; sends one mail, or raises MailRefused or MailUnsent."""

    def send(self, mail: Mail, *, sender: str) -> None:
        """Hands a mail over. `sender` is the name it comes from."""
        ...
