"""Writes fix files: a new one whole, with words at the head of each group; an existing one entry by entry, in place.

What a person did to the file (decisions, comments, order) is kept to the letter by every change in place. Comments that
are written here hold counts and words of pdsync's own, never a word from a CRM.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pdsync.errors import MappingError
from pdsync.mapfiles.document import Document, Path, Source, parse
from pdsync.mapfiles.editing import Editor, Word, block, spelled
from pdsync.mapfiles.fixes import is_accepted, read_text
from pdsync.mapfiles.problems import render_problems
from pdsync.model import (
    FixFile,
    MergeProposal,
    MissingOption,
    PairProposal,
    Proposal,
    Repair,
    Side,
    Value,
)

__all__ = ["MOST", "added", "decided", "decisions", "fixes_lines", "removed"]

MOST = 5_000
"""Proposals of one file: more than people review, and few enough for the reader's bounds (a proposal has some 15 values
and 200 characters)."""
_WIDTH = 118

_HEAD = """\
Repairs that pdsync proposes. It holds names and addresses of people: keep it out of git, delete it when it is done.

Review each line. 'accept: yes' means: do this. 'now' is what the record holds, 'set' is what it would hold.
What begins as 'yes' only changes how a value is written; everything else waits for your yes. You may correct 'set'.
Nothing is written before you have seen it as a plan: pdsync plan --fixes FILE, then pdsync apply."""

_GROUPS = {
    "pairs": "Options that probably mean the same. The accepted ones go into the mapping: pdsync fixes FILE --write-pairs",
    "options": "Options that one list has and the other has not. 'accept: yes' adds it to the list of 'side' by a plan, "
    "where a call for that is known: to Pipedrive's custom fields. In Plezi none is known: add it there by hand. Or pair it "
    "with another option in the mapping.",
    "merges": "Records that are probably one person. Merge them by hand, behind the links: Pipedrive cannot undo a merge, "
    "so pdsync carries none out. Look whether they really are one before you do.",
}


def fixes_lines(fixes: FixFile, words: Mapping[str, str]) -> Iterator[str]:
    """The lines of a new file, without line ends; one proposal a line.

    Args:
        fixes: Repairs in groups: those of one audit one after the other.
        words: Audit code -> what its findings and repairs are, for the head of the group.
    """
    yield from _comment(_HEAD, "")
    yield ""
    yield "version: 1"
    yield f"mapping: {spelled(fixes.mapping)}"
    yield f"accounts: {spelled({str(side): fixes.accounts[side] for side in Side})}"
    if fixes.repairs:
        yield ""
        yield "repairs:"
        for code, repairs in groupby(fixes.repairs, key=lambda repair: repair.code):
            yield from _comment(words.get(code, ""), "  ")
            yield f"  {code}:"
            yield from (f"    - {spelled(_entry(repair))}" for repair in repairs)
    for key, entries in _other(fixes):
        if entries:
            yield ""
            yield from _comment(_GROUPS[key], "")
            yield f"{key}:"
            yield from (f"  - {spelled(_entry(entry))}" for entry in entries)


def added(source: Source, proposals: Sequence[Proposal]) -> tuple[Source, int]:
    """The text with these proposals behind those of their groups, and how many were not there yet.

    Raises:
        MappingError: the text has problems, or is written in a way in which nothing can be added.
    """
    count = 0
    for path, wanted in _by_group(proposals):
        data, document = _read(source)
        held = {_identity(one) for one in _look(data, path) or ()}
        new = [entry for entry in wanted if _identity(entry) not in held]
        if new:
            source = _changed(source, _with_entries(source, document, path, new), len(new))
            count += len(new)
    return source, count


def removed(source: Source, proposals: Sequence[Proposal]) -> tuple[Source, int]:
    """The text without these proposals, whatever was decided about them, and how many were there.

    Raises:
        MappingError: as ``added``.
    """
    count = 0
    for path, entries in _by_group(proposals):
        data, document = _read(source)
        wanted = {_identity(entry) for entry in entries}
        held = _look(data, path) or []
        numbers = [number for number, one in enumerate(held) if _identity(one) in wanted]
        if numbers:
            source = _changed(
                source, _without_entries(source, document, path, numbers, len(held)), -len(numbers)
            )
            count += len(numbers)
    return source, count


def decided(source: Source, proposals: Sequence[Proposal]) -> tuple[Source, int]:
    """The text in which these proposals, as far as they are there, are accepted or not; and how many that changed.

    Raises:
        MappingError: as ``added``.
    """
    data, document = _read(source)
    editor, count = Editor(source, document), 0
    for path, entries in _by_group(proposals):
        words = {_identity(entry): entry["accept"] for entry in entries if "accept" in entry}
        for number, held in enumerate(_look(data, path) or ()):
            word = words.get(_identity(held))
            if word is None or is_accepted(held) == (word == "yes"):
                continue
            count += 1
            if "accept" in held:
                editor.replace((*path, number, "accept"), word)
            else:
                editor.add_key((*path, number), "accept", word, after=list(held)[-1])
    return (_changed(source, editor.text(), 0), count) if count else (source, 0)


def decisions(source: Source, proposals: Sequence[Proposal]) -> list[tuple[Proposal, bool | None]]:
    """Each proposal as the text has it, with what was decided about it: accepted or not; None: it is not there.

    A merge, which nothing carries out, is only there or not.

    Raises:
        MappingError: the text has problems.
    """
    data, _ = _read(source)
    found: list[tuple[Proposal, bool | None]] = []
    for proposal in proposals:
        wanted = _identity(_entry(proposal))
        entries = _look(data, _group(proposal)) or ()
        held = next((one for one in entries if _identity(one) == wanted), None)
        if held is None:
            found.append((proposal, None))
        elif isinstance(proposal, MergeProposal):
            found.append((proposal, True))
        elif isinstance(proposal, Repair):  # a person may have corrected it
            found.append((replace(proposal, to=held["set"]), is_accepted(held)))
        else:
            found.append((proposal, is_accepted(held)))
    return found


def _with_entries(
    source: Source, document: Document, path: Path, entries: Sequence[Mapping[str, Value]]
) -> str:
    """The text with more entries in the group at ``path``."""
    editor = Editor(source, document)
    held, repairs = _look(document.data, path), _look(document.data, path[:-1])
    if held:
        for entry in entries:
            editor.append(path, len(held), entry, one_line=True)
    elif path in document.values:
        return _filled(source, document, path, [f"- {spelled(entry)}" for entry in entries])
    elif len(path) == 1 or repairs:
        editor.add_list(path[:-1], str(path[-1]), entries, after=list(repairs or ())[-1])
    elif path[:-1] in document.values:
        return _filled(source, document, path[:-1], block({str(path[-1]): entries}))
    else:
        root = list(_look(document.data, ()))
        editor.add_group((), str(path[0]), str(path[1]), entries, after=root[-1])
    return editor.text()


def _filled(source: Source, document: Document, path: Path, lines: Sequence[str]) -> str:
    """The text with lines in an empty group: ``[]``, ``{}``, or nothing behind its key."""
    span, text = document.spans[path], source.text
    indent = " " * (document.keys[path].column + 1)
    newline = "\r\n" if "\r\n" in text else "\n"
    new = "".join(f"{newline}{indent}{line}" for line in lines)
    return text[: span.start].rstrip(" ") + new + text[span.end :]


def _without_entries(
    source: Source, document: Document, path: Path, numbers: Sequence[int], count: int
) -> str:
    """The text without these entries of the group at ``path``; an empty one stays, with what stands at its head."""
    if len(numbers) == count:
        span, text = document.spans[path], source.text
        return text[: text.rfind(":", 0, span.start) + 1] + " []" + text[span.end :]
    editor = Editor(source, document)
    try:
        for number in numbers:
            editor.remove(path, number, count)
    except ValueError as error:
        raise _refused(source, str(error)) from error
    return editor.text()


def _changed(source: Source, text: str, more: int) -> Source:
    """The changed text, read again: it has to hold one entry more or less, and everything else as it was."""
    new = Source(source.path, text, mark=source.mark, encoding=source.encoding)
    before, _ = _read(source)
    document, _ = parse(new)
    if document is None or _count(document.data) != _count(before) + more:
        raise _refused(source, "it is written in a way in which it cannot be changed in place")
    return new


def _count(data: object) -> int:
    if not isinstance(data, Mapping):
        return -1
    repairs = data.get("repairs") or {}
    return sum(len(entries or ()) for entries in repairs.values()) + sum(
        len(data.get(key) or ()) for key in _GROUPS
    )


def _by_group(proposals: Iterable[Proposal]) -> Iterator[tuple[Path, list[dict[str, Value]]]]:
    groups: dict[Path, list[dict[str, Value]]] = {}
    for proposal in proposals:
        groups.setdefault(_group(proposal), []).append(_entry(proposal))
    yield from groups.items()


def _read(source: Source) -> tuple[object, Document]:
    fixes, document, findings = read_text(source)
    if document is None or (fixes is None and any(f.code == "mapping-schema" for f in findings)):
        raise MappingError(
            render_problems(findings), findings=findings, untouched=f"{source.path} is as it was."
        )
    return document.data, document


def _look(data: object, path: Path) -> Any:  # noqa: ANN401 - what the schema says of that place
    value = data
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value or None


def _refused(source: Source, why: str) -> MappingError:
    return MappingError(
        f"{source.path} cannot be changed: {why}.",
        findings=(),
        untouched="It is as it was.",
        next_step="Change it with an editor, or write a new one: pdsync audit --fixes FILE",
    )


def _group(proposal: Proposal) -> Path:
    match proposal:
        case Repair():
            return ("repairs", proposal.code)
        case PairProposal():
            return ("pairs",)
        case MissingOption():
            return ("options",)
        case MergeProposal():
            return ("merges",)


def _entry(proposal: Proposal) -> dict[str, Value]:
    """A proposal as the file has it."""
    match proposal:
        case Repair():
            entry: dict[str, Value] = {
                "accept": _word(proposal.accepted),
                "record": str(proposal.record),
                "now": dict(proposal.now),
                "set": dict(proposal.to),
            }
            return entry | ({"one_of": proposal.one_of} if proposal.one_of else {})
        case PairProposal():
            return {
                "accept": _word(proposal.accepted),
                "field": proposal.field,
                "pipedrive": proposal.pipedrive,
                "plezi": proposal.plezi,
            }
        case MissingOption():
            return {
                "accept": _word(proposal.accepted),
                "side": str(proposal.side),
                "field": proposal.field,
                "label": proposal.label,
                "records": proposal.records,
            }
        case MergeProposal():
            return {
                "keep": str(proposal.keep),
                "merge": [str(one) for one in proposal.merge],
                "why": proposal.why,
                "links": list(proposal.links),
            }


def _word(accepted: bool) -> Word:  # noqa: FBT001 - the value itself
    return Word("yes" if accepted else "no")


def _identity(entry: Mapping[str, Value]) -> object:
    """What makes an entry the one that it is: not the decision, and not what a person may correct."""
    if "record" in entry:
        now = entry["now"]
        return entry["record"], tuple(now) if isinstance(now, Mapping) else ()
    if "keep" in entry:
        merge = entry["merge"]
        return entry["keep"], tuple(merge) if isinstance(merge, Sequence) else ()
    return tuple(entry.get(key) for key in ("side", "field", "label", "pipedrive", "plezi"))


def _other(fixes: FixFile) -> Iterator[tuple[str, Sequence[Proposal]]]:
    yield "pairs", fixes.pairs
    yield "options", fixes.options
    yield "merges", fixes.merges


def _comment(text: str, indent: str) -> Iterator[str]:
    for paragraph in text.splitlines():
        lines = textwrap.wrap(paragraph, _WIDTH - len(indent) - 2) or [""]
        yield from (f"{indent}# {line}".rstrip() for line in lines)
