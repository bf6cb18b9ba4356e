"""E-mail over SMTP. The server that takes it is all that can be known."""

from datetime import datetime
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels import NotYet
from channels.asking import LostAnswer, NotSent
from channels.messengers import Message, Rejected
from domain.delivering import Contact

_PERMANENT = 500
_TIMEOUT_SECONDS = 15


class EmailSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HUIYING_EMAIL_", frozen=True, hide_input_in_errors=True)

    host: str
    port: int = 465
    sender: str
    username: str | None = None
    password: SecretStr | None = None
    security: Literal["tls", "starttls", "none"] = "tls"


class Email:
    def __init__(self, settings: EmailSettings, _http: httpx2.AsyncClient) -> None:
        self._settings = settings

    async def send(self, message: Message, to: Contact, now: datetime) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._settings.sender, to.address
        mail["Subject"] = message.lines[0]
        mail["Date"] = now
        # A mailbox that gets it twice can tell.
        mail["Message-ID"] = f"<{message.key}@{self._settings.sender.rpartition('@')[2]}>"
        mail.set_content(message.text)
        held = self._settings
        try:
            await aiosmtplib.send(
                mail,
                hostname=held.host,
                port=held.port,
                username=held.username,
                password=held.password.get_secret_value() if held.password else None,
                use_tls=held.security == "tls",
                start_tls=held.security == "starttls",
                timeout=_TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _told(refused.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as refused:
            raise _told(refused.code) from None
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError) as error:
            raise NotSent(type(error).__name__) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise LostAnswer(type(error).__name__) from None

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        raise Rejected("email_no_handle")


def _told(code: int) -> NotYet | Rejected:
    return Rejected(f"smtp_{code}") if code >= _PERMANENT else NotYet(f"smtp_{code}", 60)
