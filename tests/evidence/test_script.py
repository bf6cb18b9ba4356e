"""The script in a bundle: it runs without Huiying, and nothing is altered that it does not name."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.hashing import Algorithm, hash_of
from evidence.bundle import pack
from tests.evidence.conftest import KEY, SCRIPT, Auditor, listed_anew, packed_anew, script

MANY = settings(max_examples=150, deadline=None)
BOUND = (
    "ledger.jsonl",
    "hashes.json",
    "releases/",
    "texts.json",
    "attachments/",
    "receipts.json",
    "policy.json",
    "anchors.json",
)
"""Files that ledger and anchors bind, whatever a manifest says."""
Forgery = Callable[[list[bytes]], object]


def flipped(content: bytes, place: int, bit: int = 0) -> bytes:
    at = place % len(content)
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def test_an_untouched_bundle_verifies_and_says_what_is_left_to_a_person(auditor: Auditor) -> None:
    code, said = auditor.run(auditor.sealed)
    assert code == 0, said
    assert "Nothing is wrong" in said
    assert "compare these roots and keys with the county's /public/anchors" in said
    for anchor in json.loads(auditor.anchors)["anchors"]:
        assert anchor["root"] in said
        assert f"anchor {anchor['number']} is over entries 1 to" in said
    last = json.loads(auditor.files["manifest.json"])["head"]["seq"]
    assert f"entries {last} to {last} are not anchored yet" in said


def test_an_unpacked_bundle_verifies_with_the_script_beside_it(auditor: Auditor, tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(auditor.sealed)) as archive:
        archive.extractall(tmp_path)
    code, said = auditor.run(tmp_path)
    assert code == 0, said
    (tmp_path / "texts.json").unlink()
    (tmp_path / "more.txt").touch()
    code, said = auditor.run(tmp_path)
    assert code == 1
    assert "texts.json is missing" in said
    assert "more.txt is not in the manifest" in said


def test_the_bundle_brings_the_script_that_was_tested(auditor: Auditor) -> None:
    assert auditor.files["verify.py"] == SCRIPT.read_bytes()


@MANY
@given(place=st.integers(0, 2**31), bit=st.integers(0, 7))
def test_a_bundle_altered_by_one_bit_is_found_out(auditor: Auditor, place: int, bit: int) -> None:
    report = script().Report()
    path = auditor.folder / "altered.zip"
    path.write_bytes(flipped(auditor.sealed, place, bit))
    script().load(path, report)
    assert report.wrong_ones


@pytest.mark.parametrize("part", range(12))
def test_one_altered_byte_ends_the_script_with_1(auditor: Auditor, part: int) -> None:
    code, said = auditor.run(flipped(auditor.sealed, part * len(auditor.sealed) // 12 + 7 * part))
    assert code == 1
    assert "the bytes of the zip are not those it was sealed with" in said


@pytest.mark.parametrize("kept", [0, 1, 1000, -1])
def test_a_bundle_that_was_cut_is_found_out(auditor: Auditor, kept: int) -> None:
    code, said = auditor.run(auditor.sealed[:kept])
    assert code == 1
    assert "WRONG" in said


@MANY
@given(data=st.data())
def test_a_file_altered_by_one_bit_is_named(auditor: Auditor, data: st.DataObject) -> None:
    files = auditor.files
    name = data.draw(st.sampled_from([name for name in files if name != "manifest.json"]))
    files[name] = flipped(files[name], data.draw(st.integers(0, len(files[name]) - 1)), data.draw(st.integers(0, 7)))
    assert auditor.wrong(files, "check_manifest") == [f"{name} is not as the manifest says"]


@settings(MANY, max_examples=60)
@given(data=st.data())
def test_a_file_that_the_ledger_binds_is_found_out_whatever_the_manifest_says(
    auditor: Auditor, data: st.DataObject
) -> None:
    files = auditor.files
    name = data.draw(st.sampled_from([name for name in files if name.startswith(BOUND)]))
    files[name] = flipped(files[name], data.draw(st.integers(0, len(files[name]) - 1)), data.draw(st.integers(0, 7)))
    assert auditor.wrong(listed_anew(files))


def remove(lines: list[bytes]) -> None:
    del lines[3]


def reorder(lines: list[bytes]) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def change(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b'"actor":"baishi.editor"', b'"actor":"baishi.deputy"')


def add(lines: list[bytes]) -> None:
    entry = json.loads(lines[-1])
    entry |= {"seq": entry["seq"] + 1, "prev": hash_of(Algorithm.SM3, lines[-1]), "key": "cmd/forged"}
    lines.append(script().canonical(entry))


def cut_off(lines: list[bytes]) -> None:
    del lines[-1]


@pytest.mark.parametrize(
    ("forge", "named"),
    [
        (change, "entry 4 does not have its hash: it was rewritten"),
        (remove, "entry 4 is not the entry of this place"),
        (reorder, "entry 4 is not the entry of this place"),
        (add, "the last entry is not the head"),
        (cut_off, "the last entry is not the head"),
    ],
)
def test_a_ledger_that_was_tampered_with_is_named(auditor: Auditor, forge: Forgery, named: str) -> None:
    files = auditor.files
    lines = files["ledger.jsonl"].splitlines()
    forge(lines)
    files["ledger.jsonl"] = b"".join(line + b"\n" for line in lines)
    code, said = auditor.run(packed_anew(files))
    assert code == 1
    assert named in said


def without_a_seam(files: dict[str, bytes]) -> None:
    """Another actor in entry 4, all entries behind it hashed anew, and a head that fits."""
    entries = [json.loads(line) for line in files["ledger.jsonl"].splitlines()]
    entries[3]["actor"] = "baishi.deputy"
    hashes, lines = ["0" * 64], []
    for entry in entries:
        lines.append(script().canonical(entry | {"prev": hashes[-1]}))
        hashes.append(hash_of(Algorithm.SHA256 if entry["v"] == 1 else Algorithm.SM3, lines[-1]))
    manifest = json.loads(files["manifest.json"])
    manifest["head"]["hash"] = hashes[-1]
    files["hashes.json"] = json.dumps(hashes[1:]).encode()
    files["manifest.json"] = json.dumps(manifest).encode()
    files["ledger.jsonl"] = b"".join(line + b"\n" for line in lines)


def test_a_past_rewritten_without_a_seam_contradicts_the_anchors(auditor: Auditor) -> None:
    files = auditor.files
    without_a_seam(files)
    code, said = auditor.run(packed_anew(files))
    assert code == 1
    assert "anchor 1 is over entries 1 to 3" in said
    assert "anchor 2 is over another entry" in said
    assert "anchor 3 is over another entry" in said


def test_anchors_of_another_key_are_told_by_the_copy_that_was_kept(auditor: Auditor, tmp_path: Path) -> None:
    kept = tmp_path / "anchors.json"
    kept.write_bytes(auditor.anchors)
    code, said = auditor.run(auditor.sealed, "--anchors", str(kept))
    assert code == 0
    assert "export anew" not in said
    files = auditor.files
    proofs = json.loads(files["anchors.json"])
    thief = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    anchor = proofs[2]["anchor"]
    anchor["key"] = thief.public_key().public_bytes_raw().hex()
    stated = {name: value for name, value in anchor.items() if name != "signature"}
    anchor["signature"] = thief.sign(script().canonical(stated)).hex()
    files["anchors.json"] = script().canonical(proofs)
    forged = packed_anew(files)
    assert auditor.run(forged)[0] == 0
    code, said = auditor.run(forged, "--anchors", str(kept))
    assert code == 1
    assert "anchor 3 is not the one that was kept outside" in said


def without(files: dict[str, bytes], *numbers: int) -> bytes:
    """A bundle that leaves out these anchors."""
    proofs = [proof for proof in json.loads(files["anchors.json"]) if proof["anchor"]["number"] not in numbers]
    return packed_anew(files | {"anchors.json": script().canonical(proofs)})


def test_a_bundle_proves_every_anchor_since_its_first(auditor: Auditor) -> None:
    assert [proof["anchor"]["number"] for proof in json.loads(auditor.files["anchors.json"])] == [1, 2, 3]


@pytest.mark.parametrize("left_out", [(2,), (1, 2)])
def test_an_anchor_that_is_left_out_is_missed_by_the_copy(
    auditor: Auditor, tmp_path: Path, left_out: tuple[int, ...]
) -> None:
    """As somebody would who rewrote the past in between and anchored it anew."""
    kept = tmp_path / "anchors.json"
    kept.write_bytes(auditor.anchors)
    code, said = auditor.run(without(auditor.files, *left_out), "--anchors", str(kept))
    assert code == 1
    for number in left_out:
        assert f"anchor {number} of the copy is over this ledger, and the bundle leaves it out" in said


def test_a_ledger_that_changed_its_place_in_the_tree_is_found_out(auditor: Auditor) -> None:
    files = auditor.files
    proofs = json.loads(files["anchors.json"])
    proofs[2]["position"] = 1
    files["anchors.json"] = script().canonical(proofs)
    code, said = auditor.run(packed_anew(files))
    assert code == 1
    assert "anchor 3 is out of order, or has the ledger at another place" in said


def test_a_copy_from_before_the_incident_got_its_place_says_so(auditor: Auditor, tmp_path: Path) -> None:
    kept = tmp_path / "anchors.json"
    copy = json.loads(auditor.anchors)
    first = copy["anchors"].pop()
    copy["anchors"].append(first | {"size": 0, "at": "2099-01-01T00:00:00.000000Z"})
    kept.write_text(json.dumps(copy))
    code, said = auditor.run(without(auditor.files, 1), "--anchors", str(kept))
    assert code == 0, said
    assert "anchor 1 of the copy is younger than entry 1, and not over this ledger" in said


@pytest.mark.parametrize(("numbers", "beyond"), [((1,), "2 of anchors 2 to 3"), ((2, 3), "1 of anchors 1 to 1")])
def test_what_a_copy_does_not_reach_is_left_to_a_person(
    auditor: Auditor, tmp_path: Path, numbers: tuple[int, ...], beyond: str
) -> None:
    """A copy kept from before the incident ended, or one page of a longer list."""
    kept = tmp_path / "anchors.json"
    copy = json.loads(auditor.anchors)
    kept.write_text(json.dumps({"anchors": [one for one in copy["anchors"] if one["number"] in numbers]}))
    code, said = auditor.run(auditor.sealed, "--anchors", str(kept))
    assert code == 0, said
    assert f"{beyond} not in the copy: compare with the bulletin" in said


def test_a_copy_that_goes_on_longer_than_the_bundle_is_said_to(auditor: Auditor, tmp_path: Path) -> None:
    kept = tmp_path / "anchors.json"
    kept.write_bytes(auditor.anchors)
    files = auditor.files
    files["anchors.json"] = script().canonical(json.loads(files["anchors.json"])[:-1])
    code, said = auditor.run(packed_anew(files), "--anchors", str(kept))
    assert code == 0
    assert "the copy goes on to anchor 3: export anew" in said


def test_erased_texts_are_said_to_be_and_hidden_ones_are_missed(auditor: Auditor) -> None:
    files = auditor.files
    texts, manifest = json.loads(files["texts.json"]), json.loads(files["manifest.json"])
    gone = min(texts)
    del texts[gone]
    files["texts.json"] = script().canonical(texts)
    code, said = auditor.run(packed_anew(files))
    assert (code, f"text {gone} is missing, and the ledger names it" in said) == (1, True)
    manifest["absent"] = {gone: "erased"}
    files["manifest.json"] = script().canonical(manifest)
    code, said = auditor.run(packed_anew(files))
    assert code == 0, said
    assert f"{gone} is not in the bundle: it was erased" in said


def test_a_text_does_not_lose_its_beginning_to_its_salt(auditor: Auditor) -> None:
    """Otherwise “not approved” could be told as “approved”: the bytes that are hashed would be the same."""
    files = auditor.files
    texts = json.loads(files["texts.json"])
    name, (salt, text) = next((name, (one["salt"], one["text"])) for name, one in texts.items())
    texts[name] = {"salt": salt + text[0].encode().hex(), "text": text[1:]}
    files["texts.json"] = script().canonical(texts)
    code, said = auditor.run(packed_anew(files))
    assert code == 1
    assert f"text {name} was changed" in said


def test_a_bundle_writes_no_lines_of_its_own(auditor: Auditor) -> None:
    files = auditor.files
    manifest = json.loads(files["manifest.json"])
    manifest["absent"] = {"x": "gone\n[通过 OK] forged\x1b[2J"}
    _, said = auditor.run(packed_anew(files | {"manifest.json": script().canonical(manifest), "a\rb": b""}))
    assert "[通过 OK] forged" not in said.splitlines()
    assert all(line.isprintable() for line in said.splitlines())
    assert "gone?[通过 OK] forged?[2J" in said


@pytest.mark.parametrize("arguments", [("none.zip",), (".", "--anchors", "none.json")])
def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "there is no none" in ran.stderr


def test_a_name_said_twice_is_not_read_in_one_of_two_ways(auditor: Auditor) -> None:
    files = auditor.files
    files["policy.json"] = b'{"id":"x",' + files["policy.json"][1:]
    assert auditor.wrong(listed_anew(files))


def test_a_zip_that_has_a_file_twice_is_refused(auditor: Auditor) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in auditor.files.items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ledger.jsonl", b"")
    code, said = auditor.run(made.getvalue())
    assert code == 1
    assert "ledger.jsonl is in the zip twice" in said


# -- what the script brings along ----------------------------------------------------------------------


@given(message=st.binary(max_size=200), seed=st.binary(min_size=32, max_size=32), place=st.integers(0, 511))
@settings(max_examples=10, deadline=None)
def test_its_signatures_are_those_of_the_library(message: bytes, seed: bytes, place: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert script().ed25519(public, message, signature)
    assert not script().ed25519(public, message, flipped(signature, place // 8, place % 8))
    assert not script().ed25519(public, message + b"x", signature)
    assert not script().ed25519(KEY.public_key().public_bytes_raw(), message, signature)


@pytest.mark.parametrize("key", [b"", bytes(31), b"\xff" * 32, b"\x02" + bytes(31)])
def test_what_is_no_key_signs_nothing(key: bytes) -> None:
    assert not script().ed25519(key, b"x", KEY.sign(b"x"))


def test_a_signature_has_one_form(auditor: Auditor) -> None:
    signature = KEY.sign(b"x")
    high = int.from_bytes(signature[32:], "little") + script().Q
    assert not script().ed25519(KEY.public_key().public_bytes_raw(), b"x", signature[:32] + high.to_bytes(32, "little"))


@given(st.binary(max_size=300))
def test_its_own_sm3_is_that_of_openssl(content: bytes) -> None:
    assert script().sm3_in_python(content) == hash_of(Algorithm.SM3, content)


def test_the_seal_is_over_every_byte_before_it() -> None:
    assert pack({"a": b"b"})[-71:-64] == b"sha256:"
