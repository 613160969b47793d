"""Answer links"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_links",
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("obligation", sa.String(), nullable=False),
        sa.Column("ask", sa.String(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("verbs", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice", name="pk_answer_links"),
        sa.UniqueConstraint("token_hash", name="uq_answer_links_token_hash"),
    )
    op.create_index("ix_answer_links_initiative_person_ask", "answer_links", ["initiative", "person", "ask"])
    op.create_table(
        "given_answers",
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("obligation", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("first_said", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("initiative", "obligation", "person", "slot", "number", name="pk_given_answers"),
    )


def downgrade() -> None:
    raise NotImplementedError("There is no way back: restore the copy made before the upgrade.")
