"""The screens: each answers one question, asks the desk, and decides nothing."""
