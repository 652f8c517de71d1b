"""Field lists: reading them, and bringing them up to date without touching what people wrote."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pdsync.errors import AccountMismatch, InputFileError, MappingError, StorageFull
from pdsync.mapfiles import load_fields, read_fields, shipped_fields, update_field_list
from pdsync.model import Account, Field, Kind, Option, RemoteSchema, Side
from pdsync.sandbox.plezi.fields import STANDARD_FIELDS
from pdsync.sandbox.seeding.fieldset import PIPEDRIVE_FIELDS, PLEZI_FIELDS
from tests.mapfiles.reading import said

ACME = Account(Side.PIPEDRIVE, "1234567", "Acme SAS")
CODE = "0123456789abcdef0123456789abcdef01234567"
FIELDS = (
    Field("email", "Email", Kind.EMAILS, "varchar", clearable=False),
    Field(CODE, "Secteur", Kind.OPTION, "enum", (Option("35", "Yes"), Option("36", "No"))),
)  # fmt: skip

WRITTEN = """# our fields
version: 1
side: pipedrive # the CRM
account: {id: "1234567", name: Acme SAS}

fields:
  # the identity
  - code: email
    name: "Email" # in quotes
    type: emails
    remote_type: varchar
    clearable: false

  # a list; ask Florent
  - code: 0123456789abcdef0123456789abcdef01234567 # its code
    name: Secteur
    type: option
    remote_type: enum
    options: # of 2026
      # first
      - {id: 35, label: "Yes"} # opted in
      - {id: 36, label: "No"}
    custom: false
  # the end
"""


KEYS = [
    "code", "name", "type", "remote_type", "custom", "writable", "clearable", "required", "max_length", "observed", "gone",
    "options",
]  # fmt: skip


def schema(*fields: Field, account: Account = ACME) -> RemoteSchema:
    """A remote schema as a service tells it."""
    return RemoteSchema(account, fields)


def listed(folder: Path, text: str) -> Path:
    """A field list with this text."""
    path = folder / "fields.yaml"
    path.write_bytes(text.encode())
    return path


def test_a_list_says_what_a_service_would_say(tmp_path: Path) -> None:
    """Every property becomes an attribute; identities are text, as written."""
    text = """version: 1
side: plezi
account: {id: 010, name: Acme}
fields:
  - {code: 12, name: "12", type: text, remote_type: short_text, custom: true, writable: false, clearable: false,
     required: true, max_length: 80, observed: true}
  - {code: s, name: S, type: options, options: [{id: 010, label: Ten, observed: true}, {id: x}, {id: y, gone: true}]}
  - {code: t, name: T, type: text, gone: true}
