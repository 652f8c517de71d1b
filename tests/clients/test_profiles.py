"""API profiles: what ships, what a person may write, and every problem at once with its place."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from pdsync.clients import PleziCredentials, open_plezi
from pdsync.clients.profiles import SHIPPED, Profile, load_profile
from pdsync.errors import MappingError, SettingsError
from pdsync.model import Kind

SCHEMA: dict[str, Any] = json.loads(
    resources.files("pdsync.clients").joinpath("profile-v1.schema.json").read_text("utf-8")
)
REAL = ("app-v1", "brain-v1")
KEYS = PleziCredentials("Acme", "key", "public", "secret")


def _write(tmp_path: Path, text: str, name: str = "ours.yaml") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _problems(tmp_path: Path, text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(MappingError) as caught:
        load_profile(_write(tmp_path, text))
    return [(f.place.line, f.place.column, f.message) for f in caught.value.findings if f.place]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_load(name: str) -> None:
    """Each passes its own schema and has evidence with a source for everything it claims."""
    profile = load_profile(name)
    assert profile.name == name
    for spec in (*profile.calls.values(), *profile.candidates.values()):
        assert spec.evidence.source


@pytest.mark.parametrize("name", REAL)
def test_profiles_of_real_hosts_claim_only_what_was_seen(name: str) -> None:
    """Calls are documented or read in code; guesses stand under candidates, and are reads (design 8)."""
    profile = load_profile(name)
    assert {spec.evidence.mark for spec in profile.calls.values()} <= {"code", "doc"}
    assert {spec.evidence.mark for spec in profile.candidates.values()} <= {"infer", "3p", "unknown"}
    assert {spec.method for spec in profile.candidates.values()} <= {"GET"}
    assert profile.base_url.startswith("https://")
    assert not profile.loopback_only
    assert not profile.side_effects_accepted
    assert profile.form is None


def test_no_real_profile_reads_updates_or_deletes_a_contact() -> None:
    """Nobody has shown such a call (reference plezi-api 9): it takes a person's own profile to use one."""
    for name in REAL:
        assert not {"list", "newest", "read", "read_many", "create", "update", "delete"} & set(
            load_profile(name).calls
        )


def test_sandbox_paths_appear_nowhere_else() -> None:
    """The invented routes are never a default for a real host, not even a candidate."""
    for name in REAL:
        profile = load_profile(name)
        assert not any("sandbox" in s.path for s in (*profile.calls.values(), *profile.candidates.values()))


@pytest.mark.parametrize(
    "url", ["https://app.plezi.co", "https://127.0.0.1.example.com", "https://plezi.example.com"]
)
def test_the_sandbox_profile_is_refused_elsewhere(url: str) -> None:
    """Its calls are invented; on a real host they would at best fail."""
    with pytest.raises(SettingsError, match="this machine only"):
        open_plezi(KEYS, "sandbox", url)


def test_neither_extending_nor_copying_the_sandbox_gets_around_that(tmp_path: Path) -> None:
    """A profile that extends it, or uses its paths, is bound to this machine as well."""
    extending = (
        "version: 1\nname: ours\nextends: sandbox\nloopback_only: false\nbase_url: https://app.plezi.co\n"
    )
    copying = (
        "version: 1\nname: ours\nextends: app-v1\ncalls:\n  list:\n    method: GET\n    path: /api/sandbox/v1/contacts\n"
        "    evidence: {mark: live, source: x}\n"
    )
    for text in (extending, copying):
        with pytest.raises(SettingsError, match="this machine only"):
            open_plezi(KEYS, _write(tmp_path, text))


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    """Extends a shipped one: calls are joined by name, null takes one away, the rest is kept."""
    profile = load_profile(
        _write(
            tmp_path,
            """
version: 1
name: ours
extends: app-v1
side_effects_accepted: true
form: {form_id: "1a", content_web_form_id: b2}
calls:
  list:
    method: GET
    path: /api/v1/contacts
    paging: {by: offset, parameter: offset, size_parameter: limit, size: 50}
    answer: {items: data, total: meta.total}
    evidence: {mark: live, source: "answered on our account, 2026-11-02"}
fields:
  - {code: email, name: E-mail, kind: emails, evidence: {mark: live, source: x}}
  - {code: plz_secteur, name: Secteur, kind: option, options: [{value: batiment, label: Bâtiment}],
     clearable: true, evidence: {mark: live, source: x}}
candidates: {list: null}
""",
        )
    )
    assert set(profile.calls) == {"submit_form", "list"}
    assert set(profile.candidates) == {"list_by_offset"}
    assert profile.base_url == "https://app.plezi.co"
    assert profile.form == {"form_id": "1a", "content_web_form_id": "b2"}
    paging = profile.calls["list"].paging
    assert paging is not None
    assert (paging.by, paging.first, paging.size) == ("offset", 0, 50)
    email, sector = profile.fields
    assert not email.clearable, "what is not said to work is not assumed to"
    assert (sector.kind, sector.custom, sector.clearable) == (Kind.OPTION, True, True)
    assert [(o.id, o.label) for o in sector.options] == [("batiment", "Bâtiment")]


