"""Brings a field list up to date and keeps what people wrote: comments, order, and whatever the service does not say.

Pipedrive lists its own fields, so its answer is the truth: facts that differ are replaced, new fields and options are
added, and what it no longer lists is marked ``gone: true`` (data may still hold a deleted option; a person takes the
entry out of the file). Plezi lists nothing: what was seen in contacts is added, marked ``observed: true``, and nothing
else is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdsync.errors import AccountMismatch, MappingError
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import MAX_BYTES, Document, Source, parse
from pdsync.mapfiles.document import Path as DataPath
from pdsync.mapfiles.editing import Editor, block, spelled
from pdsync.mapfiles.fields import checked_schema, identity_at
from pdsync.mapfiles.files import read_source, write_whole
from pdsync.mapfiles.problems import render_problems
from pdsync.model import Field, Finding, Option, RemoteSchema, Value, composed

__all__ = ["FieldListUpdate", "update_field_list"]

_DEFAULTS: Mapping[str, Value] = {
    "remote_type": "",
    "custom": False,
    "writable": True,
    "clearable": True,
    "required": False,
    "max_length": None,
}
"""In the order in which they are written. A fact that equals its default is left out."""

_HEADER = {
    "pipedrive": "# The person fields of Pipedrive, without any person. `pdsync pull --fields` brings it up to date\n"
    "# and keeps your comments.\n",
    "plezi": "# The contact fields of Plezi, without any contact. No call is known that lists them: correct this by hand.\n"
    "# `pdsync pull --fields` adds what it sees in contacts, marked `observed: true`, and changes nothing else.\n",
}


@dataclass(frozen=True, slots=True)
class FieldListUpdate:
    """What changed in a field list, in words for a person: ``Secteur``, ``Secteur: option 'Santé'``."""

    path: str
    created: bool = False
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether the file was written."""
        return self.created or bool(self.added or self.changed or self.gone)


def update_field_list(path: Path | str, schema: RemoteSchema, *, observed: bool = False) -> FieldListUpdate:
    """Write what is new about the fields of one side into its field list, or write a new list.

    Args:
        path: Of the list; its folder is made if need be. An unchanged list is not written at all.
        schema: What the service said, or what was seen.
        observed: ``schema`` was only seen in data: nothing but new entries is written.

    Raises:
        MappingError: the file is no field list, or one with aliases. It is unchanged.
        AccountMismatch: it is the list of another account. It is unchanged.
        InputFileError, StorageFull: it cannot be written. It is unchanged.
    """
    file = Path(path)
    if not file.exists():
        text = _new_list(schema, observed=observed)
        _reread(str(path), text)
        write_whole(file, text.encode())
        return FieldListUpdate(str(path), created=True, added=tuple(f.name for f in schema.fields))
    source, document = _read(file, schema)
    merge = _Merge(source, document, schema, observed=observed)
    merge.run()
    update = FieldListUpdate(
        str(path), added=tuple(merge.added), changed=tuple(merge.changed), gone=tuple(merge.gone)
    )
    text = merge.editor.text()
    if text != source.text:
        _reread(str(path), text)
        write_whole(file, text.encode())
    return update


def _read(file: Path, schema: RemoteSchema) -> tuple[Source, Document]:
    source, findings = read_source(file)
    document = None
    if source is not None:
        document, findings = parse(source)
    if source is None or document is None:
        raise _problem(findings)
    breaches = tuple(finding for _, finding in check(document, "field-list-v1"))
    known, findings = (None, breaches) if breaches else checked_schema(document)
    if known is None:
        raise _problem(findings)
    if document.aliased:
        place = document.place(document.aliased[0])
        raise MappingError(
            f"{place}  a field list with aliases cannot be brought up to date; write them out", findings=()
        )
    ours, theirs = known.account, schema.account
    if ours.side is not theirs.side or (ours.id and theirs.id and ours.id != theirs.id):
        raise AccountMismatch(
            f"{file} is the field list of {ours.side.label} account {ours.id or 'any'}, "
            f"but the fields come from {theirs.side.label} account {theirs.id or 'any'}.",
            untouched="The file is unchanged.",
            next_step="Use another file for another account.",
        )
    return source, document


def _problem(findings: tuple[Finding, ...]) -> MappingError:
    return MappingError(render_problems(findings), findings=findings)