"""
    found = load_fields(listed(tmp_path, text), Side.PLEZI)
    assert found == RemoteSchema(
        Account(Side.PLEZI, "010", "Acme"),
        (
            Field("12", "12", Kind.TEXT, "short_text", (), False, False, 80, True, True, True),
            Field("s", "S", Kind.OPTIONS, options=(Option("010", "Ten", observed=True), Option("x", "x"))),
        ),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1 there is nothing in this file"]),
        ("side: hubspot\nfields: []",
         ["2:7 side: 'hubspot' is not one of pipedrive, plezi", "3:9 fields: may not be empty"]),
        ("side: plezi\nfields: [{code: a, name: A, type: txt}]",
         [f"3:35 type: 'txt' is not one of {', '.join(Kind)}; did you mean 'text'?"]),
        ("side: plezi\nfields: [{code: a, name: A, type: text, person: Lucile}]",
         [f"3:41 unknown key 'person'; known here: {', '.join(KEYS)}"]),
        ("side: plezi\nfields:\n- {code: a, name: A, type: text}\n- {code: a, name: B, type: text, options: [{id: x}]}",
         ["5:10 'a' stands twice; first in line 4", "5:34 a field of type text has no options"]),
        ("side: plezi\nfields:\n- {code: a, name: A, type: option, options: [{id: 1}, {id: '1'}]}",
         ["4:60 '1' stands twice; first in line 4"]),
    ],
)  # fmt: skip
def test_a_wrong_list_is_told_like_a_wrong_mapping(tmp_path: Path, text: str, expected: list[str]) -> None:
    """The same quality of errors; a key for a person does not exist."""
    found, findings = read_fields(listed(tmp_path, text and f"version: 1\n{text}"))
    assert found is None
    assert expected == said(findings)


def test_a_list_of_the_other_side_is_refused(tmp_path: Path) -> None:
    """Two files swapped in the settings are one clear message."""
    with pytest.raises(MappingError, match="the field list of Pipedrive, not of Plezi"):
        load_fields(listed(tmp_path, WRITTEN), Side.PLEZI)


def test_the_shipped_lists_are_those_of_the_demo() -> None:
    """What ``pdsync demo`` seeds: codes, types and options, so that check is green offline for what the demo makes."""
    pipedrive, plezi = (load_fields(shipped_fields(side), side) for side in (Side.PIPEDRIVE, Side.PLEZI))
    for made in PIPEDRIVE_FIELDS:
        field = pipedrive.by_code[made.code]
        assert (made.name, made.type) == (field.name, field.remote_type)
        assert [(str(i), label) for i, label in made.options or ()] == [
            (o.id, o.label) for o in field.options
        ]
    assert len(PIPEDRIVE_FIELDS) == sum(field.custom for field in pipedrive.fields)
    assert {f.key for f in STANDARD_FIELDS} | {f.key for f in PLEZI_FIELDS} == plezi.by_code.keys()
    for seeded in PLEZI_FIELDS:
        field = plezi.by_code[seeded.key]
        assert (seeded.label, seeded.type) == (field.name, field.remote_type)
        assert list(seeded.options or ()) == [(o.id, o.label) for o in field.options]
    for standard in STANDARD_FIELDS:
        field = plezi.by_code[standard.key]
        assert (standard.label, standard.type, not standard.read_only) == (
            field.name,
            field.remote_type,
            field.writable,
        )


def test_a_new_list_is_written_and_reads_back(tmp_path: Path) -> None:
    """The folder is made as well; nothing secret is in it, so it is readable like other files in git."""
    path = tmp_path / "mappings" / "fields" / "pipedrive.yaml"
    update = update_field_list(path, schema(*FIELDS))
    assert update.created
    assert update.added == ("Email", "Secteur")
    assert load_fields(path) == schema(*FIELDS)
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_unchanged_list_is_not_written(tmp_path: Path) -> None:
    """No new file, no new time, no noise in git."""
    path = listed(tmp_path, WRITTEN)
    before = path.stat()
    update = update_field_list(path, schema(*FIELDS))
    assert not update
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_a_service_says_is_put_between_what_people_wrote(tmp_path: Path) -> None:
    """Comments, order, quotes and blank lines stay where they are; new entries come before comments about the next."""
    path = listed(tmp_path, WRITTEN)
    sector = replace(
        FIELDS[1], name="Secteurs", custom=True, options=(Option("36", "Non"), Option("37", "Peut-être: oui"))
    )
    update = update_field_list(
        path, schema(replace(FIELDS[0], max_length=255), sector, Field("nb", "Nom: 2", Kind.NUMBER))
    )
    assert (
        path.read_text("utf-8")
        == """# our fields
version: 1
side: pipedrive # the CRM
account: {id: "1234567", name: Acme SAS}

fields:
  # the identity
  - code: email
    name: "Email" # in quotes
    type: emails
    remote_type: varchar
    clearable: false
    max_length: 255

  # a list; ask Florent
  - code: 0123456789abcdef0123456789abcdef01234567 # its code
    name: Secteurs
    type: option
    remote_type: enum
    options: # of 2026
      # first
      - {id: 35, gone: true, label: "Yes"} # opted in
      - {id: 36, label: Non}
      - {id: 37, label: "Peut-être: oui"}
    custom: true
  - code: nb
    name: "Nom: 2"
    type: number
  # the end
