from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

import pdsync
from pdsync.api.notebook_files import find_notebook, shipped_notebooks
from pdsync.api.reports import make_report
from pdsync.cli.shell.running import run
from pdsync.errors import UsageError


@pytest.mark.parametrize("name", ["readiness", "05", "05-go-live-readiness"])
def test_a_notebook_by_what_people_type(name: str) -> None:
    """Its name, its number, or a part of it."""
    assert find_notebook(name).stem == "05-go-live-readiness"


@pytest.mark.parametrize(
    ("name", "says"), [("nothing", "There is no notebook"), ("e", "may be each of"), ("", "no notebook")]
)
def test_a_wrong_name_lists_the_right_ones(name: str, says: str) -> None:
    """No guess: what there is, is listed."""
    with pytest.raises(UsageError, match=says) as caught:
        find_notebook(name)
    assert "01-first-look" in caught.value.next_step


def test_an_unknown_parameter_lists_the_known() -> None:
    """A misspelt parameter would make a report of somebody else's data."""
    with pytest.raises(UsageError, match="no parameter 'acount'") as caught:
        make_report("readiness", parameters={"acount": "."})
    assert "account='demo', reads=5" in caught.value.next_step
    with pytest.raises(UsageError, match="whole number"):
        make_report("readiness", parameters={"reads": "many"})


def own_notebook(folder: Path, *lines: str) -> Path:
    """A notebook that somebody wrote, without Jupyter's header; it loads no chart library, so it is quick to run."""
    path = folder / "mine.py"
    head = (
        "# %% [markdown]",
        "# # Mine",
        '# %% tags=["parameters"]',
        'account = "demo"',
        "people = 3",
        "# %%",
    )
    path.write_text("\n".join([*head, "import pdsync", *lines]), encoding="utf-8")
    return path


@pytest.mark.long
def test_an_account_without_snapshots_says_what_to_run(tmp_path: Path) -> None:
    """The notebook stops, no report is made, and the message is the engine's own."""
    page = tmp_path / "page.html"
    mine = own_notebook(tmp_path, "pdsync.open_account(account).audit()")

    with pytest.raises(UsageError, match="pdsync pull"):
        make_report(str(mine), page, {"account": str(tmp_path)})

    assert not page.exists()


@pytest.mark.long
def test_a_report_of_a_notebook_of_ones_own(
    tmp_path: Path, demo_account: pdsync.Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose data, under which mapping, when, with which parameters; contents; no code, no folder of this machine."""
    page, folder = tmp_path / "deep" / "page.html", demo_account.state.parent
    cells = ("here = pdsync.open_account(account)", "here", "# %% [markdown]", "# ## Some of them", "# %%")
    mine = own_notebook(tmp_path, *cells, "here.persons.records.lazy().head(people).collect().height * '*'")

    code = run(
        ["report", str(mine), "-p", f"account={folder}", "-p", "people=7", "-o", str(page), "--json", "-q"]
    )

    assert code == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(page)
    text = page.read_text(encoding="utf-8")
    assert "<h1>Mine</h1>" in text
    assert re.search(r"Made on \d\d \w+ \d{4}, \d\d:\d\d UTC with pdsync [\d.]+, people = 7<", text)
    assert re.search(r'<li><a href="#[\w-]+">Some of them</a></li>', text)
    assert "Sandbox SAS" in text
    assert "contacts.yaml, not in git (digest " in text
    assert "'*******'" in text
    assert "open_account" not in text
    assert str(folder) not in text


@pytest.mark.long
def test_a_report_of_ones_own_account(tmp_path: Path, demo_account: pdsync.Account) -> None:
    """``pdsync report readiness -p account=FOLDER``: run on that folder, with as many reads as were asked for."""
    page = tmp_path / "page.html"

    words = ["report", "readiness", "-p", f"account={demo_account.state.parent}", "-p", "reads=2"]
    assert run([*words, "-o", str(page), "-q"]) == 0

    assert "at the first of 2 reads" in page.read_text(encoding="utf-8")


def test_reports_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name: which there are."""
    assert run(["report", "-q"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(shipped_notebooks())
    assert said[4].split(maxsplit=1) == ["05-go-live-readiness", "Ready to go live?"]


def test_copies_to_work_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``pdsync notebooks DIR``: valid .ipynb without outputs; a second time nothing is overwritten."""
    folder = tmp_path / "mine"

    assert run(["notebooks", str(folder), "-q"]) == 0
    made = sorted(folder.glob("*.ipynb"))
    assert [path.stem for path in made] == [path.stem for path in shipped_notebooks()]
    for path in made:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
        assert all(not cell.get("outputs") for cell in notebook.cells)
    made[0].write_text("mine", encoding="utf-8")
    capsys.readouterr()

    assert run(["notebooks", str(folder), "-q"]) == 2
    assert "No notebook was copied" in capsys.readouterr().err
    assert made[0].read_text(encoding="utf-8") == "mine"


def test_a_pair_without_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    """``-p account`` is half a parameter."""
    assert run(["report", "readiness", "-p", "account"]) == 2
    assert "NAME=VALUE" in capsys.readouterr().err
