"""Adds and removes accepted findings in their file; every other character stays: comments, order, quotes.

What is written is read again first: nothing reaches the disk that ``pdsync check`` would refuse.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pdsync.errors import MappingError, UsageError
from pdsync.mapfiles.accepted import read_accepted_text
from pdsync.mapfiles.document import Document, Source
from pdsync.mapfiles.editing import Editor, spelled
from pdsync.mapfiles.files import read_source, write_whole
from pdsync.mapfiles.problems import render_problems
from pdsync.model import Acknowledgement, Subject, Value

__all__ = ["add_accepted", "remove_accepted"]

_HEADER: Final = """\
# Findings of the audits that we know of and accept. They are still shown, and do not count for the quality gate;
# what a blocking finding keeps out of plans stays out. Records by id, never a name or an address: this file is for git.
# Each entry says which finding, about what, who accepted it, why, and until when. See: pdsync acknowledge --help

version: 1
accepted:
"""


def add_accepted(path: Path, entry: Acknowledgement) -> bool:
    """Write an entry, in the place of one with the same code and subject if there is one; whether there was.

    Raises:
        MappingError: the file is wrong, or would be; it is unchanged.
        InputFileError, StorageFull: it cannot be written; it is unchanged.
    """
    if not path.exists():
        lines = _lines(_plain(entry))
        text = _HEADER + "\n".join([f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])]) + "\n"
        _write(path, Source(str(path), text), text)
        return False
    source, document = _read(path)
    number = _place_of(document, entry.code, entry.subject)
    if number is not None:
        source = _without(source, document, number)
        document = _document(source)
    entries: Any = document.data
    count = len(entries["accepted"])
    editor = Editor(source, document)
    if count == 0:
        editor.replace(("accepted",), [_plain(entry)])
    else:
        editor.append(("accepted",), count, _plain(entry))
    _write(path, source, editor.text())
    return number is not None


def remove_accepted(path: Path, code: str, subject: Subject) -> None:
    """Take an entry out of the file.

    Raises:
        UsageError: there is none with this code and subject.
        MappingError: the file is wrong; it is unchanged.
        InputFileError, StorageFull: it cannot be written; it is unchanged.
    """
    if path.exists():
        source, document = _read(path)
        number = _place_of(document, code, subject)
        if number is not None:
            _write(path, source, _without(source, document, number).text)
            return
    raise UsageError(
        f"{path} has no entry with the code {code!r} and the subject {str(subject)!r}.",
        untouched="The file is as it was.",
        next_step="See what is acknowledged: pdsync acknowledge",
    )


def _plain(entry: Acknowledgement) -> dict[str, Value]:
    written: dict[str, Value] = {"code": entry.code, "subject": str(entry.subject)}
    if entry.also:
        written["also"] = [str(subject) for subject in entry.also]
    written |= {"who": entry.who, "why": entry.why}
    return written | ({"until": entry.until.isoformat()} if entry.until is not None else {})


def _lines(written: dict[str, Value]) -> list[str]:
    return [f"{key}: {spelled(value)}" for key, value in written.items()]


def _place_of(document: Document, code: str, subject: Subject) -> int | None:
    data: Any = document.data
    wanted = (code, str(subject))
    return next(
        (n for n, one in enumerate(data["accepted"]) if (one["code"], one["subject"]) == wanted), None
    )


def _without(source: Source, document: Document, number: int) -> Source:
    data: Any = document.data
    editor = Editor(source, document)
    try:
        editor.remove(("accepted",), number, len(data["accepted"]))
    except ValueError as error:
        raise MappingError(
            f"{document.place(('accepted', number))}  this entry does not stand on lines of its own; "
            "edit the file by hand",
            findings=(),
            untouched="The file is as it was.",
        ) from error
    return Source(source.path, editor.text(), mark=source.mark, encoding=source.encoding)


def _read(path: Path) -> tuple[Source, Document]:
    source, findings = read_source(path)
    document = None
    if source is not None:
        _, document, findings = read_accepted_text(source)
    if source is None or document is None or findings:
        raise MappingError(render_problems(findings), findings=findings, untouched="The file is as it was.")
    if document.aliased:
        place = document.place(document.aliased[0])
        raise MappingError(
            f"{place}  a file with aliases cannot be brought up to date; write them out",
            findings=(),
            untouched="The file is as it was.",
        )
    return source, document


def _document(source: Source) -> Document:
    _, document, findings = read_accepted_text(source)
    if document is None or findings:
        raise MappingError(render_problems(findings), findings=findings, untouched="The file is as it was.")
    return document


def _write(path: Path, source: Source, text: str) -> None:
    """Only what can be read again."""
    _document(Source(str(path), text))
    write_whole(path, source.mark + text.encode(source.encoding))