"""
    )
    assert update.added == ("Secteurs: option 'Peut-être: oui'", "Nom: 2")
    assert update.changed == (
        "Email: max_length",
        "Secteurs: name, custom",
        "Secteurs: option 'Non'",
    )
    assert update.gone == ("Secteurs: option 'Yes'",)
    assert not update_field_list(path, load_fields(path))


def test_what_is_gone_is_marked_and_comes_back(tmp_path: Path) -> None:
    """A deleted field keeps its entry and its comments, counts as not there, and is itself again when listed again."""
    path = listed(tmp_path, WRITTEN)
    assert update_field_list(path, schema(FIELDS[0])).gone == ("Secteur",)
    assert "    gone: true\n" in path.read_text("utf-8")
    assert [field.code for field in load_fields(path).fields] == ["email"]
    assert not update_field_list(path, schema(FIELDS[0]))
    assert update_field_list(path, schema(*FIELDS)).changed == ("Secteur: gone",)
    assert load_fields(path).fields == FIELDS


def test_what_was_seen_is_only_added(tmp_path: Path) -> None:
    """Plezi lists nothing: a value in a contact adds an option marked as observed, and changes no word of a person's."""
    text = WRITTEN.replace("pipedrive # the CRM", "plezi")
    path = listed(tmp_path, text)
    seen = Field(
        FIELDS[1].code, "plz_secteur", Kind.TEXT, options=(Option("35", "35"), Option("banque", "banque"))
    )
    new = Field("plz_new", "plz_new", Kind.TEXT)
    update = update_field_list(path, schema(seen, new, account=Account(Side.PLEZI, "1234567")), observed=True)
    added = [
        "      - {id: banque, observed: true}",
        "  - code: plz_new",
        "    name: plz_new",
        "    type: text",
        "    observed: true",
    ]
    assert [line for line in path.read_text("utf-8").splitlines() if line not in text.splitlines()] == added
    assert [line for line in path.read_text("utf-8").splitlines() if line not in added] == text.splitlines()
    assert update.added == ("Secteur: option 'banque'", "plz_new")
    assert () == update.changed == update.gone
    found = load_fields(path)
    assert found.by_code["plz_new"].observed
    assert Option("banque", "banque", observed=True) in found.by_code[FIELDS[1].code].options


HEAD = "version: 1\nside: pipedrive\n"
STYLES = {
    "json": "{version: 1, side: pipedrive, fields: [{code: a, name: A, type: option, options: [{id: 1, label: One}]}]}",
    "crlf": f"{HEAD}fields:\n- code: a\n  name: A\n  type: option\n  options:\n  - id: 1\n    label: One",
    "wide": f"{HEAD}fields:\n    -   type: option\n        code: a\n        name: A\n        options: []",
    "dash-alone": f"{HEAD}fields:\n  -\n    code: a\n    name: >-\n      A\n    type: option\n...\n",
    "flow": f"\ufeff{HEAD}fields: [\n  {{code: a, name: 'A', # a\n   type: option, options: [] # none\n  }}, # last\n]\n",
    "blank-lines": f"{HEAD}fields: # all\n\n- {{code: a, name: A, type: option}} # one\n\n# end",
    "anchors": f"---\n{HEAD}fields: &f\n  - &a\n    code: a\n    name: A\n    type: option\n    options: &o\n    - id: 1\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_writing_can_be_extended(tmp_path: Path, style: str) -> None:
    """Braces, CRLF, other indentation: people write as they like, and get their own style back."""
    text = STYLES[style].replace("\n", "\r\n" if style == "crlf" else "\n")
    path = listed(tmp_path, text)
    wanted = schema(
        Field(
            "a",
            "Â: #1",
            Kind.OPTION,
            "enum",
            (Option("1", "- One"), Option("2", "yes")),
            custom=True,
            max_length=7,
        ),
        Field("b", "B", Kind.OPTIONS, options=(Option("x,y", "{}"),)),
    )
    assert update_field_list(path, wanted)
    assert load_fields(path).fields == wanted.fields
    assert load_fields(path).account == ACME
    line_ends = {"\r\n"} if "\r\n" in text else {"\n"}
    assert set(re.findall(r"\r\n|\n|\r", path.read_bytes().decode())) <= line_ends


def test_a_list_with_aliases_is_left_alone(tmp_path: Path) -> None:
    """A change in one place would change another; so nothing is written, and the message says why."""
    first, second = (
        "{code: a, name: A, type: option, options: &o [{id: 1}]}",
        "{code: b, name: B, type: option, options: *o}",
    )
    text = f"version: 1\nside: pipedrive\nfields:\n- {first}\n- {second}\n"
    path = listed(tmp_path, text)
    with pytest.raises(MappingError, match="aliases"):
        update_field_list(path, schema(*FIELDS))
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("account", [Account(Side.PIPEDRIVE, "7"), Account(Side.PLEZI, "1234567")])
def test_a_list_of_another_account_is_not_overwritten(tmp_path: Path, account: Account) -> None:
    """Design 6, Accounts: field lists are bound to theirs."""
    path = listed(tmp_path, WRITTEN)
    with pytest.raises(AccountMismatch, match="1234567"):
        update_field_list(path, schema(*FIELDS, account=account))
    assert path.read_text("utf-8") == WRITTEN


def test_an_export_of_no_account_in_particular_may_add_to_any_list(tmp_path: Path) -> None:
    """A CSV file does not say whose it is; the list keeps its own account."""
    path = listed(tmp_path, WRITTEN)
    update_field_list(
        path, schema(Field("nb", "N", Kind.NUMBER), account=Account(Side.PIPEDRIVE, "")), observed=True
    )
    assert load_fields(path).account == ACME
    assert load_fields(path).by_code["nb"].observed


def test_a_broken_list_is_not_overwritten(tmp_path: Path) -> None:
    """What a person was in the middle of writing is theirs."""
    path = listed(tmp_path, WRITTEN + "  - code: half\n")
    with pytest.raises(MappingError) as caught:
        update_field_list(path, schema(*FIELDS))
    assert len(caught.value.findings) == 2
    assert path.read_text("utf-8").endswith("half\n")


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, StorageFull), (errno.EROFS, InputFileError)])
def test_a_disk_that_refuses_leaves_the_old_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    """Written beside and put in place at once: full disk or read-only, the old file stays, and nothing else does."""
    path = listed(tmp_path, WRITTEN)

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(error, match=r"fields\.yaml"):
        update_field_list(path, schema(*FIELDS, Field("nb", "N", Kind.NUMBER)))
    assert path.read_text("utf-8") == WRITTEN
    assert [path] == list(tmp_path.iterdir())


