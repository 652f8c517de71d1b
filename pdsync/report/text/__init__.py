"""Reports for a terminal: lines of a given width. The names of this page are the whole interface.

Every function yields lines without line ends. ``colour`` adds colour and weight to words that say the same without it. What
came from a CRM is inert (``report.inert``). Numbers have thousands separators; long values are cut, the JSON has them whole.
A report is loaded when it is first asked for: whoever only needs ``layout`` waits for none of them.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pdsync.report.text.audit import audit_lines
    from pdsync.report.text.events import narrate
    from pdsync.report.text.explanation import explanation_lines
    from pdsync.report.text.fixes import fixes_lines
    from pdsync.report.text.plan import plan_lines
    from pdsync.report.text.run import history_lines, run_lines
    from pdsync.report.text.standing import acknowledgement_words

__all__ = [
    "acknowledgement_words",
    "audit_lines",
    "explanation_lines",
    "fixes_lines",
    "history_lines",
    "narrate",
    "plan_lines",
    "run_lines",
]

_PLACES: Final = {
    "audit_lines": "audit",
    "narrate": "events",
    "explanation_lines": "explanation",
    "fixes_lines": "fixes",
    "plan_lines": "plan",
    "history_lines": "run",
    "run_lines": "run",
    "acknowledgement_words": "standing",
}
"""Name -> its module."""

if not TYPE_CHECKING:  # a type checker sees the imports above, and what is not there

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
