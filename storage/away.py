"""The error of a database that cannot be used now."""


class DatabaseAway(Exception):
    """The database cannot be used now. Says what happened, why, and what to do; never the password."""
