"""Snapshots: what was read from one side at one time, as Parquet files that any tool can open.

``writer`` streams records in, ``reader`` streams them out, ``increments`` renews a snapshot from what changed,
``pruning`` removes old ones, and ``candidates`` finds, by sets, which pairs and records the planner has to look at.
Values get their comparison form, address key and digest once, when they are written; queries only compare and group.
"""
