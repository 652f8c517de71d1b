"""Audits: what would go wrong in a sync, found before it happens. One file per audit.

A new audit is a copy of one file of this folder: a tuple ``AUDITS`` of ``Audit`` values (``declaring``), each with its
code, default severity, reason, fix, the inputs it needs, and a function from ``AuditInputs`` (``inputs``) to rows. Nothing
has to be registered. ``running`` runs them all and gives one table of findings (``table``) and the quality gate (``gate``).

Queries are narwhals, so that they run unchanged on polars and DuckDB. Three rules keep the engines equal: members of a
group are found by a semi join, nothing relies on the order of rows, and text is compared in the forms that the snapshot
holds already. Frames are lazy: only findings become Python objects, never all records.
"""
