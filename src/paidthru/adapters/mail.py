"""Carriers of mail: a folder, for trying out, and SMTP."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from paidthru.kernel.errors import Refused
from paidthru.notices.mailer import Mailer, MailRefused, MailUnsent
from paidthru.notices.rules.catalogue import Mail

_PATIENCE_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}


def letter(mail: Mail, *, sender: str, address: str) -> EmailMessage:
    """The mail in its envelope. Raises MailRefused for an address that is none."""
    message = EmailMessage()
    try:
        message["To"] = Address(addr_spec=mail.to)
        message["From"] = Address(" ".join(sender.split()), addr_spec=address)
        message["Subject"] = mail.subject
    except (ValueError, IndexError) as wrong:
        raise MailRefused(f"This is no e-mail address: {wrong}") from wrong
    message["Message-ID"] = (
        f"<{mail.occasion}@{address.rpartition('@')[2]}>"  # a client shows a repetition once
    )
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:  # one click in the mail program (RFC 8058); looking at the address declines nothing
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for one in mail.attachments:
        message.add_attachment(one.content, maintype="application", subtype="pdf", filename=one.file_name)
    return message


class FolderMailer:
    """Puts every mail into a folder as a file that mail programs open; nothing leaves the machine."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._address = folder, address

    def send(self, mail: Mail, *, sender: str) -> None:
        """See the port. The same mail again replaces its file."""
        message = letter(mail, sender=sender, address=self._address)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._folder / f"{mail.occasion}.eml").write_bytes(bytes(message))
        except OSError as failed:
            raise MailUnsent(f"The mail folder can't be written to: {failed.strerror}.") from failed


class SmtpMailer:
    """Hands mail to a server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`."""

    def __init__(self, url: str, address: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise Refused(
                "mail_url_invalid",
                "The mail server's address isn't understood.",
                field="PAIDTHRU_MAIL_URL",
                fix="Write smtp://user:password@host:587, smtps://user:password@host:465, or folder:/path.",
            )
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sealed = parts.scheme == "smtps"
        self._address = address

    def send(self, mail: Mail, *, sender: str) -> None:
        """See the port. A password is never sent in the clear."""
        message = letter(mail, sender=sender, address=self._address)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            if all(500 <= code < 600 for code in codes):
                raise MailRefused(f"The server refuses this address ({codes[0]}).") from refused
            raise MailUnsent("The server doesn't take mail for this address now.") from refused
        except smtplib.SMTPDataError as refused:
            if 500 <= refused.smtp_code < 600:
                why = f"The server refuses this mail ({refused.smtp_code})."
                raise MailRefused(why, address=False) from refused
            raise MailUnsent("The server doesn't take this mail now.") from refused
        except (smtplib.SMTPException, OSError) as failed:
            raise MailUnsent(f"The mail server didn't take it: {type(failed).__name__}.") from failed

    def _connected(self) -> smtplib.SMTP:
        if self._sealed:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=_PATIENCE_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=_PATIENCE_SECONDS)
            if self._user or server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if self._user:
            server.login(self._user, self._password)
        return server


def mailer_at(url: str, address: str) -> Mailer:
    """The carrier that an address names: `folder:PATH`, `smtp://…` or `smtps://…`. Refused `mail_url_invalid`."""
    if url.startswith("folder:"):
        return FolderMailer(Path(url.removeprefix("folder:")), address)
    return SmtpMailer(url, address)
