# SPDX-License-Identifier: Apache-2.0
"""A mail relay of aiosmtpd on the loopback that wants STARTTLS, and keeps what it is given."""
import asyncio
import email
import email.policy
import ssl
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from vigied import free_port


class Message:
    def __init__(self, envelope):
        self.sender, self.to = envelope.mail_from, list(envelope.rcpt_tos)
        self.bytes = envelope.content
        self.email = email.message_from_bytes(self.bytes, policy=email.policy.default)
        self.id, self.subject = self.email["Message-ID"], self.email["Subject"]
        self.text = self.email.get_body(("plain",)).get_content()
        self.html = self.email.get_body(("html",)).get_content()


class Relay:
    """on_rcpt(address) and on_data(message) may be replaced: what they answer is said; None: nothing, for
    as long as anybody waits. Senders that
    were named before the connection was private are in `plain`."""

    def __init__(self, authority, starttls=True, implicit=False, certificate=None, user=None, names=None):
        self.messages, self.tried, self.plain, self.lock = [], [], [], threading.Lock()
        self.on_rcpt = lambda address: "250 OK"
        self.on_data = lambda message: "250 OK"
        crt, key = certificate or authority.issue("relay", *([names] if names else []))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(crt, key)
        options = {"tls_context": context, "require_starttls": True} if starttls else {}
        if implicit:
            options = {"ssl_context": context}
        if user:
            options |= {"auth_required": True, "auth_require_tls": True,
                        "authenticator": lambda *a: self.login(user, *a)}
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()

    @staticmethod
    def login(user, _server, _session, _envelope, _mechanism, data):
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
        return AuthResult(success=given == user, handled=False)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if session.ssl is None:
            self.plain.append(address)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.on_rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        message = Message(envelope)
        with self.lock:
            self.tried.append(message)
        answer = self.on_data(message)
        if answer is None:
            await asyncio.sleep(600)
        if answer.startswith("250"):
            with self.lock:
                self.messages.append(message)
        return answer

    def close(self):
        self.controller.stop()
