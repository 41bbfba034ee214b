"""Carriers of mail: a folder, and SMTP against a small server on loopback."""

import email
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from paidthru.adapters.mail import FolderMailer, SmtpMailer, mailer_at
from paidthru.kernel.errors import Refused
from paidthru.notices.mailer import MailRefused, MailUnsent
from paidthru.notices.rules.catalogue import Attachment, Mail

MAIL = Mail("ann@example.org", "Receipt: 10.00 USD", "Dear Ann,\n\nthank you. Zoë\n", "0190-occasion")


class _Server(socketserver.ThreadingTCPServer):
    """Speaks just enough SMTP; `answer` is what it says to RCPT."""

    allow_reuse_address = True
    daemon_threads = True
    answer = b"250 fine"
    taken = b"250 taken"  # what it says to DATA
    received: list[bytes]


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.wfile.write(server.answer + b"\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                server.received.append(body)
                self.wfile.write(server.taken + b"\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Session) as found:
        found.received = []
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def _mailer(server: _Server) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{server.server_address[1]}", "billing@example.org")


def test_a_folder_keeps_each_mail_once(tmp_path: Path) -> None:
    mailer = mailer_at(f"folder:{tmp_path / 'mail'}", "billing@example.org")
    assert isinstance(mailer, FolderMailer)
    mailer.send(MAIL, sender="Maple\r\nClub")
    mailer.send(MAIL, sender="Maple Club")
    (file,) = (tmp_path / "mail").iterdir()
    found = email.message_from_bytes(file.read_bytes())
    assert found["To"] == "ann@example.org"
    assert found["From"] == "Maple Club <billing@example.org>"
    assert found["Message-ID"] == "<0190-occasion@example.org>"


def test_a_server_is_handed_the_mail(server: _Server) -> None:
    _mailer(server).send(MAIL, sender="Maple Club")
    (body,) = server.received
    assert b"Subject: Receipt: 10.00 USD" in body


@pytest.mark.parametrize(("answer", "error"), [(b"550 no such box", MailRefused), (b"451 later", MailUnsent)])
def test_a_refusal_for_good_is_told_from_one_for_now(
    server: _Server, answer: bytes, error: type[Exception]
) -> None:
    server.answer = answer
    with pytest.raises(error):
        _mailer(server).send(MAIL, sender="Maple Club")
    assert server.received == []


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with pytest.raises(MailUnsent):
        SmtpMailer("smtp://127.0.0.1:1", "billing@example.org").send(MAIL, sender="Maple Club")


@pytest.mark.parametrize("to", ["", "ann", "ann@exa mple.org\r\nBcc: x@example.org"])
def test_an_address_that_is_none_is_refused_for_good(tmp_path: Path, to: str) -> None:
    mail = Mail(to, MAIL.subject, MAIL.text, MAIL.occasion)
    with pytest.raises(MailRefused):
        FolderMailer(tmp_path, "billing@example.org").send(mail, sender="Maple Club")
    assert list(tmp_path.iterdir()) == []


def test_a_mail_address_that_is_not_understood_is_refused() -> None:
    with pytest.raises(Refused, match="isn't understood"):
        mailer_at("pigeon://loft", "billing@example.org")


def test_both_forms_and_the_way_to_decline_are_in_the_mail(server: _Server) -> None:
    where = "https://pay.example.org/mails/x/"
    _mailer(server).send(replace(MAIL, html="<p>Dear Ann</p>", unsubscribe=where), sender="Maple Club")
    found = email.message_from_bytes(server.received[0])
    assert [part.get_content_type() for part in found.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert found["List-Unsubscribe"] == f"<{where}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_is_refused_for_its_content_says_nothing_of_the_address(server: _Server) -> None:
    server.taken = b"554 not here"
    with pytest.raises(MailRefused) as refused:
        _mailer(server).send(MAIL, sender="Maple Club")
    assert not refused.value.address


def test_a_pdf_goes_with_both_forms_under_its_name(server: _Server) -> None:
    paper = Attachment("invoice-1.pdf", b"%PDF-1.7 \x00\xff")
    _mailer(server).send(replace(MAIL, html="<p>Dear Ann</p>", attachments=(paper,)), sender="Maple Club")
    found = email.message_from_bytes(server.received[0])
    kinds = [part.get_content_type() for part in found.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    part = list(found.walk())[-1]
    assert (part.get_filename(), part.get_payload(decode=True)) == ("invoice-1.pdf", paper.content)
