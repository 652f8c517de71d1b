"""Reports: plans, audits, runs and events as text, Markdown and JSON. Pure: values in, text out.

``text`` is for terminals, ``markdown`` for pull requests (counts, codes and ids, never people), ``json`` for programs
(exact values, published schemas in ``schemas/``). What comes from a CRM is hostile text: ``inert`` is the one place where
it is made harmless. Golden files in ``tests/report`` hold every renderer to its bytes.
"""
