"""Services that carry notices, on loopback: they refuse inside HTTP 200 as the real ones do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from channels.website import sign
from tests.channels.server import Asked, Fault, Platform

SECRET = "a secret of the county's own system"


@dataclass
class Service(Platform):
    """`unknown` receivers are refused; `arrived` holds each message with its receiver, in order."""

    unknown: set[str] = field(default_factory=set)
    arrived: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0

    def token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    def take(self, receiver: str, text: str) -> None:
        self.arrived.append((receiver, text))


@dataclass
class FakeWecom(Service):
    """Drops what it has just shown without a word, cuts off what is too long, and forgets how an id was written."""

    unlicensed: set[str] = field(default_factory=set)
    _shown: set[bytes] = field(default_factory=set)

    def trouble(self, fault: Fault) -> dict[str, Any]:
        return {"errcode": 42001 if fault is Fault.STALE_TOKEN else 45009, "errmsg": "x"}

    def answer(self, asked: Asked) -> dict[str, Any]:
        if asked.path == "/cgi-bin/gettoken":
            if asked.query["corpsecret"] != "right":
                return {"errcode": 40001, "errmsg": "invalid credential"}
            return {"errcode": 0, "access_token": self.token(), "expires_in": 7200}
        if asked.query["access_token"] != f"token-{self.tokens}":
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        return self._sent(asked)

    def _sent(self, asked: Asked) -> dict[str, Any]:
        receiver = asked.json.get("touser") or asked.json["toparty"]
        name = "invaliduser" if "touser" in asked.json else "invalidparty"
        if receiver in self.unknown:
            # A success that says whom it did not reach.
            return {"errcode": 0, "errmsg": "ok", name: receiver.lower()}
        if receiver in self.unlicensed:
            return {"errcode": 0, "errmsg": "ok", "unlicenseduser": receiver.lower()}
        if receiver == "nobody-at-all":
            return {"errcode": 81013, "errmsg": "user & party & tag all invalid", name: receiver}
        assert asked.json["enable_duplicate_check"] == 1
        if asked.body not in self._shown:
            self._shown.add(asked.body)
            self.take(receiver, asked.json["text"]["content"].encode()[:2048].decode(errors="ignore"))
        return {"errcode": 0, "errmsg": "ok", "msgid": "1"}


@dataclass
class FakeDingtalk(Service):
    """`slow` receivers stay on the way; of `unknown` ones, and of words somebody had before, it speaks only when
    asked for the result.
    """

    slow: set[str] = field(default_factory=set)
    sent: dict[int, tuple[str, str]] = field(default_factory=dict)

    def trouble(self, fault: Fault) -> dict[str, Any]:
        code = "40014" if fault is Fault.STALE_TOKEN else "90018"
        return {"errcode": 88, "errmsg": f"ding talk error[subcode={code},submsg=x]", "sub_code": code, "sub_msg": "x"}

    def answer(self, asked: Asked) -> dict[str, Any]:
        if asked.path == "/gettoken":
            return {"errcode": 0, "access_token": self.token(), "expires_in": 7200}
        if asked.path.endswith("/asyncsend_v2"):
            receiver = asked.json.get("userid_list") or asked.json["dept_id_list"]
            number, words = len(self.sent) + 1, asked.json["msg"]["text"]["content"]
            name = "invalid_user_id_list" if receiver in self.unknown else "unread_user_id_list"
            if (receiver, words) in self.arrived:
                name = "forbidden_user_id_list"
            self.sent[number] = receiver, name
            if name == "unread_user_id_list":
                self.take(receiver, words)
            return {"errcode": 0, "task_id": number}
        receiver, name = self.sent[asked.json["task_id"]]
        if receiver in self.slow:
            return {"errcode": 0, "send_result": {}}
        return {"errcode": 0, "send_result": {name: [receiver]}}


@dataclass
class FakeFeishu(Service):
    """Its ids make a message that comes again the same one."""

    ids: set[str] = field(default_factory=set)

    def trouble(self, fault: Fault) -> dict[str, Any]:
        return {"code": 99991663 if fault is Fault.STALE_TOKEN else 230020, "msg": "x"}

    def answer(self, asked: Asked) -> dict[str, Any]:
        if asked.path.endswith("/internal"):
            return {"code": 0, "tenant_access_token": self.token(), "expire": 7200}
        assert asked.headers["authorization"] == f"Bearer token-{self.tokens}"
        if asked.json["receive_id"] in self.unknown:
            return {"code": 230013, "msg": "Bot has NO availability to this user", "http": 400}
        if asked.json["uuid"] not in self.ids:
            self.ids.add(asked.json["uuid"])
            self.take(asked.json["receive_id"], asked.json["content"])
        return {"code": 0, "data": {"message_id": "om_1"}}


class FakeSystem(Service):
    """The county's own: it checks the signature and knows a message by its key."""

    def trouble(self, fault: Fault) -> dict[str, Any]:
        return {"status": "refused", "code": "busy"}

    def answer(self, asked: Asked) -> dict[str, Any]:
        second, _ = asked.headers["huiying-signature"].split(",")
        at = datetime.fromtimestamp(int(second.removeprefix("t=")), UTC)
        assert asked.headers["huiying-signature"] == sign(SECRET, asked.body, at)
        if asked.json["to"] in self.unknown:
            return {"status": "refused", "code": "nobody"}
        self.take(asked.json["to"], "\n".join(asked.json["lines"]))
        return {"status": "delivered"}


class FakeSms(Service):
    """Tencent's: an answer in an envelope, a refusal inside it, a report that comes later."""

    def trouble(self, fault: Fault) -> dict[str, Any]:
        return {"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "x"}, "RequestId": "r"}}

    def answer(self, asked: Asked) -> dict[str, Any]:
        action, body = asked.headers["x-tc-action"], asked.json
        if action == "SendSms":
            (receiver,) = body["PhoneNumberSet"]
            code = "FailedOperation.PhoneNumberInBlacklist" if receiver in self.unknown else "Ok"
            # The shortest that it lets a variable be in an ordinary template.
            if any(len(word) > 6 for word in body["TemplateParamSet"]):
                code = "InvalidParameterValue.TemplateParameterLengthLimit"
            if code == "Ok":
                self.take(receiver, "|".join(body["TemplateParamSet"]))
            status = {"SerialNo": "2640:1", "PhoneNumber": receiver, "Code": code, "Message": code}
            return {"Response": {"SendStatusSet": [status], "RequestId": "r"}}
        report = {"SerialNo": "2640:1", "ReportStatus": "SUCCESS", "PhoneNumber": body["PhoneNumber"]}
        return {"Response": {"PullSmsSendStatusSet": [report], "RequestId": "r"}}
