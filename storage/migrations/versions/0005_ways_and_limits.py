"""Ways a message was tried by, addresses that bounced, what a limited channel sent"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("way", sa.Integer(), nullable=True))
    op.add_column("notices", sa.Column("ways", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "sendings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sendings"),
    )
    op.create_index("ix_sendings_channel_at", "sendings", ["channel", "at"])


def downgrade() -> None:
    raise NotImplementedError("There is no way back: restore the copy made before the upgrade.")
