"""The errors of a database that cannot be used, apart from what is slow to import."""


class DatabaseAway(Exception):
    """The database cannot be used now. Says what happened, why, and what to do; never the password."""


class DatabaseUrlWrong(ValueError):
    """The database's address cannot be read. The address is not repeated: it may hold a password."""
