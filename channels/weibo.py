"""微博: one short post with the address of the release. It follows the bulletin, whose page it points to.

The platform knows no idempotency key; after a lost answer the account's own posts are looked through.
"""

import html
from datetime import datetime, timedelta

import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels import Accepted, Call, ChannelRefused, NotYet, OutcomeUnknown, Publication
from channels.asking import LOOK_AGAIN_SECONDS, Allowance, Answer, LostAnswer, NotSent, ask
from domain.addresses import CalledUrl
from domain.releases import Receipt

PATIENCE = timedelta(minutes=3)
LONGEST = 140
"""Characters as the platform counts them: two of ASCII for one, an address for ten."""
REPEATED = "repeated"
_ADDRESS_COUNTS = 10
_LOOKED_AT = 50

_THROTTLED = frozenset({10022, 10023, 10024, 20016})
_NO_TOKEN = frozenset({21314, 21315, 21316, 21317, 21319, 21327, 21332})
_REPEATED = frozenset({20017, 20019, 20111})
_UNSURE = frozenset({10001, 10002, 10003, 10009, 10010, 10011, 20032})
"""Troubles behind the platform's door, and “posted, but it will show in a minute or two”: it may stand there."""
_GONE = 20101
_NAMED = {
    20012: "text_too_long",
    20018: "content_rejected",
    20020: "content_rejected",
    20021: "content_rejected",
    21602: "content_rejected",
    20015: "account_restricted",
    20022: "account_restricted",
    20031: "verification_required",
    10017: "safe_domain_missing",
    20066: "safe_domain_missing",
}


class WeiboSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HUIYING_WEIBO_", frozen=True, hide_input_in_errors=True)

    access_token: SecretStr
    base_url: CalledUrl = "https://api.weibo.com"
    page_url: str = "https://m.weibo.cn/status"
    caller_ip: str = "127.0.0.1"
    """The address the platform wants to be told the post comes from."""
    per_minute: int = 20


class Weibo:
    def __init__(self, settings: WeiboSettings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._allowance = Allowance(settings.per_minute)

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        """Post once. What may have been posted is looked up; what cannot be found is a person's to judge."""
        words = post_of(publication)
        if (found := await self._find(words, publication)) is not None:
            return self._shown(found)
        if call.begun_at is not None:
            if now - call.begun_at < PATIENCE:
                raise NotYet("looking", LOOK_AGAIN_SECONDS)
            raise OutcomeUnknown
        self._allowance.take()
        await call.begin(now)
        given = {"status": f"{words} {publication.url}", "rip": self._settings.caller_ip}
        try:
            posted = await self._ask("POST", "statuses/share", given, paid=True)
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        except (ChannelRefused, NotSent, NotYet) as error:
            # “Repeated” may mean that it stands there already.
            if str(error) != REPEATED:
                await call.undo()
            raise
        return self._shown(posted)

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        """Delete the post. One that is gone already is gone."""
        post = receipt.external_id
        if not post.isdecimal() and (found := await self._find(post_of(publication), publication)) is not None:
            # A person said where it stands.
            post = str(found["idstr"])
        try:
            await self._ask("POST", "statuses/destroy", {"id": post})
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        except ChannelRefused as refused:
            if refused.code != f"weibo_{_GONE}":
                raise

    async def _find(self, words: str, publication: Publication) -> Answer | None:
        """Our post among the account's newest: by its address, or, where that was shortened, by its words.

        “No new development” is said more than once: a post from before the version was drafted is another one's.
        """
        try:
            answer = await self._ask("GET", "statuses/user_timeline", {"count": str(_LOOKED_AT)})
        except LostAnswer:
            raise NotYet("answer_lost", LOOK_AGAIN_SECONDS) from None
        posts: list[Answer] = answer.get("statuses", [])
        return next((post for post in posts if _is_ours(post, words, publication)), None)

    def _shown(self, post: Answer) -> Accepted:
        return Accepted(str(post["idstr"]), f"{self._settings.page_url}/{post['idstr']}")

    async def _ask(self, method: str, path: str, given: dict[str, str], *, paid: bool = False) -> Answer:
        if not paid:
            self._allowance.take()
        fields = given | {"access_token": self._settings.access_token.get_secret_value()}
        sent = {"params": fields} if method == "GET" else {"data": fields}
        _, answer = await ask(self._http, method, f"{self._settings.base_url}/2/{path}.json", **sent)
        if code := int(answer.get("error_code") or 0):
            raise _told(code)
        return answer


def _is_ours(post: Answer, words: str, publication: Publication) -> bool:
    url = publication.url
    addresses = [str(link.get("ori_url") or link.get("url_long") or "") for link in post.get("url_struct", [])]
    text = html.unescape(str(post.get("text", "")))
    if url in addresses or url in text:
        return True
    return text.startswith(words) and not any(addresses) and not _is_older(post, publication.drafted_at)


def _is_older(post: Answer, drafted_at: datetime | None) -> bool:
    """As “Tue May 31 17:46:55 +0800 2011”; their clock may not be ours."""
    try:
        created_at = datetime.strptime(str(post.get("created_at")), "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return False
    return drafted_at is not None and created_at + PATIENCE < drafted_at


def _told(code: int) -> NotYet | ChannelRefused | LostAnswer:
    if code in _THROTTLED:
        return NotYet("throttled", 60)
    if code in _UNSURE:
        return LostAnswer(f"weibo_{code}")
    if code in _REPEATED:
        # Somebody said the same a moment ago: most likely we did. Looking will tell.
        return NotYet(REPEATED, LOOK_AGAIN_SECONDS)
    return ChannelRefused("token_expired" if code in _NO_TOKEN else _NAMED.get(code, f"weibo_{code}"))


def post_of(publication: Publication) -> str:
    """Title and as much of the beginning as there is room for beside the address."""
    document = publication.document
    room = LONGEST - _ADDRESS_COUNTS - 1
    # Two of these would make a topic of what stands between, which the platform takes from nobody's program.
    words = f"【{document.title}】{' '.join(document.body.split())}".replace("#", "＃")
    if length(words) <= room:
        return words
    kept = words
    while length(kept) > room - 1:
        kept = kept[:-1]
    return kept + "…"


def length(words: str) -> float:
    """As the platform counts: what lies outside ASCII is one, the rest a half."""
    return sum(0.5 if character.isascii() else 1 for character in words)
