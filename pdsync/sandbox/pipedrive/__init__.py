"""The stand-in of Pipedrive: persons and person fields of API v2, and the two calls of v1 that pdsync makes.

Facts come from the official OpenAPI files and from what others saw on real accounts; what had to be made up is
named in the docstring of the module that does it and is, where it is a choice, a switch (`switches`).
``routes`` is the table of contents: every call with its cost and its handler.
"""
