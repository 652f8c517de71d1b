"""What holds for every verb: exit codes, two streams, one message per error, no traceback."""

from __future__ import annotations

import errno
import inspect
import io
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pdsync import errors
from pdsync.cli.shell import output
from pdsync.cli.shell.exits import MEANINGS, ExitCode
from pdsync.cli.shell.narration import Narration, wants_colour
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import Finding, Place, Severity, Side
from tests.cli.invoking import Run, add_verb


def _failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @verb("state")
    @click.option("--email")
    def boom(session: Session, email: str | None) -> ExitCode:
        """A verb that fails."""
        assert session.settings.state.name
        raise error

    add_verb(monkeypatch, boom)


def _every_error() -> list[type[errors.PdsyncError]]:
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.PdsyncError)
    ]


def _made(kind: type[errors.PdsyncError]) -> errors.PdsyncError:
    parts = {"untouched": "Nothing was written.", "next_step": "Type something else."}
    if issubclass(kind, errors.MappingError):
        finding = Finding(
            "unknown-field", Severity.BLOCKING, "unknown field 'x'", place=Place("m.yaml", 3, 7)
        )
        return kind("problems", findings=[finding], **parts)
    if issubclass(kind, errors.StateLocked):
        return kind("It went wrong.", holder="somebody", since=None, **parts)
    return kind("It went wrong.", **parts)


@pytest.mark.parametrize("kind", _every_error(), ids=lambda kind: kind.__name__)
def test_every_error_is_one_message_and_its_exit_code(
    kind: type[errors.PdsyncError], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each class of the error tree ends with a documented code, says its three parts, and shows no traceback."""
    _failing(monkeypatch, _made(kind))

    result = run("boom")

    assert result.code == kind.exit_code
    assert result.code in set(ExitCode)
    assert "Type something else." in result.err
    assert "m.yaml:3:7" in result.err if kind is errors.MappingError else "It went wrong." in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


@pytest.mark.parametrize("kind", _every_error(), ids=lambda kind: kind.__name__)
def test_an_error_is_data_as_well(
    kind: type[errors.PdsyncError], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --json a program reads what happened from standard output, whatever happened."""
    _failing(monkeypatch, _made(kind))

    error = run("boom", "--json").data["error"]

    assert error["kind"] == kind.__name__
    assert error["exit_code"] == kind.exit_code
    assert error["next_step"] == "Type something else."


def test_every_exit_code_has_its_meaning() -> None:
    """The codes of design 7, each with a sentence in --help."""
    assert set(MEANINGS) == set(ExitCode)
    assert {int(code) for code in ExitCode} == {0, 1, 2, 3, 4, 10, 70, 130}


def test_interrupting_is_130_and_not_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C says what is kept and how to go on."""
    _failing(monkeypatch, KeyboardInterrupt())

    result = run("boom")

    assert result.code == 130
    assert "run the same command again" in result.err


def test_a_full_disk_has_a_message_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the disk is full, the person reads that it is full."""
    _failing(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "some/file"))

    result = run("boom")

    assert result.code == 2
    assert "There is no room left on the disk for some/file." in result.err


