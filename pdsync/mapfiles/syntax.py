"""What YAML's parser says against a file, in words for the people who write mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import yaml

    from pdsync.mapfiles.document import Source
    from pdsync.model import Finding

__all__ = ["syntax_problem"]

_SYNTAX: Final = {
    "mapping values are not allowed": "a colon that makes no sense here; text that holds ': ' needs quotes, and lines of "
    "one group start in one column",
    "could not find expected ':'": "a key without a colon and a space behind it",
    "expected the node content": "a value is missing here, or a bracket or brace before it is never closed",
    "found unexpected end of stream": "a quotation mark that is never closed",
    "expected <block end>": "this line is not indented like its neighbours, or the text before it needs quotes",
    "expected ',' or '}'": "expected a comma or '}'; text that holds a comma, a brace or ' #' needs quotes",
    "expected ',' or ']'": "expected a comma or ']'; text that holds a comma, a bracket or ' #' needs quotes",
    "while scanning an alias": "text that starts with * needs quotes",
    "while scanning an anchor": "text that starts with & needs quotes",
    "cannot start any token": "text that starts with this character needs quotes",
    "found unknown escape character": "in double quotes a backslash is written twice; or use single quotes",
    "found duplicate anchor": "an anchor (&name) that stands twice",
}
"""What the parser says -> what a person can do."""


def syntax_problem(source: Source, error: yaml.MarkedYAMLError) -> Finding:
    """The finding about an error of the parser, at the character that a person looks for."""
    mark = error.problem_mark or error.context_mark
    index = int(mark.index) if mark is not None else 0
    said = f"{error.context or ''}; {error.problem or ''}"
    if index < len(source.text) and source.text[index] == "\t":
        return source.problem("yaml-tab", index, "a tab stands here; YAML is indented with spaces only")
    opened = int(error.context_mark.index) if error.context_mark is not None else index
    if "unexpected end of stream" in said:
        index = opened
    message = next(
        (words for part, words in _SYNTAX.items() if part in said), (error.problem or "not YAML").strip()
    )
    if "while parsing a flow" in said and source.place(opened).line != source.place(index).line:
        message = (
            f"{message}; {source.text[opened : opened + 1]} was opened in line {source.place(opened).line}"
        )
    return source.problem("yaml-syntax", index, message)
