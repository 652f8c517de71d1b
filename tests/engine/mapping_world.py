"""A mapping file with its field lists, two snapshots of a few people, and the draft that a person changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pdsync.engine.mapping_draft import MappingDraft, open_draft
from pdsync.engine.mapping_view import MappingRow
from pdsync.mapfiles import read_mapping, update_field_list
from pdsync.model import Field, Side
from tests.engine.planning_world import World
from tests.planning.build import schemas

__all__ = ["TEXT", "MappingWorld", "row_of"]

TEXT = """# who flows where
version: 1
name: contacts
scope:
  to_plezi: {where: {field: sync_to_plezi, is: "Yes"}}
fields: # in order
  - {pipedrive: email, plezi: email, direction: both, locked: true} # (R12)
  - {pipedrive: first_name, plezi: first_name, direction: both, locked: true}
  - {pipedrive: last_name, plezi: last_name, direction: both, locked: true}
  # where they are
  - {pipedrive: City, plezi: plz_city, direction: both} # ask Florent
  - {pipedrive: source, plezi: source, direction: to_pipedrive}
  - pipedrive: Secteur
    plezi: plz_sector
    direction: both
    options:
      pairs:
        - {pipedrive: Industrie & énergie, plezi: industrie-energie} # (R24)
  - {pipedrive: Revenue, plezi: plz_revenue, direction: to_plezi, locked: true}
# the end
"""


class MappingWorld(World):
    """The same accounts as in the planner's tests, with the mapping in a file."""

    def __init__(
        self,
        folder: Path,
        text: str = TEXT,
        *,
        lists: bool = True,
        remote: Mapping[Side, tuple[Field, ...]] | None = None,
    ) -> None:
        """``remote``: the fields of both sides; None: those of the planner's tests. ``lists``: there are field lists."""
        super().__init__(folder)
        self.remote = dict(remote or {})
        self.path = folder / "mappings" / "contacts.yaml"
        (self.path.parent / "fields").mkdir(parents=True)
        self.write(text)
        if lists:
            for side, schema in schemas(fields=self.remote).items():
                update_field_list(self.path.parent / "fields" / f"{side}.yaml", schema)
        self.ws.settings = replace(self.ws.settings, mapping=self.path)
        self.ws.forget_mapping()
        mapping, _ = read_mapping(self.path)
        self.mapping = mapping or self.mapping

    def at(self, path: Path) -> None:
        """Call the file by another path."""
        self.path = path
        self.ws.settings = replace(self.ws.settings, mapping=path)

    def write(self, text: str) -> None:
        """Somebody writes the file."""
        self.path.write_bytes(text.encode())

    @property
    def text(self) -> str:
        """The file as it is."""
        return self.path.read_bytes().decode()

    def draft(self) -> MappingDraft:
        """The file, to be changed."""
        return open_draft(self.ws)


def row_of(draft: MappingDraft, name: str) -> MappingRow:
    """The field mapping of this Pipedrive field."""
    return next(row for row in draft.view().rows if row.entry.pipedrive == name)


def said(draft: MappingDraft) -> list[str]:
    """``10:5 message`` of each finding."""
    return [
        f"{one.place.line}:{one.place.column} {one.message}" for one in draft.view().findings if one.place
    ]


def sides(draft: MappingDraft) -> list[tuple[str, str]]:
    """Names and directions, in order."""
    return [(row.name(Side.PIPEDRIVE), row.written) for row in draft.view().rows]
