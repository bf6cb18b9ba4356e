"""What must never stand in a referral: who somebody is. Events and public links are followed, not persons (Art. 5)."""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from urllib.parse import unquote

import rjieba

from domain import commands as c
from domain.refusals import Code, Refusal


class PersonalData(StrEnum):
    """What kind of personal data was found; the words themselves are never repeated."""

    IDENTITY_NUMBER = "identity_number"
    PHONE_NUMBER = "phone_number"
    ACCOUNT = "account"
    NAME = "name"


_PLATFORM = r"(?:微信|QQ|抖音|快手|微博|小红书|头条|知乎|贴吧|B站|哔哩哔哩|Telegram)"
_QUOTED = r"[“\"「『《]"
_PATTERNS = {
    # Eighteen characters of a resident identity number, or the fifteen of the older one; whatever is called one.
    PersonalData.IDENTITY_NUMBER: re.compile(
        r"(?<!\d)[1-9]\d{5}(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]|\d{9})(?![\dXx])"
        r"|(?:身份证|护照|通行证)(?:件)?(?:号码?|编号)?\s*[为是:]?\s*[A-Z]?\d{6,}"
    ),
    # Mobile numbers, also in groups and with the country's prefix; landlines with their area. 12345 is nobody's.
    PersonalData.PHONE_NUMBER: re.compile(
        r"(?<!\d)(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\(?0\d{2,3}\)?[- ]?\d{7,8})(?!\d)"
    ),
    # Handles, addresses, bank cards, and what somebody calls themselves on a platform. An account as such is none.
    PersonalData.ACCOUNT: re.compile(
        r"@[\w\u4e00-\u9fff-]{2,30}|(?<!\d)\d{16,19}(?!\d)"
        rf"|{_PLATFORM}(?:号|群|ID)?\s*[为是:]?\s*(?:[A-Za-z][A-Za-z0-9_.-]{{4,29}}|\d{{5,12}})"
        rf"|{_PLATFORM}?(?:昵称|网名|用户名|笔名)\s*(?:[为是叫:]\s*{_QUOTED}?|{_QUOTED})\S{{2,20}}"
        rf"|(?:账号|帐号|账户|{_PLATFORM}号|{_PLATFORM}ID)\s*(?:[为是叫:]?\s*{_QUOTED}|:\s*)\S{{2,30}}"
        rf"|(?:网民|网友|用户|博主|主播|UP主){_QUOTED}[^“”\"「」『』《》]{{2,16}}[”\"」』》]"
        r"(?=在|于|通过|利用|发布|发帖|发文|编造|转发|散布|传播|[、,。]|$)",
        re.IGNORECASE,
    ),
    PersonalData.NAME: re.compile(
        r"张三|李四|王五|赵六|(?:姓名|本名|真名)\s*(?:[为是叫:]\s*)?[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{2,6}·[\u4e00-\u9fff]{2,8}"
    ),
}
# Numbers that were spelled or spaced out to slip through: only what cannot be a date, a sum or a range of either.
_SPELLED = str.maketrans("〇零一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s.·_/-]+(?=\d)")
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")
_SPACED_OUT = {
    PersonalData.IDENTITY_NUMBER: re.compile(
        r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dXx])"
    ),
    PersonalData.PHONE_NUMBER: re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)"),
}
_PROFILE = re.compile(
    r"weibo\.(?:com|cn)/(?:u/|n/|p/100505|profile|\d{6,}/?(?:$|[?#]))|douyin\.com/(?:share/)?user"
    r"|space\.bilibili\.com|user\.qzone\.qq\.com|profile_ext|tieba\.baidu\.com/home|toutiao\.com/c/user"
    r"|/(?:user|users|profile|people|space|member|author|u)/[^/]+/?(?:$|[?#])"
    r"|(?://|\.)(?:x|twitter|facebook|instagram)\.com/[^/]+/?(?:$|[?#])|/@[^/]+/?(?:$|[?#])",
    re.IGNORECASE,
)
# The commonest surnames: a dictionary alone takes “公共秩序” for a person.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹"
    "关苗凌费纪靳盛童欧甄项曲成游裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁"
    "和木字茶杞苴普禄刀寸晏奚宗艾苟阚沙"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "端木")
