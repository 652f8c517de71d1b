"""pdsync: audit Pipedrive and Plezi before they are joined, then keep them joined.

This module only names the package's version. Importing it loads nothing, so that ``pdsync --help`` and a
notebook's first cell answer at once.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
