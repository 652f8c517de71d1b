"""What all verbs share, one concern per module.

- ``exits``: the exit codes
- ``output``: the only module that writes to standard output
- ``narration``: the only module that writes to standard error; ``progress`` turns events into its lines and bars
- ``verbs``: how a verb gets its options, settings and session
- ``running``: runs one verb; every exception becomes one message and one exit code here
- ``crash``: the report of a bug, without personal data
"""
