"""The fast parser says what the exact one says: the same data at the same places, and the same words of error."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pdsync.mapfiles import events, shipped_mapping
from pdsync.mapfiles.document import Source, parse

_PIECES = (
    *(
        ": ",
        ":",
        "- ",
        "\n- ",
        "\n  - ",
        "\n",
        "\r\n",
        "\r",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        " # x",
        "&a ",
        "*a",
        "'",
        '"',
    ),
    *(
        "x",
        "b: c",
        "é",
        "😀",
        "~",
        "null",
        "yes",
        "010",
        "<<: ",
        "---\n",
        "\n...\n",
        "\\x41",
        "\u00a0",
        "\u2028",
        "\t",
    ),
    *("|\n  x\n", "? ", "!!str ", "%"),
)


def _both(text: str) -> tuple[object, object]:
    """What is read of a text, and what is read without libyaml."""
    parse.__globals__["_parsed"].cache_clear()
    fast = parse(Source("file.yaml", text))
    parse.__globals__["_parsed"].cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "_FAST", yaml.SafeLoader)
        return fast, parse(Source("file.yaml", text))


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
@example("a: |# x\n")
@example("%1\n---\n")
@example("a:\tb")
@example("[a:]\r\n")
@example("{a: # x\n  }")
@example("{a: " + "# " * 5000)
@example(shipped_mapping().read_text(encoding="utf-8"))
def test_both_parsers_say_the_same(text: str) -> None:
    """Data, places, numbers as written, problems."""
    fast, exact = _both(text)
    assert fast == exact


def test_libyaml_is_there() -> None:
    """Every wheel of PyYAML brings it; without it all of the above compares a parser with itself."""
    assert events._FAST is not yaml.SafeLoader