def test_a_bug_becomes_a_report_without_people(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An exception's message and an option's value may name somebody: neither is in the report, nor on the screen."""
    _failing(monkeypatch, RuntimeError("lucile.riviere@example.com has no name"))

    result = run("boom", "--email", "zoe@example.com", "--state", str(tmp_path / "s"))

    assert result.code == 70
    (report,) = (tmp_path / "s" / "crashes").iterdir()
    text = report.read_text(encoding="utf-8")
    assert str(report) in result.err
    assert "example.com" not in text + result.err
    assert "RuntimeError" in text
    assert "command: pdsync boom --email --state" in text
    assert "in boom" in text
    assert str(Path.home()) not in text
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert (tmp_path / "s" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_bug_with_a_state_that_is_removed_is_reported_elsewhere(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The demo's folder is gone when it ends: its report goes into the user's own state folder."""

    @verb("state")
    def boom(session: Session) -> ExitCode:
        """A verb that fails in a temporary state."""
        session.use_settings(session.settings, keeps_state=False)
        raise RuntimeError

    add_verb(monkeypatch, boom)
    monkeypatch.setattr("platformdirs.user_state_path", lambda name: tmp_path / "user" / name)

    assert run("boom").code == 70
    assert list((tmp_path / "user" / "pdsync" / "crashes").iterdir())
    assert not Path(".pdsync").exists()


def test_a_bug_with_causes_shows_each(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The innermost cause is what has to be mended."""
    try:
        try:
            raise KeyError("secret-key")
        except KeyError as error:
            raise ExceptionGroup("several", [TypeError("x")]) from error
    except ExceptionGroup as group:
        _failing(monkeypatch, group)

    run("boom")

    (report,) = Path(".pdsync/crashes").iterdir()
    text = report.read_text(encoding="utf-8")
    assert text.index("KeyError") < text.index("ExceptionGroup") < text.index("TypeError")
    assert "secret-key" not in text


def test_a_report_that_cannot_be_written_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A bug on a full disk still ends with a message."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    _failing(monkeypatch, RuntimeError())

    result = run("boom", "--state", str(tmp_path / "file" / "state"))

    assert result.code == 70
    assert "No report could be written." in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("aply",), "There is no verb 'aply'. Did you mean 'apply'?"),
        (("check", "--jsn"), "Did you mean '--json'?"),
        (("check", "too", "many"), "unexpected extra arguments"),
        (("check", "--mapping"), "requires an argument"),
        (("--nonsense",), "--nonsense"),
    ],
)
def test_a_wrong_word_is_exit_2_with_a_suggestion(words: tuple[str, ...], said: str, run: Run) -> None:
    """Usage problems say what is wrong and where help is; nothing was done."""
    result = run(*words)

    assert result.code == 2
    assert said in result.err
    assert "Nothing was read or written." in result.err
    assert result.out == ""


def test_no_words_show_the_help(run: Run) -> None:
    """``pdsync`` alone is a question, not a mistake."""
    result = run()

    assert result.code == 0
    assert "Verbs:" in result.out


def test_a_closed_pipe_does_not_stop_a_verb(tmp_path: Path) -> None:
    """``pdsync ... | head`` drops the rest of the output; the work, and its exit code, go on."""
    program = (
        "from pdsync.cli.shell import output\n"
        "for _ in range(20000): output.write_text('x' * 80)\n"
        f"open({str(tmp_path / 'done')!r}, 'w').close()\n"
        "output.settle()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()

    assert process.wait(30) == 0
    assert complaint == b""
    assert (tmp_path / "done").exists()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_odd_terminals_show_escapes_instead_of_failing(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    r"""A terminal without UTF-8 shows \u0141 for a letter it lacks; no name may end a verb."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))

    output.write_text("Zoé Łucja")
    output.write_json({"name": "Zoé Łucja"})

    shown = raw.getvalue().decode(encoding)
    assert "Łucja" in shown if encoding == "utf-8" else r"\u0141ucja" in shown


def test_json_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON holds the exact value, control characters included: only terminals are protected."""
    output.write_json({"name": "a\x1b[31mb"})

    assert capsys.readouterr().out == '{\n  "name": "a\\u001b[31mb"\n}\n'


def test_hostile_text_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A name from a CRM may hold escape sequences; they are shown, not obeyed."""
    Narration().say("Zoé \x1b]0;owned\x07\u202eevil\r\nsecond line")

    assert capsys.readouterr().err == "Zoé \\x1b]0;owned\\x07\\u202eevil\\x0d\nsecond line\n"


def test_quiet_narration_says_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    """--quiet is for cron: nothing but problems."""
    narration = Narration(quiet=True)
    narration.say("working")
    narration.error(errors.UsageError("wrong"))

    assert capsys.readouterr().err == "wrong\n"


def test_colour_only_on_a_terminal_and_never_against_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """no-color.org, TERM=dumb, and files."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())


def test_flags_reach_the_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag of the table beats the environment, and ends up in the session."""
    seen: list[Path | None] = []

    @verb("state", "plezi.file", "read_only")
    def look(session: Session) -> ExitCode:
        """Look at settings."""
        seen.extend([session.settings.state, session.settings.on(Side.PLEZI).file])
        seen.append(Path("read-only") if session.settings.read_only else None)
        return ExitCode.OK

    add_verb(monkeypatch, look)
    monkeypatch.setenv("PDSYNC_STATE", "elsewhere")

    assert run("look").code == 0
    assert run("look", "--state", "here", "--plezi", "c.csv", "--read-only").code == 0
    assert seen == [Path("elsewhere"), None, None, Path("here"), Path("c.csv"), Path("read-only")]


def test_no_flag_can_hold_a_token() -> None:
    """A process list shows flags: tokens have none."""
    from pdsync.settings import SETTINGS

    assert [setting.key for setting in SETTINGS if setting.secret and setting.flag] == []
