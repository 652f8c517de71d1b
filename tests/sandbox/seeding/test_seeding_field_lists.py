from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pdsync.sandbox.plezi.fields import STANDARD_FIELDS
from pdsync.sandbox.seeding import fieldset

FIELD_LISTS = Path(__file__).parents[3] / "mappings" / "fields"


def written(side: str) -> dict[str, dict[str, Any]]:
    """The shipped field list of a side, by code."""
    document = yaml.safe_load((FIELD_LISTS / f"{side}.yaml").read_text("utf-8"))
    return {field["code"]: field for field in document["fields"]}


def test_shipped_list_of_pipedrive_is_that_of_the_demo() -> None:
    """Names, types and options of the custom fields: `check` works offline against the demo's account."""
    listed = {code: field for code, field in written("pipedrive").items() if field.get("custom")}
    assert {field.code: (field.name, field.type) for field in fieldset.PIPEDRIVE_FIELDS} == {
        code: (field["name"], field["remote_type"]) for code, field in listed.items()
    }
    for field in fieldset.PIPEDRIVE_FIELDS:
        options = [(option["id"], option["label"]) for option in listed[field.code].get("options", [])]
        assert list(field.options or ()) == options


def test_shipped_list_of_plezi_is_that_of_the_demo() -> None:
    """Keys, types, options and what may be written, of standard and custom fields alike."""
    listed = written("plezi")
    custom = {field.key: field.type for field in fieldset.PLEZI_FIELDS}
    standard = {field.key: field.type for field in STANDARD_FIELDS}
    assert standard | custom == {code: field["remote_type"] for code, field in listed.items()}
    assert {field.key for field in STANDARD_FIELDS if field.read_only} == {
        code for code, field in listed.items() if field.get("writable") is False
    }
    for field in fieldset.PLEZI_FIELDS:
        options = [
            (option["id"], option.get("label", option["id"]))
            for option in listed[field.key].get("options", [])
        ]
        assert list(field.options or ()) == options
