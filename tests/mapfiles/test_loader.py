"""Reading YAML: YAML 1.2 meanings, positions as editors count them, and bounds that no file can exceed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdsync.errors import MappingError
from pdsync.mapfiles import (
    document,
    load_mapping,
    read_fields,
    read_mapping,
    render_problems,
    shipped_mapping,
)
from pdsync.mapfiles.document import MAX_BYTES, Source, parse
from pdsync.mapfiles.fixes import read_fixes
from pdsync.model import Place, Severity, Value
from tests.mapfiles.reading import HERE, SMALL, mapping_of, read_text, said


def data_of(text: str) -> Value:
    """The data of a YAML text without problems."""
    read, findings = parse(Source("m.yaml", text))
    assert findings == ()
    assert read is not None
    return read.data


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("Yes", "Yes"), ("NO", "NO"),
        ("true", True), ("True", True), ("FALSE", False), ("tRuE", "tRuE"),
        ("null", None), ("~", None), ("", None), ("NULL", None), ("nil", "nil"),
        ("010", 10), ("0o17", 15), ("0x1F", 31), ("-7", -7), ("+7", 7), ("0b11", "0b11"), ("1_000", "1_000"),
        ("12:30", "12:30"), ("12:30:00", "12:30:00"), ("190:20:30", "190:20:30"),
        ("2026-09-01", "2026-09-01"), ("2026-09-01 12:00:00", "2026-09-01 12:00:00"),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("-1.5e3", -1500.0), ("1e3", 1000.0), ("1.2.3", "1.2.3"), ("+", "+"),
        ("<<", "<<"), ("=", "="), ("'yes'", "yes"), ('"010"', "010"), ('"true"', "true"), ("!!str 12", "12"), ("! 12", "12"),
        ("Énergie & co", "Énergie & co"), ("١٢", "١٢"), ("a#b", "a#b"), ("40e10", 40e10),
        ("|\n  12", "12\n"), ("a\u2028b\x85c", "a\u2028b\x85c"),
    ],
)  # fmt: skip
def test_words_and_numbers_mean_what_yaml_1_2_says(text: str, meaning: Value) -> None:
    """The Norway problem and its relatives: country codes, times and article numbers stay what people typed."""
    held = data_of(f"key: {text}\n")
    assert {"key": meaning} == held
    assert isinstance(held, dict)
    assert type(meaning) is type(held["key"])


def test_keys_are_always_text() -> None:
    """``no``, ``12`` and ``true`` as keys are the words that stand there."""
    assert data_of("no: 1\n12: 2\ntrue: 3\n'': 4\n") == {"no": 1, "12": 2, "true": 3, "": 4}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    """YAML 1.2 has no ``<<``, so it is unknown instead of silently merging."""
    assert data_of("a: &a {x: 1}\nb: {<<: *a}\n") == {"a": {"x": 1}, "b": {"<<": {"x": 1}}}


def test_aliases_stand_for_what_they_name(tmp_path: Path) -> None:
    """A list of pairs may be written once and used twice; problems in it are shown where it stands."""
    pairs = "pairs: &pairs [{pipedrive: Conseil, plezi: CONSEIL}]"
    more = (
        f"  - {{pipedrive: a, plezi: b, direction: both, options: {{{pairs}}}}}\n"
        "  - {pipedrive: c, plezi: d, direction: both, options: {pairs: *pairs}}\n"
    )
    mapping = mapping_of(tmp_path, SMALL + more)
    assert mapping.fields[3].options == mapping.fields[4].options
    assert mapping.fields[4].options.pairs[0].place == Place(mapping.path, 9, 72)


NAMED_WRONG = SMALL.replace("name: contacts", "name: Contacts")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (NAMED_WRONG.encode(), 2, 7),
        (b"\xef\xbb\xbf" + NAMED_WRONG.encode(), 2, 7),
        (b"\xef\xbb\xbf" + NAMED_WRONG.replace("version: 1", "versio: 1").encode(), 1, 1),
        (NAMED_WRONG.replace("\n", "\r\n").encode(), 2, 7),
        (NAMED_WRONG.replace("\n", "\r").encode(), 2, 7),
        (b"\xff\xfe" + NAMED_WRONG.encode("utf-16-le"), 2, 7),
        (b"\xfe\xff" + NAMED_WRONG.encode("utf-16-be"), 2, 7),
        (("# \u2028 \u0085 é 🙂\n" + NAMED_WRONG).encode(), 3, 7),
        (NAMED_WRONG.replace("name:", '"n\\u0061me":').encode(), 2, 14),
        ("{version: 1, description: 'é🙂é', name: Contacts}".encode(), 1, 40),
    ],
)  # fmt: skip
def test_lines_and_columns_are_those_of_editors(tmp_path: Path, text: bytes, line: int, column: int) -> None:
    """From 1, in characters; a byte order mark has no width, CR, LF and CRLF end a line, Unicode separators do not."""
    mapping, findings = read_text(tmp_path, text)
    assert mapping is None
    assert (line, column) in [finding.place[1:] for finding in findings if finding.place]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"name: caf\xe9\n", "1:10 the byte 0xE9 is not UTF-8; save the file as UTF-8"),
        (b"\xc3\xa9\n\xc3\xa9\xff", "2:2 the byte 0xFF is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfen\x00a", "1:2 the byte 0x61 is not UTF-16-LE; save the file as UTF-8"),
        (b"name: a\x00b\n", "1:8 the character U+0000 may not stand in a YAML file"),
        (b"version: 1\nname: \x1b[31mred\n", "2:7 the character U+001B may not stand in a YAML file"),
        (
            SMALL.replace("contacts", "c\x7f").encode(),
            "2:8 the character U+007F may not stand in a YAML file",
        ),
    ],
)
def test_bytes_that_are_no_text_are_shown_where_they_are(tmp_path: Path, text: bytes, expected: str) -> None:
    """Latin-1, broken UTF-16, NUL and control characters: one message, with the place."""
    assert [expected] == said(read_text(tmp_path, text)[1])


def bomb(levels: int, fan: int) -> str:
    """Nested aliases: ``fan`` to the power of ``levels`` values from a few lines."""
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * fan)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


DEEP = "more than 20 lists and groups within each other"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (bomb(9, 9), "7:10 more than 300,000 values once its aliases are followed"),
        (bomb(4, 100), "4:10 more than 200 aliases"),
        (
            "a: &a [[[[[[[[[[[x]]]]]]]]]]]\nb: [[[[[[[[[[*a]]]]]]]]]]\n",
            f"2:14 {DEEP} once its aliases are followed",
        ),
        ("a: " + "[" * 50_000, f"1:23 {DEEP}"),
        ("- " * 50_000, f"1:41 {DEEP}"),
        ("{a: " * 50_000, f"1:81 {DEEP}"),
        ("".join(f"{' ' * n}k:\n" for n in range(1000)), f"21:21 {DEEP}"),
        ("a: &a\n  b: *a\n", "2:6 the alias *a stands within itself"),
    ],
    ids=[
        "alias-bomb",
        "many-aliases",
        "deep-aliases",
        "brackets",
        "dashes",
        "braces",
        "indentation",
        "cycle",
    ],
)
def test_a_file_that_explodes_is_one_clear_problem(tmp_path: Path, text: str, expected: str) -> None:
    """A few bytes never become a gigabyte, nor a stack overflow."""
    assert [expected] == said(read_text(tmp_path, text)[1])
    assert [expected] == said(read_fields(tmp_path / "m.yaml")[1])


def test_a_file_of_too_many_values_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is lowered, as the real one takes seconds to reach."""
    monkeypatch.setattr(document, "MAX_VALUES", 100)
    assert said(read_text(tmp_path, "[" + "x," * 200 + "]")[1]) == ["1:200 more than 100 values"]