def test_a_list_that_is_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that the link leads to is written, with the permissions that it had."""
    (tmp_path / "real").mkdir()
    real = listed(tmp_path / "real", WRITTEN)
    real.chmod(0o600)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    update_field_list(link, schema(*FIELDS, Field("nb", "N", Kind.NUMBER)))
    assert link.is_symlink()
    assert "code: nb" in real.read_text("utf-8")
    assert real.stat().st_mode & 0o777 == 0o600


AWKWARD = [
    "yes", "No", "null", "~", "12", "010", "1e5", "0x1F", "a:b", "#a", "-a", "é", "'", '"', "\\", "{}", "[", "*a", "&a", "!",
    "%", "@", "`", "?", "true", "-", ":", "🙂", "00000000000000000000", "a: b", "a #b", "- a", "\t", "\n", "a\nb", " a ",
    "\x85", "\u2028", "\ufeff", "\x1b",
]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
)
OPTIONS = st.lists(st.builds(Option, WORDS, WORDS), max_size=3, unique_by=lambda option: option.id)


@st.composite
def remote_fields(draw: st.DrawFn) -> Field:
    """Any field that a service may tell of."""
    kind = draw(st.sampled_from([Kind.TEXT, Kind.OPTION, Kind.OTHER]))
    return Field(
        code=draw(WORDS),
        name=draw(WORDS),
        kind=kind,
        remote_type=draw(st.sampled_from(["", "enum"])),
        options=tuple(draw(OPTIONS)) if kind is Kind.OPTION else (),
        writable=draw(st.booleans()),
        max_length=draw(st.sampled_from([None, 255])),
        custom=draw(st.booleans()),
    )


SCHEMAS = st.lists(remote_fields(), min_size=1, max_size=3, unique_by=lambda field: field.code)


def told(field: Field) -> Field:
    """What a service says of a field, without the order of options and what it may leave unsaid."""
    options = tuple(sorted(field.options, key=lambda option: option.id))
    return replace(field, options=options, max_length=None, remote_type="")


@settings(max_examples=settings().max_examples // 4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(first=SCHEMAS, second=SCHEMAS, third=SCHEMAS)
def test_a_list_follows_its_service_whatever_the_words(
    first: list[Field], second: list[Field], third: list[Field], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any names, codes and labels survive writing and reading; after an update the file says what the service says.

    What the service leaves unsaid (a length, its own word for a type) stays as it was.
    """
    path = tmp_path_factory.getbasetemp() / "laws.yaml"
    path.unlink(missing_ok=True)
    update_field_list(path, schema(*first))
    assert load_fields(path) == schema(*first)
    for fields in (second, third):
        update_field_list(path, schema(*fields))
        found = load_fields(path).by_code
        assert {field.code: told(field) for field in fields} == {
            code: told(field) for code, field in found.items()
        }
        assert all(found[field.code].max_length == field.max_length for field in fields if field.max_length)
        assert all(
            found[field.code].remote_type == field.remote_type for field in fields if field.remote_type
        )
        assert not update_field_list(path, schema(*fields))
