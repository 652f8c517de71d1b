"""Deciding what should happen: pure, deterministic, standard library only (``idna`` in ``keys`` aside).

Begin with ``decide``. ``binding`` resolves a mapping against the fields of both sides, ``merging`` is the three-way
table, ``transforms`` translates values, ``comparison`` and ``keys`` say when two values or addresses are the same.
"""