# Who is spoken of by a name: what stands behind one of these is read as a name where it can be one.
_ROLE = re.compile(
    r"(村民|居民|市民|网民|网友|群众|业主|店主|车主|老板|司机|学生|家长|教师|老师(?!傅)|医生|护士|民警|职工|男子|女子|男童"
    r"|女童|书记|支书|主任|局长|县长|镇长|乡长|村长|校长|院长|厂长|所长|站长|队长|科长|经理|董事长|代表人|负责人|当事人"
    r"|嫌疑人|发帖人|爆料人|举报人|造谣者|博主|主播|同志|名叫|由(?!于)|查系|查实系)"
)
_NOUNS = ("n", "a", "j", "t", "z")
# “系张建国所为”: a dictionary joins the verb to the name.
_JOINED = re.compile(rf"(?<=[系是为])(?=[{''.join(sorted(_SURNAMES))}])")
# “张某”, “李某某”: a name that was made unrecognisable is none.
_VEILED = re.compile(r"[某×X*＊]")
_PLACES = re.compile(
    r"^(?:街道|[省州市区县镇乡村寨屯坝路街巷桥站港湾]|社区|小区|大道|水库|小学|中学|大学|医院|公司|超市|度假村)"
)
_THINGS = re.compile(
    r"[省州市区县镇乡村寨屯坝路街巷站湖岛湾港寺庙宫殿塔园院校厂矿店社所局厅处科室馆站队会派党族氏法学性度量率值"
    r"症病药剂素粉饼汤酒糖茶草树虫者员们证书卡券机器车带桥河山江雨风性物品]$"
)
_WORDS = frozenset(("金银花", "强对流", "祝融", "安置", "康养", "连心"))


def personal_data(text: str) -> frozenset[PersonalData]:
    """The kinds of personal data in `text`. A name is what a dictionary of Chinese takes for a person's."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    found = {kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)}
    digits = _BETWEEN_DIGITS.sub("", plain.translate(_SPELLED))
    found |= {kind for kind, pattern in _SPACED_OUT.items() if pattern.search(digits)}
    return frozenset(found | ({PersonalData.NAME} if _names_somebody(_BETWEEN_CHARACTERS.sub("", plain)) else set()))


def _names_somebody(text: str) -> bool:
    # What stands behind a role is read by itself: “法定代表人马建国” holds no 人马.
    pieces = _ROLE.split(text)
    roles = ["", *pieces[1::2]]
    return any(_holds_a_name(piece, spoken_of=bool(role)) for role, piece in zip(roles, pieces[::2], strict=True))


def _holds_a_name(text: str, *, spoken_of: bool) -> bool:
    pairs = enumerate(pairwise([*rjieba.tag(_JOINED.sub(",", text)), ("", "")]))
    return any(_is_name(word, after, spoken_of=spoken_of and place == 0) for place, (word, after) in pairs)


def _is_name(word: tuple[str, str], after: tuple[str, str], *, spoken_of: bool) -> bool:
    """A surname and one or two characters more, not veiled. Officers of the county are no exception here."""
    (text, tag), (next_text, next_tag) = word, after
    noun = tag[0] in (*_NOUNS, "m")
    if text in _COMPOUND or (text in _SURNAMES and (tag == "nr" or noun)):
        # Two words to the dictionary, a surname and a given name here.
        return _is_given(next_text) and next_tag.startswith(_NOUNS if spoken_of else "nr")
    if not tag.startswith("nr") or _PLACES.search(next_text) or _VEILED.search(next_text[:1]):
        return False
    given = text[2:] if text.startswith(_COMPOUND) else text[1:] if text[:1] in _SURNAMES else ""
    # Two characters that the dictionary knows are hardly ever a person: 温泉, 高峰, 安康.
    known = len(text) == len("温泉") and rjieba.has_word(text)
    return _is_given(given) and text not in _WORDS and not _THINGS.search(text) and (spoken_of or not known)


def _is_given(name: str) -> bool:
    return len(name) in (1, 2) and re.fullmatch(r"[\u4e00-\u9fff]+", name) is not None and not _VEILED.search(name)


def is_public_link(link: str) -> bool:
    """Whether it is the address of something published, not of a person's page."""
    return re.match(r"^https?://[^\s/@]+\.[^\s/@]+(?:/|$)", link) is not None and not _PROFILE.search(link)


_REFERRING = (c.ReferRumour, c.ConfirmReferral, c.AcknowledgeReferral)


def check_referral(command: c.Command) -> None:
    """Refuse words of a referral that say who somebody is, before they are stored. Any other command passes.

    Raises PERSONAL_DATA, NOT_A_PUBLIC_LINK.
    """
    if not isinstance(command, _REFERRING):
        return
    found = dict(_found(command))
    if found:
        kinds = sorted({kind for kinds in found.values() for kind in kinds})
        raise Refusal(Code.PERSONAL_DATA, kinds=kinds, fields=sorted(found))
    if isinstance(command, c.ReferRumour) and not all(is_public_link(link) for link in command.links):
        raise Refusal(Code.NOT_A_PUBLIC_LINK, fields="links")


def _found(command: c.Command) -> Iterator[tuple[str, frozenset[PersonalData]]]:
    for name in c.text_fields(type(command)):
        value = getattr(command, name)
        found = map(_in_address, value) if isinstance(value, tuple) else [personal_data(value or "")]
        if kinds := frozenset[PersonalData]().union(*found):
            yield name, kinds


def _in_address(link: str) -> frozenset[PersonalData]:
    """Digits in an address are no telephone number; an account in it is a person's page."""
    return personal_data(unquote(link)) & {PersonalData.IDENTITY_NUMBER, PersonalData.NAME}