def test_a_file_of_ten_megabytes_is_not_read(tmp_path: Path) -> None:
    """Only the first bytes are, so a device without an end would not hang pdsync either."""
    mapping, findings = read_text(tmp_path, b"#" * 10_000_000)
    assert mapping is None
    assert [f"1:1 this file is larger than {MAX_BYTES:,} bytes, the most that is read"] == said(findings)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing.yaml", "1:1 there is no such file"),
        (".", "1:1 this is a folder, not a file"),
        ("nul\0.yaml", "1:1 this file cannot be read: embedded null byte"),
        ("x" * 5000, "1:1 this file cannot be read: File name too long"),
        ("file/inside.yaml", "1:1 this file cannot be read: Not a directory"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, expected: str) -> None:
    """Never a traceback for what a disk says."""
    (tmp_path / "file").write_text("x", "utf-8")
    mapping, findings = read_mapping(f"{tmp_path}/{name}")
    assert mapping is None
    assert [expected] == said(findings)


def test_a_file_that_is_not_there_says_where_one_comes_from(tmp_path: Path) -> None:
    """What to type next is something that can be typed: each kind of file names the verb, or the file, it comes from."""
    nowhere = tmp_path / "nowhere.yaml"
    assert [f.fix for f in read_fields(nowhere)[1]] == ["pdsync pull --fields writes one"]
    assert [f.fix for f in read_fixes(nowhere)[1]] == ["pdsync audit --fixes FILE writes one"]
    (finding,) = read_mapping(nowhere)[1]
    assert finding.fix.endswith(f"cp {shipped_mapping()} {nowhere}")


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run as root, who may read everything: the refusal is made here."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert said(read_mapping(tmp_path / "m.yaml")[1]) == ["1:1 this file may not be read by you"]