class _Merge:
    """One file and one schema. ``run`` asks the editor for every change."""

    def __init__(self, source: Source, document: Document, schema: RemoteSchema, *, observed: bool) -> None:
        self.editor = Editor(source, document)
        self.added: list[str] = []
        self.changed: list[str] = []
        self.gone: list[str] = []
        self._document = document
        self._schema = schema
        self._observed = observed
        self._data: Any = document.data

    def run(self) -> None:
        """Account, fields that are listed, fields that are new."""
        account = self._schema.account
        if account.id and "account" not in self._data and not self._observed:
            self.editor.add_key((), "account", _account(self._schema), after="side")
            self.changed.append("account")
        fields = self._data["fields"]
        listed = {
            identity_at(self._document, ("fields", number, "code"), written["code"]): number
            for number, written in enumerate(fields)
        }
        for field in self._schema.fields:
            number = listed.get(field.code)
            if number is None:
                entry = _field(field, observed=self._observed)
                self.editor.append(("fields",), len(fields), entry)
                self.added.append(field.name)
            else:
                self._field(("fields", number), fields[number], field)
        if self._observed:
            return
        for code, number in listed.items():
            if code not in self._schema.by_code and not fields[number].get("gone"):
                self._set(("fields", number), fields[number], "gone", value=True, after="code")
                self.gone.append(fields[number]["name"])

    def _field(self, path: DataPath, written: Mapping[str, Any], field: Field) -> None:
        if not self._observed:
            facts: dict[str, Value] = {"name": field.name, "type": str(field.kind)}
            facts |= {key: value for key, value in _facts(field).items() if value not in ("", None)}
            differing = [key for key, value in facts.items() if written.get(key, _DEFAULTS.get(key)) != value]
            for key in differing:
                self._set(path, written, key, value=facts[key], after=_before(key, written))
            for key in ("observed", "gone"):
                if written.get(key):
                    self._set(path, written, key, value=False, after="code")
                    differing.append(key)
            if differing:
                self.changed.append(f"{field.name}: {', '.join(differing)}")
        self._options(path, written, field)

    def _options(self, path: DataPath, written: Mapping[str, Any], field: Field) -> None:
        entries = written.get("options", [])
        listed = {
            composed(identity_at(self._document, (*path, "options", number, "id"), entry["id"])): number
            for number, entry in enumerate(entries)
        }
        new = [option for option in field.options if option.id not in listed]
        fresh = [_option(option, observed=self._observed) for option in new]
        name = written["name"] if self._observed else field.name
        self.added += [f"{name}: option {option.label!r}" for option in new]
        if fresh and "options" not in written:
            self.editor.add_list(path, "options", fresh, after=list(written)[-1])
        elif fresh and not entries:
            self.editor.replace((*path, "options"), fresh)
        else:
            for entry in fresh:
                self.editor.append((*path, "options"), len(entries), entry, one_line=True)
        if self._observed:
            return
        for option in field.options:
            if option.id in listed:
                number = listed[option.id]
                self._option((*path, "options", number), entries[number], option, field)
        for identity, number in listed.items():
            if field.option(identity) is None and not entries[number].get("gone"):
                self._set((*path, "options", number), entries[number], "gone", value=True, after="id")
                self.gone.append(f"{field.name}: option {entries[number].get('label', identity)!r}")

    def _option(self, path: DataPath, written: Mapping[str, Any], option: Option, field: Field) -> None:
        differs = composed(written.get("label", option.id)) != option.label
        if differs:
            self._set(path, written, "label", value=option.label, after="id")
        for key in ("observed", "gone"):
            if written.get(key):
                self._set(path, written, key, value=False, after="id")
                differs = True
        if differs:
            self.changed.append(f"{field.name}: option {option.label!r}")

    def _set(self, path: DataPath, written: Mapping[str, Any], key: str, *, value: Value, after: str) -> None:
        if key in written:
            self.editor.replace((*path, key), value)
        else:
            self.editor.add_key(path, key, value, after=after)


def _before(key: str, written: Mapping[str, Any]) -> str:
    """The key behind which a new key belongs, in the order in which keys are written."""
    order = ["code", "name", "type", *_DEFAULTS]
    return next(word for word in reversed(order[: order.index(key)]) if word in written)


def _facts(field: Field) -> dict[str, Value]:
    return {key: getattr(field, key) for key in _DEFAULTS}


def _field(field: Field, *, observed: bool) -> dict[str, Value]:
    entry: dict[str, Value] = {"code": field.code, "name": field.name, "type": str(field.kind)}
    entry |= {key: value for key, value in _facts(field).items() if value != _DEFAULTS[key]}
    if observed or field.observed:
        entry["observed"] = True
    if field.options:
        entry["options"] = [_option(option, observed=observed) for option in field.options]
    return entry


def _option(option: Option, *, observed: bool) -> dict[str, Value]:
    entry: dict[str, Value] = {"id": _short(option.sent)}
    if option.label != option.id:
        entry["label"] = option.label
    if observed or option.observed:
        entry["observed"] = True
    return entry


def _short(identity: str) -> Value:
    """Pipedrive's numbers without quotes; 010 and longer ones stay text."""
    return (
        int(identity)
        if identity.isascii() and identity.isdigit() and str(int(identity)) == identity
        else identity
    )


def _account(schema: RemoteSchema) -> dict[str, Value]:
    named: dict[str, Value] = {"id": schema.account.id}
    return named | ({"name": schema.account.name} if schema.account.name else {})


def _new_list(schema: RemoteSchema, *, observed: bool) -> str:
    lines = [_HEADER[schema.side], "version: 1", f"side: {schema.side}"]
    if schema.account.id:
        lines.append(f"account: {spelled(_account(schema))}")
    lines.append("fields:")
    for field in schema.fields:
        first, *others = block(_field(field, observed=observed))
        lines += [f"  - {first}", *(f"    {line}" for line in others)]
    return "\n".join(lines) + "\n"


def _reread(path: str, text: str) -> None:
    """Nothing is written that could not be read again."""
    document, findings = parse(Source(path, text))
    too_large = len(text.encode()) > MAX_BYTES
    if document is None or too_large or check(document, "field-list-v1"):
        raise MappingError(f"{path} could not be brought up to date; it is unchanged.", findings=findings)
