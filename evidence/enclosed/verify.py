"""核验回应系统（Huiying）导出的证据包。只用 Python 标准库，3.9 及以上版本，不联网，不写文件。
Verifies an evidence bundle of Huiying. Standard library only, Python 3.9 or newer; no network, writes nothing.

    python3 verify.py [BUNDLE] [--anchors FILE]

BUNDLE 为证据包（zip）或其解压后的文件夹，省略时为本脚本所在文件夹；FILE 为另行保存的公告栏锚定记录 anchors.json。
BUNDLE is the zip or the folder it was unpacked to (left out: the folder of this script); FILE is a copy of the
bulletin's anchors.json that was kept elsewhere. Exit code: 0 nothing is wrong, 1 something is, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

Files = Dict[str, bytes]
SEAL = re.compile(rb"sha256:([0-9a-f]{64})\Z")
REFERENCE = re.compile(r"t1:[0-9a-f]{64}")
SALT_BYTES = 16
GENESIS = "0" * 64
ABSENT = {
    "erased": ("已删除，只留摘要", "it was erased, and its digest alone is left"),
    "large": ("因体积过大未装入，须另行索取", "it is too large, ask for it by itself"),
    "lost": ("存放处已无此文件", "it is not where it was stored"),
}
_UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, RecursionError, OSError)
"""What reading a file raises that is not what it should be."""


class Report:
    """Prints every finding at once, in Chinese and English, and remembers whether any of them was bad."""

    def __init__(self) -> None:
        self.wrong_ones = 0

    def wrong(self, zh: str, en: str) -> None:
        self.wrong_ones += 1
        self._say(f"[错误 WRONG] {zh} | {en}")

    def right(self, zh: str, en: str) -> None:
        self._say(f"[通过 OK] {zh} | {en}")

    def note(self, zh: str, en: str) -> None:
        self._say(f"[说明 NOTE] {zh} | {en}")

    def _say(self, finding: str) -> None:
        """On one line: what a bundle holds must not write lines of its own, or wipe any off the screen."""
        print("".join(letter if letter.isprintable() else "?" for letter in finding))


# --- hashes and signatures ---------------------------------------------------------------------------


def hash_of(algorithm: str, content: bytes) -> str:
    if algorithm == "sm3":
        return sm3(content)
    return hashlib.sha256(content).hexdigest()


def sm3(content: bytes) -> str:
    try:
        return hashlib.new("sm3", content).hexdigest()
    except ValueError:
        return sm3_in_python(content)


def _rotate(word: int, bits: int) -> int:
    bits %= 32
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


def sm3_in_python(content: bytes) -> str:
    """GB/T 32905-2016, for a Python whose OpenSSL lacks it."""
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = content + b"\x80" + bytes(-(len(content) + 9) % 64) + (8 * len(content)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[at : at + 4], "big") for at in range(start, start + 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ _rotate(w[j - 3], 15)
            w.append(x ^ _rotate(x, 15) ^ _rotate(x, 23) ^ _rotate(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            ss1 = _rotate((_rotate(a, 12) + e + _rotate(0x79CC4519 if j < 16 else 0x7A879D8A, j)) & 0xFFFFFFFF, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            tt1 = (ff + d + (ss1 ^ _rotate(a, 12)) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, _rotate(b, 9), c
            e, f, g, h = tt2 ^ _rotate(tt2, 9) ^ _rotate(tt2, 17), e, _rotate(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]
    return "".join(f"{word:08x}" for word in state)


P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = Tuple[int, int, int, int]


def _add(one: Point, two: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, two
    a, b, c, d = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2), 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _point(encoded: bytes) -> Optional[Point]:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is valid (RFC 8032, 5.1.7)."""
    base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if len(key) != 32 or len(signature) != 64 or base is None:
        return False
    a, r, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    (x1, y1, z1, _), (x2, y2, z2, _) = _times(s, base), _add(r, _times(h, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


# --- reading -----------------------------------------------------------------------------------------


def load(bundle: Path, report: Report) -> Files:
    """Every file of the bundle by its name."""
    if bundle.is_dir():
        found = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
        report.note("核验的是已解压的文件夹，未核对 zip 容器本身", "a folder: the zip around it is not checked")
        return {name: path.read_bytes() for name, path in found.items()}
    raw = bundle.read_bytes()
    sealed = SEAL.search(raw)
    if sealed is None or hashlib.sha256(raw[: sealed.start(1)]).hexdigest().encode() != sealed[1]:
        report.wrong("zip 文件的字节与其封存摘要不符", "the bytes of the zip are not those it was sealed with")
    else:
        report.right("zip 文件的每个字节与封存摘要一致", "every byte of the zip is as it was sealed")
    files: Files = {}
    try:
        with zipfile.ZipFile(bundle) as archive:
            for name in archive.namelist():
                if name in files:
                    report.wrong(f"{name} 在 zip 中出现两次", f"{name} is in the zip twice")
                files[name] = archive.read(name)
    except Exception as error:  # What a damaged zip raises has no common base.
        report.wrong(f"zip 文件已损坏：{error}", f"the zip is damaged: {error}")
    return files


def _once(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    """An object whose names are each said once: said twice, they would be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def parse(content: Any) -> Any:
    return json.loads(content, object_pairs_hook=_once)


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON of what holds no fractions."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


# --- checking ----------------------------------------------------------------------------------------


class Bundle:
    """The files with what the ledger says: `facts` are its entries' contents, `hashes` by sequence."""

    def __init__(self, files: Files, report: Report) -> None:
        self.files, self.report = files, report
        self.manifest = parse(files["manifest.json"])
        self.absent: Dict[str, str] = self.manifest["absent"]
        self.hashes: Dict[int, str] = {}
        self.facts: List[Tuple[int, str, Any]] = []
        self.begun = ""

    def facts_of(self, kind: str) -> List[Any]:
        return [fact for _, type_, fact in self.facts if type_ == kind]

    def check_manifest(self) -> None:
        """Every file is there, as the manifest says, and no other."""
        before, listed = self.report.wrong_ones, self.manifest["files"]
        for name in sorted({*listed, *self.files} - {"manifest.json"}):
            if name not in self.files:
                self.report.wrong(f"缺少文件 {name}", f"{name} is missing")
            elif name not in listed:
                self.report.wrong(f"多出文件 {name}", f"{name} is not in the manifest")
            elif hashlib.sha256(self.files[name]).hexdigest() != listed[name]:
                self.report.wrong(f"{name} 与清单不符", f"{name} is not as the manifest says")
        if self.report.wrong_ones == before:
            self.report.right(f"{len(listed)} 个文件与清单一致", f"{len(listed)} files are as the manifest says")

    def check_chain(self) -> None:
        """Every entry has its hash and follows the one before it, and the last is the head."""
        before, kept, prev = self.report.wrong_ones, parse(self.files["hashes.json"]), GENESIS
        lines = self.files["ledger.jsonl"].split(b"\n")
        for seq, line in enumerate(lines[:-1], start=1):
            hash_ = kept[seq - 1] if seq <= len(kept) else ""
            why = self._entry(seq, line, prev, hash_)
            if why is not None:
                self.report.wrong(f"台账第 {seq} 条：{why[0]}", f"entry {seq} {why[1]}")
            prev = hash_
        head = self.manifest["head"]
        if lines[-1] or len(kept) != len(lines) - 1 or head != {"seq": len(kept), "hash": prev}:
            zh, en = "末条与清单所载不符，有增删或改动", "the last entry is not the head: changed, added or removed"
            self.report.wrong(f"台账{zh}", en)
        if self.report.wrong_ones == before:
            zh, en = (
                f"台账 {head['seq']} 条逐条相连，末条哈希 {prev}",
                f"{head['seq']} entries in one chain, head {prev}",
            )
            self.report.right(zh, en)

    def _entry(self, seq: int, line: bytes, prev: str, kept: str) -> Optional[Tuple[str, str]]:
        """Take in an entry; what is wrong with it."""
        try:
            entry = parse(line)
            fact = parse(entry["data"])
            algorithm = {1: "sha256", 2: "sm3"}[entry["v"]]
            place, before, kind = (entry["seq"], entry["incident"]), entry["prev"], str(entry["type"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return "无法读取", "cannot be read"
        self.hashes[seq] = hash_of(algorithm, line)
        self.facts.append((seq, kind, fact))
        self.begun = self.begun or str(entry["decided_at"])
        if canonical(entry) != line:
            return "不是规范形式", "is not in its canonical form"
        if place != (seq, self.manifest["incident"]):
            return "序号或事件不符", "is not the entry of this place"
        if self.hashes[seq] != kept:
            return "与其哈希不符，已被改动", "does not have its hash: it was rewritten"
        if before != prev:
            return "与前一条不相接，有改动或增删", "does not follow the entry before it: changed, added or removed"
        return None

    def check_releases(self) -> None:
        """Every version's words have the digest that everybody decided on, and every file beside them its own."""
        drafted = self.facts_of("version_drafted")
        wanted = {fact["digest"]: f"releases/{fact['digest']}.json" for fact in drafted}
        self._by_digest("稿件版本", "release versions", "releases/", wanted)
        for fact in drafted:
            content = self.files.get(wanted[fact["digest"]])
            if content is None:
                continue
            try:
                document = parse(content)
                named = document["incident"], document["release"]
            except (ValueError, KeyError, TypeError):
                named = ("", "")
            if named != (self.manifest["incident"], fact["release"]):
                self.report.wrong(f"稿件 {fact['digest']} 不是本事件的", f"{fact['digest']} is of another release")
        files = {digest: f"attachments/{digest}" for fact in drafted for digest in fact.get("attachments", ())}
        self._by_digest("附件", "attachments", "attachments/", files)

    def _by_digest(self, zh: str, en: str, folder: str, wanted: Dict[str, str]) -> None:
        before = self.report.wrong_ones
        for digest, name in wanted.items():
            content = self.files.get(name)
            if content is None and digest not in self.absent:
                self.report.wrong(f"缺少 {name}，台账载有其摘要", f"{name} is missing, and the ledger names it")
            elif content is not None and hashlib.sha256(content).hexdigest() != digest:
                self.report.wrong(f"{name} 与台账所载摘要不符", f"{name} is not what the ledger names")
        for name in sorted(self.files):
            if name.startswith(folder) and name not in wanted.values():
                self.report.wrong(f"台账未提及 {name}", f"the ledger does not name {name}")
        if self.report.wrong_ones == before:
            there = sum(name in self.files for name in wanted.values())
            self.report.right(f"{there} 个{zh}与台账所载摘要一致", f"{there} {en} are what the ledger names")

    def check_texts(self) -> None:
        """Every text has the salted reference that the ledger names it by."""
        before, texts = self.report.wrong_ones, parse(self.files["texts.json"])
        wanted = {found for _, _, fact in self.facts for found in strings(fact) if REFERENCE.fullmatch(found)}
        for reference in sorted({*wanted, *texts}):
            if reference not in texts and reference not in self.absent:
                self.report.wrong(f"缺少文字 {reference}", f"text {reference} is missing, and the ledger names it")
            elif reference not in wanted:
                self.report.wrong(f"台账未提及文字 {reference}", f"the ledger does not name text {reference}")
            elif reference in texts:
                salt, text = bytes.fromhex(texts[reference]["salt"]), texts[reference]["text"].encode()
                # Of another length, it would hold what the text begins with.
                if len(salt) != SALT_BYTES or f"t1:{hashlib.sha256(salt + text).hexdigest()}" != reference:
                    self.report.wrong(f"文字 {reference} 被改动", f"text {reference} was changed")
        if self.report.wrong_ones == before:
            self.report.right(f"{len(texts)} 段文字与台账所载一致", f"{len(texts)} texts are what the ledger names")
        for name, reason in sorted(self.absent.items()):
            zh, en = ABSENT.get(reason, (reason, reason))
            self.report.note(f"{name} 不在包内：{zh}", f"{name} is not in the bundle: {en}")

    def check_receipts_and_policy(self) -> None:
        """What the bundle repeats from the ledger for people to read is what the ledger says."""
        before = self.report.wrong_ones
        names = ("release", "version", "channel", "external_id", "url", "at")
        told = [{name: fact[name] for name in names} for fact in self.facts_of("published")]
        taken_back = {(fact["release"], fact["channel"]): fact["at"] for fact in self.facts_of("retracted")}
        for receipt in parse(self.files["receipts.json"]):
            retracted_at = receipt.pop("retracted_at")
            wrong = retracted_at not in (None, taken_back.get((receipt["release"], receipt["channel"])))
            if receipt not in told or wrong:
                place = f"{receipt['release']} v{receipt['version']} {receipt['channel']}"
                self.report.wrong(f"发布回执 {place} 与台账不符", f"the receipt of {place} is not in the ledger")
        if [parse(self.files["policy.json"])] != [fact["policy"] for fact in self.facts_of("submitted")]:
            self.report.wrong("policy.json 与台账所载固化规则不符", "policy.json is not what the ledger froze")
        if self.report.wrong_ones == before:
            self.report.right("发布回执、固化规则与台账一致", "receipts and frozen policy are as the ledger says")

    def check_anchors(self, kept: Optional[Dict[int, Any]]) -> None:
        """Every anchor is signed and over the entry it is said to be over."""
        anchored, numbers, proofs = 0, [], parse(self.files["anchors.json"])
        for proof in proofs:
            anchor, seq = proof["anchor"], proof["seq"]
            number = anchor["number"]
            why = self._anchor(proof, kept)
            if seq < anchored or proof["position"] != proofs[0]["position"]:
                why = "次序或位置不符", "is out of order, or has the ledger at another place"
            if why is not None:
                self.report.wrong(f"第 {number} 号锚定：{why[0]}", f"anchor {number} {why[1]}")
                continue
            anchored = seq
            zh = f"第 {number} 号锚定（{anchor['at']}）覆盖台账第 1 至 {seq} 条，根 {anchor['root']}"
            self.report.right(zh, f"anchor {number} is over entries 1 to {seq}, signed by the key {anchor['key']}")
            numbers.append(number)
        if kept is not None:
            self._check_kept(kept, proofs)
        if kept and max(kept) > max(numbers, default=0):
            zh = f"另行保存的锚定已至第 {max(kept)} 号，晚于包内的锚定，可另行导出后核对"
            self.report.note(zh, f"the copy goes on to anchor {max(kept)}: export anew to have that proved as well")
        last = self.manifest["head"]["seq"]
        if anchored < last:
            zh = f"台账第 {anchored + 1} 至 {last} 条尚无锚定"
            self.report.note(zh, f"entries {anchored + 1} to {last} are not anchored yet")

    def _anchor(self, proof: Any, kept: Optional[Dict[int, Any]]) -> Optional[Tuple[str, str]]:
        anchor = proof["anchor"]
        stated = canonical({name: value for name, value in anchor.items() if name != "signature"})
        if not ed25519(bytes.fromhex(anchor["key"]), stated, bytes.fromhex(anchor["signature"])):
            return "签名无效", "does not have the signature of its key"
        head = {"incident": self.manifest["incident"], "seq": proof["seq"], "hash": proof["hash"]}
        if climb(anchor["algorithm"], head, proof["position"], anchor["size"], proof["path"]) != anchor["root"]:
            return "所附路径不能得出其根", "is not over the head beside it: the path does not lead to its root"
        if self.hashes.get(proof["seq"]) != proof["hash"]:
            return (
                f"与台账第 {proof['seq']} 条不符，此前有改动",
                f"is over another entry {proof['seq']}: rewritten",
            )
        number = anchor["number"]
        if kept and min(kept) <= number <= max(kept) and kept.get(number) != anchor:
            return "与另行保存的锚定记录不符或不在其中", "is not the one that was kept outside, or is not among those"
        return None

    def _check_kept(self, kept: Dict[int, Any], proofs: List[Any]) -> None:
        """No anchor that was kept is left out, for it may be the one that a rewritten past contradicts."""
        shown = {proof["anchor"]["number"] for proof in proofs}
        for number in sorted(set(kept) - shown):
            if not shown or number > max(shown):
                continue
            if kept[number]["size"] > proofs[0]["position"]:
                zh = f"另行保存的第 {number} 号锚定覆盖本台账，包内却没有"
                self.report.wrong(zh, f"anchor {number} of the copy is over this ledger, and the bundle leaves it out")
            elif kept[number]["at"] > self.begun:
                zh = f"另行保存的第 {number} 号锚定晚于台账首条，却不覆盖本台账"
                self.report.note(zh, f"anchor {number} of the copy is younger than entry 1, and not over this ledger")
        beyond = sorted(number for number in shown if not kept or not min(kept) <= number <= max(kept))
        if beyond:
            zh = f"第 {beyond[0]} 至 {beyond[-1]} 号锚定中有 {len(beyond)} 个不在另行保存的记录内，须与公告栏核对"
            en = f"{len(beyond)} of anchors {beyond[0]} to {beyond[-1]} not in the copy: compare with the bulletin"
            self.report.note(zh, en)


def climb(algorithm: str, head: Dict[str, Any], position: int, size: int, path: List[str]) -> str:
    """The root that the siblings lead to from the head's leaf (RFC 6962, 2.1); nothing where there are too few."""
    node, siblings = hash_of(algorithm, b"\x00" + canonical(head)), list(path)
    if not 0 <= position < size:
        return ""
    while size > 1:
        if position % 2 or position + 1 < size:
            if not siblings:
                return ""
            other = siblings.pop(0)
            pair = other + node if position % 2 else node + other
            node = hash_of(algorithm, b"\x01" + bytes.fromhex(pair))
        position, size = position // 2, (size + 1) // 2
    return "" if siblings else node


def check(files: Files, anchors: Optional[Path], report: Report) -> None:
    """All there is to check. What cannot be read is wrong, and hides nothing of the rest."""
    try:
        found = Bundle(files, report)
        kept = None
        if anchors is not None:
            kept = {anchor["number"]: anchor for anchor in parse(anchors.read_bytes())["anchors"]}
    except _UNREADABLE as error:
        report.wrong(f"清单或锚定记录无法读取：{error!r}", f"manifest or anchors cannot be read: {error!r}")
        return
    steps = (found.check_manifest, found.check_chain, found.check_releases, found.check_texts)
    for step in (*steps, found.check_receipts_and_policy, lambda: found.check_anchors(kept)):
        try:
            step()
        except _UNREADABLE as error:
            report.wrong(f"包内文件缺失或无法读取：{error!r}", f"a file is missing or cannot be read: {error!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--anchors", type=Path, metavar="FILE")
    given = parser.parse_args()
    for path in (given.bundle, given.anchors):
        if path is not None and not path.exists():
            parser.error(f"没有 {path} | there is no {path}")
    for stream in (sys.stdout, sys.stderr):
        # A console of another country must not stop the verification.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    report = Report()
    check(load(given.bundle, report), given.anchors, report)
    if given.anchors is None:
        zh = "须由人核对：上列锚定的根与公钥应与县公告栏 /public/anchors 所公布的、或您此前保存的一致"
        en = "left to a person: compare these roots and keys with the county's /public/anchors or a copy you kept"
        report.note(zh, en)
    if report.wrong_ones:
        print(f"结论：发现 {report.wrong_ones} 处问题 | {report.wrong_ones} things are wrong")
        return 1
    if given.anchors is None:
        print("结论：包内未发现问题，锚定尚待核对 | Nothing is wrong within it; its anchors are yet to be compared")
    else:
        print("结论：未发现问题 | Nothing is wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
