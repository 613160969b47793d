"""What a role on PostgreSQL may do when it runs Jisr without owning its tables: to the record it can only add.

The triggers refuse a change whoever asks, but the owner of a table can switch them off. So let one role own the tables
and run `jisr migrate`, and let workers and people use another one with these rights.
"""

import re

from storage import account_tables, answer_tables, key_tables, people_tables
from storage.tables import Row

ONLY_ADDED_TO = ("entries", "checkpoints", "readings", "imports", "access_log")
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def grants(role: str) -> list[str]:
    """Return the statements that give a role what it needs and no more. Raises: ValueError on another kind of name."""
    if not NAME.fullmatch(role):
        raise ValueError("A role's name is small letters, digits and underscores, as in jisr_worker.")
    assert people_tables.PersonRow.metadata is answer_tables.AnswerLinkRow.metadata is Row.metadata
    assert (
        key_tables.DataKeyRow.metadata is account_tables.AccountRow.metadata is Row.metadata
    )  # all tables are known by now
    others = sorted(set(Row.metadata.tables) - set(ONLY_ADDED_TO))
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
        f"GRANT SELECT, INSERT ON {', '.join(ONLY_ADDED_TO)} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(others)} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