def test_extends_counts_from_the_file(tmp_path: Path) -> None:
    """A profile beside another is found wherever the command was started."""
    (tmp_path / "sub").mkdir()
    _write(tmp_path, "version: 1\nname: base\nextends: app-v1\nat_once: 2\n", "base.yaml")
    path = _write(tmp_path / "sub", "version: 1\nname: ours\nextends: ../base.yaml\n")
    profile: Profile = load_profile(path)
    assert (profile.name, profile.at_once) == ("ours", 2)


def test_profiles_that_extend_each_other(tmp_path: Path) -> None:
    """A circle is an error, not a hang."""
    path = _write(tmp_path, "version: 1\nname: ours\nextends: ours.yaml\n")
    with pytest.raises(SettingsError, match="without end"):
        load_profile(path)


@pytest.mark.parametrize("name", ["nothing", "nothing.yaml", "app-v2", "../app-v1"])
def test_no_such_profile(name: str) -> None:
    """Says which there are."""
    with pytest.raises(SettingsError, match="app-v1, brain-v1, sandbox"):
        load_profile(name)


def test_all_problems_at_once_with_their_places(tmp_path: Path) -> None:
    """In the order of the file, with line and column, and what was probably meant."""
    text = """\
version: 1
name: Ours
extends: app-v1
side_effect_accepted: true
calls:
  list:
    methode: GET
    method: FETCH
    path: contacts
    evidence: {mark: sure, source: ""}
  erase: {method: GET, path: /x, evidence: {mark: doc, source: x}}
at_once: many
"""
    found = _problems(tmp_path, text)
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)
    by_line = {line: message for line, _, message in found}
    assert set(by_line) == {2, 4, 7, 8, 9, 10, 11, 12}
    assert by_line[4] == "unknown key 'side_effect_accepted'; did you mean 'side_effects_accepted'?"
    assert by_line[7] == "unknown key 'methode'; did you mean 'method'?"
    assert "unknown key 'erase'; known here: check, account" in by_line[11]
    assert (4, 1) in [(line, column) for line, column, _ in found]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("version: 1\nname: a\n\tx: 1\n", 3, "character '\\t'"),
        ("version: 1\nname: a\nname: b\n", 3, "'name' stands here twice"),
        ("version: 1\nname: &x a\n", 2, "anchors and aliases"),
        ("version: 1\nname: !!python/object:os.system a\n", 2, "tags are not used"),
        ("version: 1\nname: [a\n", 3, "expected"),
        ("version: 1\n? [a]\n: 1\n", 2, "a key is a word"),
        ("", 1, "there is nothing in this file"),
        ("# only a comment\n", 1, "there is nothing in this file"),
        ("- a\n", 1, "is not of type 'object'"),
        ("version: 1\nname: a\n", 1, "'authentication' is missing"),
        ("version: 2\nname: a\nextends: app-v1\n", 1, "1 was expected"),
        ("version: 1\nname: a\nextends: app-v1\nat_once: 99\n", 4, "maximum"),
        ("version: 1\nname: a\nextends: app-v1\nloopback_only: yes\n", 4, "'yes' is not of type 'boolean'"),
        (
            "version: 1\nname: a\nauthentication: {scheme: headers, evidence: {mark: doc, source: x}}\n",
            3,
            "headers",
        ),
    ],
)
def test_problems(tmp_path: Path, text: str, line: int, says: str) -> None:
    """Syntax, aliases, tags, shape: one place each, and words that help. 'yes' is a word (YAML 1.2)."""
    found = _problems(tmp_path, text)
    assert found[0][0] == line
    assert says in found[0][2]


def test_an_alias_bomb_and_a_huge_file_are_refused_quickly(tmp_path: Path) -> None:
    """Aliases are not followed at all; size is looked at before anything is read."""
    bomb = "a: &a [x,x,x]\n" + "".join(
        f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "anchors and aliases" in _problems(tmp_path, bomb)[0][2]
    with pytest.raises(SettingsError, match="larger than"):
        load_profile(_write(tmp_path, "#" * 300_000))
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: \xe9")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_profile(str(latin))
    assert _problems(tmp_path, "[" * 100_000)[0][2] == "groups within groups without end"


def test_every_property_of_the_schema_is_described() -> None:
    """The schema is the manual: editors show these sentences."""
    missing: list[str] = []

    def walk(node: Any, path: str) -> None:
        if not isinstance(node, dict):
            return
        for name, child in node.get("properties", {}).items():
            if "description" not in child and "$ref" not in child and "const" not in child:
                missing.append(f"{path}.{name}")
            walk(child, f"{path}.{name}")
        for key in ("items", "additionalProperties"):
            walk(node.get(key), f"{path}.{key}")
        for name, child in node.get("definitions", {}).items():
            if "description" not in child and "allOf" not in child:
                missing.append(f"#{name}")
            walk(child, f"#{name}")

    walk(SCHEMA, "")
    assert missing == []


def test_schema_and_code_know_the_same_kinds() -> None:
    """A kind that the model gains is one that a profile can name."""
    kinds = SCHEMA["definitions"]["field"]["properties"]["kind"]["enum"]
    assert sorted(kinds) == sorted(kind.value for kind in Kind)
