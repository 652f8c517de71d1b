"""The terminal UI in a browser on this machine: a page, a socket and, for each tab, a terminal UI of its own behind it.

- ``entry``: who may come in: whoever was given the key, once, from this machine
- ``serving``: the server, on loopback only
- ``page``: what the browser loads; everything comes from here, nothing from anywhere else
"""