def test_loading_raises_with_every_problem(tmp_path: Path) -> None:
    """The error's text is the listing itself, in the style of a compiler, and says what is untouched."""
    path = tmp_path / "m.yaml"
    text = SMALL.replace("name: contacts", "name: Contacts").replace(
        "direction: both, locked: true}", "direction: bth}", 1
    )
    path.write_text(text, "utf-8")
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert [finding.place.line for finding in caught.value.findings if finding.place] == [2, 6]
    assert str(caught.value) == (
        f"{path}:2:7   name: 'Contacts': a name is 1 to 63 lower case letters, digits and hyphens, such as contacts\n"
        f"{path}:6:49  direction: 'bth' is not one of both, to_plezi, to_pipedrive, off; did you mean 'both'?\n"
        "2 problems. Nothing was read or written."
    )
    assert caught.value.exit_code == 2


def test_terminal_sequences_in_a_file_are_shown_escaped(tmp_path: Path) -> None:
    """A mapping may come from anywhere; its text may not move the cursor of who reads the problem."""
    findings = read_text(tmp_path, SMALL.replace("contacts", '"\\e[2J\\u202Ered"'))[1]
    assert "\x1b" not in render_problems(findings)
    assert r"'\x1b[2J\u202ered'" in render_problems(findings)


def check(text: str, folder: Path) -> None:
    """Either a mapping, or at least one problem with a place in this file."""
    mapping, findings = read_text(folder, text)
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCKING]
    assert (mapping is None) == bool(blocking)
    for finding in findings:
        assert finding.place is not None
        assert finding.place.line >= 1
        assert finding.place.column >= 1
        assert finding.message
    assert render_problems(findings)
    read_fields(folder / "m.yaml")


@given(text=st.text())
def test_any_text_is_a_mapping_or_problems(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No text makes a traceback."""
    check(text, tmp_path_factory.getbasetemp())


FULL = (HERE / "full.yaml").read_text("utf-8")
PIECES = st.sampled_from(
    ["{", "}", "[", "]", ": ", "- ", "\n", "\n  ", "&a ", "*a", "!!int ", "|", ">", "'", '"', "#", "? ", "~", "%", "\t",
     "---\n", "...\n", "null", "fields:", "email", "1e400", "0x", "@", "\u2028", "true", ", ", "{}", "[]", "''"]
)  # fmt: skip


@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_any_damage_to_a_mapping_is_a_mapping_or_problems(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A valid file with pieces cut out and others put in: what a slip of the hand makes."""
    text = FULL
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.sampled_from([0, 0, 1, 2, 5, 20, 200])))
        text = text[:start] + data.draw(PIECES) + text[end:]
    check(text, tmp_path_factory.getbasetemp())
