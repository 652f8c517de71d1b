"""The README and the help texts say what the code does: both are made from the same tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pdsync.cli.app import VERBS
from pdsync.cli.shell.exits import MEANINGS
from pdsync.mapfiles import check_mapping, load_fields, shipped_fields
from pdsync.model import Severity, Side
from pdsync.settings import SETTINGS
from tests.cli.golden import ROOT, check_block, check_file
from tests.cli.invoking import Run


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_is_golden(verb: str, run: Run) -> None:
    """What a person reads first; a change of any option shows here."""
    result = run(*([verb] if verb else []), "--help")

    assert result.code == 0
    check_file(f"{verb or 'pdsync'}.txt", result.out)


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_and_the_verb_say_the_same(verb: str, run: Run) -> None:
    """The list of verbs is shown without importing them; each verb's own help begins with that sentence."""
    text = " ".join(run(verb, "--help").out.split())

    assert VERBS[verb] in text


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_speaks_json(verb: str, run: Run) -> None:
    """--json is for all verbs."""
    assert "--json" in run(verb, "--help").out


@pytest.mark.parametrize("verb", VERBS)
def test_one_file_per_verb(verb: str) -> None:
    """A new verb is one file of its own name."""
    assert (ROOT / "pdsync" / "cli" / f"{verb}.py").is_file()


def test_no_file_without_a_verb() -> None:
    """A file beside the verbs is a verb, or the list of them."""
    files = {path.stem for path in (ROOT / "pdsync" / "cli").glob("*.py")}

    assert files == {*VERBS, "__init__", "app"}


def test_readme_lists_the_verbs() -> None:
    """The README's table of verbs."""
    rows = [f"| `pdsync {verb}` | {sentence} |" for verb, sentence in VERBS.items()]

    check_block("README.md", "verbs", "\n".join(["| verb | what it does |", "|---|---|", *rows]))


def test_readme_lists_the_settings() -> None:
    """The README's table of settings."""
    rows = [
        f"| {'-' if setting.secret else f'`{setting.key}`'} | `{setting.variable}` | "
        f"{f'`{setting.flag}`' if setting.flag else ''} | {setting.says}{_default(setting.default)} |"
        for setting in SETTINGS
    ]

    check_block(
        "README.md",
        "settings",
        "\n".join(["| in pdsync.toml | environment | flag | |", "|---|---|---|---|", *rows]),
    )


def _default(value: object) -> str:
    return f" (`{value}`)" if value not in (None, "", False) else ""


def test_readme_lists_the_exit_codes() -> None:
    """The README's table of exit codes."""
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]

    check_block("README.md", "exits", "\n".join(["| code | meaning |", "|---|---|", *rows]))


def test_the_mapping_in_the_readme_is_one(tmp_path: Path) -> None:
    """The 20 lines that everybody copies have no problem, against the field lists that come with pdsync."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"<!-- mapping: begin -->\n```yaml\n(.*?)```", text, flags=re.DOTALL)
    path = tmp_path / "mapping.yaml"
    path.write_text(example, encoding="utf-8")

    mapping, findings = check_mapping(path, {side: load_fields(shipped_fields(side), side) for side in Side})

    assert mapping is not None, findings
    assert [finding for finding in findings if finding.severity is Severity.BLOCKING] == []
    assert len(example.splitlines()) <= 22


DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
NOT_YET = {"erase"}
"""Named in SECURITY.md as what does not exist yet."""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_shows_exists(document: str) -> None:
    """No document tells people to type a verb or a make target that is not there."""
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert set(re.findall(r"(?:`|^|&& )pdsync ([a-z]+)", text, flags=re.MULTILINE)) <= {*VERBS, *NOT_YET}
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE)) <= set(targets)
