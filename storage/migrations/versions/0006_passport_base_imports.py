"""The spelling of the passport and the town of a person; who imported what"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REFUSAL = "the record is only ever added to"


def upgrade() -> None:
    for name in ("name_passport", "base"):
        op.add_column("people", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    _only_ever_added_to("imports", "id")


def _only_ever_added_to(table: str, key: str) -> None:
    """Let the database itself refuse to change or remove a line, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change")
        return
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    for name, when in (
        ("update", f"BEFORE UPDATE ON {table}"),
        ("delete", f"BEFORE DELETE ON {table}"),
        ("replace", f"BEFORE INSERT ON {table} WHEN {there}"),  # INSERT OR REPLACE deletes without a DELETE
    ):
        op.execute(f"CREATE TRIGGER {table}_refuse_{name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")


def downgrade() -> None:
    raise NotImplementedError("There is no way back: restore the copy made before the upgrade.")
