"""Reports for a terminal: lines of a given width. The names of this page are the whole interface.

Every function yields lines without line ends. ``colour`` adds colour and weight to words that say the same without it. What
came from a CRM is inert (``report.inert``). Numbers have thousands separators; long values are cut, the JSON has them whole.
"""

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
