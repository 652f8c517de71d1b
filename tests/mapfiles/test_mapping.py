"""What a mapping file means, which spellings mean the same, and the rules of the connector that it has to keep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pdsync import mapfiles
from pdsync.mapfiles import (
    check_mapping,
    load_mapping,
    read_mapping,
    render_problems,
    shipped_mapping,
    summary,
)
from pdsync.model import (
    Condition,
    ConflictPolicy,
    Direction,
    Existing,
    Finding,
    Limits,
    Mapping,
    Place,
    Scope,
    Severity,
    Side,
    WhenLeft,
)
from tests.mapfiles.reading import HERE, SMALL, mapping_of, said, shipped_schemas


def codes(folder: Path, text: str) -> list[str]:
    """The codes of the findings about a text."""
    path = folder / "m.yaml"
    path.write_text(text, "utf-8")
    return [finding.code for finding in read_mapping(path)[1]]


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    """R9, R13: only persons with the flag go to Plezi, only contacts with both names go to Pipedrive."""
    mapping = mapping_of(tmp_path, SMALL)
    assert {
        Side.PLEZI: Scope(Condition("sync_to_plezi", equals=("Yes",)), WhenLeft.CONTINUE, ()),
        Side.PIPEDRIVE: Scope(None, WhenLeft.CONTINUE, ("first_name", "last_name")),
    } == mapping.scope
    assert (Existing.LINK_ONLY, ConflictPolicy.MANUAL, Limits()) == (
        mapping.existing,
        mapping.conflicts,
        mapping.limits,
    )
    assert (mapping.enrol, mapping.consent, mapping.owner_on_create, mapping.audits) == (None, {}, "", {})


def test_the_names_rule_can_be_given_up_in_writing(tmp_path: Path) -> None:
    """R13 is the default; an empty list is a decision that stands in the file."""
    mapping = mapping_of(tmp_path, SMALL.replace("fields:", "  to_pipedrive: {require: []}\nfields:"))
    assert mapping.scope[Side.PIPEDRIVE].require == ()


def test_everybody_has_to_be_written_down(tmp_path: Path) -> None:
    """R9: importing the whole CRM takes a word, never an omission."""
    assert (
        mapping_of(tmp_path, SMALL.replace('{field: sync_to_plezi, is: "Yes"}', "everybody"))
        .scope[Side.PLEZI]
        .where
        is None
    )
    assert codes(tmp_path, SMALL.replace('{where: {field: sync_to_plezi, is: "Yes"}}', "{}")) == [
        "mapping-schema"
    ]


def test_values_know_where_they_stand(tmp_path: Path) -> None:
    """Lint, written long after the text is gone, still points at the column."""
    mapping = mapping_of(tmp_path, SMALL)
    assert Place(mapping.path, 4, 29) == mapping.places["scope.to_plezi.where.field"]
    assert Place(mapping.path, 6, 5) == mapping.fields[0].place
    assert Place(mapping.path, 6, 49) == mapping.fields[0].places["direction"]


SAME = {
    "comments": SMALL.replace("\n", " # a comment\n"),
    "quotes": SMALL.replace("name: contacts", "'name': \"contacts\""),
    "a description": SMALL + "description: only words\n",
    "defaults": SMALL + "conflicts: manual\nlimits: {creates: 500, changed_percent: 20.0}\nidentity: {match_on: email}\n",
    "block style": SMALL.replace(
        '{where: {field: sync_to_plezi, is: "Yes"}}', '\n    where:\n      is: ["Yes"]\n      field: sync_to_plezi'
    ),
    "order of keys": SMALL.replace("version: 1\nname: contacts\n", "name: contacts\nversion: 1\n"),
    "order of fields": "\n".join([*SMALL.splitlines()[:5], *reversed(SMALL.splitlines()[5:])]),
}  # fmt: skip
OTHER = {
    "a name": SMALL.replace("contacts", "others"),
    "a policy": SMALL + "conflicts: plezi\n",
    "a limit": SMALL + "limits: {creates: 501}\n",
    "a direction": SMALL.replace("direction: both", "direction: to_pipedrive", 1),
    "a label": SMALL.replace('"Yes"', '"yes"'),
    "true is not 'true'": SMALL.replace('"Yes"', "true"),
    "a field": SMALL + "  - {pipedrive: Secteur, plezi: plz_secteur, direction: off}\n",
    "an audit": SMALL + "audits: {duplicate-email: {}}\n",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_the_digest_is_that_of_the_meaning(tmp_path: Path, text: str) -> None:
    """Plans stay valid while a mapping is reformatted, commented or reordered."""
    small = mapping_of(tmp_path, SMALL)
    assert len(small.digest) == 64
    assert small.digest == mapping_of(tmp_path, text).digest


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER.keys())
def test_another_meaning_has_another_digest(tmp_path: Path, text: str) -> None:
    """R22: a changed setting is noticed."""
    assert mapping_of(tmp_path, SMALL).digest != mapping_of(tmp_path, text).digest


def test_a_text_and_the_same_text_as_true_differ(tmp_path: Path) -> None:
    """``is: true`` and ``is: "true"`` are not the same test."""
    assert (
        mapping_of(tmp_path, SMALL.replace('"Yes"', "true")).digest
        != mapping_of(tmp_path, SMALL.replace('"Yes"', '"true"')).digest
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{pipedrive: score, plezi: behaviour_score, direction: to_pipedrive}", []),
        ("{pipedrive: score, plezi: behaviour_score, direction: off}", []),
        ("{pipedrive: score, plezi: behaviour_score, direction: both}", ["mapping-schema"]),
        ("{pipedrive: score, plezi: plz_score, direction: to_plezi}", ["wrong-pair"]),
        ("{pipedrive: Points, plezi: behaviour_score, direction: to_pipedrive}", ["wrong-pair"]),
        ("{pipedrive: status, plezi: state, direction: to_pipedrive}", []),
        ("{pipedrive: status, plezi: state, direction: to_plezi}", ["mapping-schema"]),
        ("{pipedrive: plezi_url, plezi: plezi_url, direction: to_pipedrive}", []),
        ("{pipedrive: Origine, plezi: source, direction: to_pipedrive}", []),
        ("{pipedrive: source, plezi: source, direction: to_plezi}", ["mapping-schema"]),
        ("{pipedrive: source, plezi: plz_source, direction: both}", []),
        ("{pipedrive: email, plezi: email, direction: both, locked: true}", ["mapped-twice"]),
        ("{pipedrive: first_name, plezi: plz_prenom, direction: to_plezi}", ["wrong-pair"]),
        ("{pipedrive: Prénom, plezi: first_name, direction: to_pipedrive}", ["wrong-pair"]),
        ("{pipedrive: Autre, plezi: email, direction: to_pipedrive}", ["wrong-pair"]),
        ("{pipedrive: Secteur, plezi: plz_secteur, direction: to_plezi, conflicts: plezi, empty: propagate}", []),
        ("{pipedrive: Opt-in newsletter, plezi: plz_x, direction: to_plezi}", ["consent-not-covered"]),
        ("{pipedrive: x, plezi: plz_consentement_rgpd, direction: to_plezi}", ["consent-not-covered"]),
        ("{pipedrive: Désinscrit, plezi: plz_x, direction: off}", []),
        ("{pipedrive: Opticien, plezi: plz_conseil, direction: both}", []),
    ],
)  # fmt: skip
def test_single_entries_keep_the_connectors_rules(tmp_path: Path, entry: str, expected: list[str]) -> None:
    """R5, R6, R8, R12, R16 and consent, as far as the file alone can tell; R6 is in the schema."""
    assert expected == sorted(codes(tmp_path, f"{SMALL}  - {entry}\n"))


def test_consent_like_fields_may_be_mapped_once_consent_is_covered(tmp_path: Path) -> None:
    """Then opting out wins, whatever the field mapping says."""
    entry = "  - {pipedrive: marketing_status, plezi: plz_x, direction: to_plezi}\n"
    consent = "consent: {pipedrive: {field: marketing_status, opted_out: [unsubscribed]}}\n"
    assert codes(tmp_path, SMALL + entry) == ["consent-not-covered"]
    assert codes(tmp_path, SMALL + entry + consent) == []


@pytest.mark.parametrize("direction", [d for d in Direction if d is not Direction.OFF])
def test_locked_mappings_may_flow_one_way(tmp_path: Path, direction: Direction) -> None:
    """R12 fixes the pairing; a company that syncs one way (R16) says so for names as well."""
    assert codes(tmp_path, SMALL.replace("direction: both", f"direction: {direction}")) == []


def test_one_source_may_fill_several_targets(tmp_path: Path) -> None:
    """Only a target has to be written from one place."""
    entries = "".join(f"  - {{pipedrive: Secteur, plezi: plz_{n}, direction: to_plezi}}\n" for n in "abc")
    assert codes(tmp_path, SMALL + entries) == []


def test_pairs_may_join_entries_one_way(tmp_path: Path) -> None:
    """Two labels into one value translate to Plezi; the way back would have to guess."""
    pairs = "[{pipedrive: a, plezi: x}, {pipedrive: b, plezi: x}]"
    entry = f"  - {{pipedrive: S, plezi: s, direction: %s, options: {{pairs: {pairs}}}}}\n"
    assert codes(tmp_path, SMALL + entry % "to_plezi") == []
    assert codes(tmp_path, SMALL + entry % "to_pipedrive") == ["paired-twice"]
    assert codes(tmp_path, SMALL + entry % "both") == ["paired-twice"]


def test_a_part_with_a_problem_hides_no_other_problem(tmp_path: Path) -> None:
    """One pass names them all, in the order of the file, and nothing follows from a part that could not be read."""
    path = tmp_path / "m.yaml"
    path.write_text(
        SMALL.replace(
            "name: contacts", "name: contacts\nconsent: {pipedrive: {feld: marketing_status, opted_out: [x]}}"
        )
        + "  - {pipedrive: marketing_status, plezi: plz_commentaire, direction: to_plezi}\n"
        + "  - {pipedrive: Secteurs, plezi: plz_secteur, direction: botth}\n"
        + "  - {pipedrive: Secteurs, plezi: plz_secteur, direction: both}\n",
        "utf-8",
    )
    mapping, findings = check_mapping(path, shipped_schemas())
    assert mapping is None
    assert said(findings) == [
        "3:22 'field' is missing in pipedrive",
        "3:23 unknown key 'feld'; did you mean 'field'?",
        "11:58 direction: 'botth' is not one of both, to_plezi, to_pipedrive, off; did you mean 'both'?",
        "12:17 unknown field 'Secteurs' in Pipedrive; did you mean 'Secteur'?",
    ]


def test_the_shipped_mapping_is_green_on_its_field_lists() -> None:
    """``pdsync check`` has nothing to say about what people start from, not even advice."""
    mapping, findings = check_mapping(shipped_mapping(), shipped_schemas())
    assert findings == ()
    assert mapping == load_mapping(shipped_mapping())


def test_the_shipped_mapping_keeps_the_rules_that_it_explains() -> None:
    """R3 to R9, R11 to R13, R16 and R23, entry by entry."""
    mapping = load_mapping(shipped_mapping())
    flows = {(f.pipedrive, f.plezi): f.direction for f in mapping.fields}
    to_pipedrive = {pair for pair, direction in flows.items() if direction is Direction.TO_PIPEDRIVE}
    assert to_pipedrive == {
        ("plezi_url", "plezi_url"), ("source", "source"), ("score", "behaviour_score"), ("status", "state"),
        ("Function", "function"),
    }  # fmt: skip
    assert [f.pipedrive for f in mapping.fields if f.locked] == ["email", "first_name", "last_name"]
    assert mapping.scope[Side.PLEZI].where == Condition("sync_to_plezi", equals=("Yes",))
    assert mapping.scope[Side.PIPEDRIVE].require == ("first_name", "last_name")
    assert mapping.existing is Existing.LINK_ONLY
    assert mapping.consent.keys() == set(Side)


def test_the_shipped_files_name_the_schema_for_editors() -> None:
    """The modeline's path leads to the schema from where the file lies."""
    for path in (shipped_mapping(), *(shipped_mapping().parent / "fields").glob("*.yaml")):
        first = path.read_text("utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (path.parent / first.partition("=")[2]).resolve().is_file()


def test_problems_are_printed_like_a_compilers() -> None:
    """Aligned places, one line each, advice marked, the fix behind, the sum last."""
    findings = [
        Finding("b", Severity.WARNING, "second", place=Place("m.yaml", 12, 3), fix="do this"),
        Finding("d", Severity.BLOCKING, "nowhere"),
        Finding("a", Severity.BLOCKING, "first", place=Place("m.yaml", 2, 30)),
        Finding("c", Severity.INFO, "third", place=Place("m.yaml", 12, 4)),
    ]
    assert render_problems(findings).splitlines() == [
        "m.yaml:2:30  first",
        "m.yaml:12:3  warning: second; do this",
        "m.yaml:12:4  note: third",
        "nowhere",
        "2 problems, 1 warning and 1 note. Nothing was read or written.",
    ]
    assert render_problems(findings[:1]).splitlines()[-1] == "1 warning."
    assert summary([]) == "no problems"


def test_the_face_names_what_is_there() -> None:
    """Each name comes from its module on first use; another name is no name."""
    names = [name for names in mapfiles._MODULES.values() for name in names]
    assert sorted(names) == sorted(mapfiles.__all__)
    assert all(callable(getattr(mapfiles, name)) for name in names)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = mapfiles.nothing_like_it


def test_naming_the_package_loads_nothing_heavy() -> None:
    """PyYAML comes with the first name, jsonschema with the first file: it takes up to two seconds on some machines."""
    code = (
        "import sys, pdsync.mapfiles as m; heavy = ('yaml', 'jsonschema', 'polars', 'httpx')\n"
        "print([h for h in heavy if h in sys.modules]); m.load_mapping; print([h for h in heavy if h in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n['yaml']\n"


def test_the_full_example_is_a_mapping() -> None:
    """The one that the schema's tests are built on."""
    assert isinstance(load_mapping(HERE / "full.yaml"), Mapping)
