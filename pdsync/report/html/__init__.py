"""One page that holds an audit: charts, tables to search and sort, no script or style or picture from anywhere else.

``page`` is the page, ``tables`` what is listed on it, ``charts`` the drawings, ``page.css`` and ``page.js`` its style and
the few lines that search and sort. The names of this page are the whole interface.
"""

from pdsync.report.html.page import PER_AUDIT, html_pieces

__all__ = ["PER_AUDIT", "html_pieces"]
