"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

REFUSAL = "the record is only ever added to"


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_offset", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_offset", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("initiative", "seq", name="pk_entries"),
        sa.UniqueConstraint("hash", name="uq_entries_hash"),
    )
    op.create_table(
        "errands",
        sa.Column("from_initiative", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("to_initiative", sa.String(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("from_initiative", "key", name="pk_errands"),
    )
    op.create_index("ix_errands_from_initiative_status", "errands", ["from_initiative", "status"])
    op.create_table(
        "initiatives",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("issue", sa.String(), nullable=False),
        sa.Column("stalled", sa.Boolean(), nullable=False),
        sa.Column("stalled_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_on", sa.Text(), nullable=False),
        sa.Column("broken", sa.Text(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_initiatives"),
    )
    op.create_table(
        "institutions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_native", sa.String(), nullable=False),
        sa.Column("name_latin", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("legal_entity", sa.String(), nullable=True),
        sa.Column("successor_of", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_institutions"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("obligation", sa.String(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("ask", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint(
            "initiative", "obligation", "rung", "recipient", name="uq_notices_initiative_obligation_rung_recipient"
        ),
    )
    op.create_index("ix_notices_initiative_status", "notices", ["initiative", "status"])
    op.create_index("ix_notices_recipient", "notices", ["recipient"])
    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_native", sa.String(), nullable=False),
        sa.Column("name_latin", sa.String(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("do_not_contact_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "salts",
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("initiative", name="pk_salts"),
    )
    op.create_table(
        "seats",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", "initiative", name="pk_seats"),
    )
    op.create_index("ix_seats_initiative", "seats", ["initiative"])
    op.create_table(
        "texts",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("initiative", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_texts"),
    )
    op.create_index("ix_texts_initiative", "texts", ["initiative"])
    op.create_table(
        "capacities",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("capacity", sa.String(), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_capacities_person"),
        sa.PrimaryKeyConstraint("person", "since", name="pk_capacities"),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("preference", sa.Integer(), nullable=False),
        sa.Column("never_write", sa.Boolean(), nullable=False),
        sa.Column("via", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_channels_person"),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
    )
    op.create_index("ix_channels_person", "channels", ["person"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("initiative", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_consents_person"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_person", "consents", ["person"])
    op.create_table(
        "partnerships",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("terms", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["institution"], ["institutions.id"], name="fk_partnerships_institution"),
        sa.PrimaryKeyConstraint("institution", "since", name="pk_partnerships"),
    )
    _only_ever_added_to()


def _only_ever_added_to() -> None:
    """Let the database itself refuse to change or remove a line of the record, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER entries_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        # else a session that plays a replica is not asked
        op.execute("ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_refuse_change")
        return
    there = (
        "EXISTS (SELECT 1 FROM entries WHERE initiative = NEW.initiative AND seq = NEW.seq) "
        "OR EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash)"
    )
    for name, when in (
        ("update", "BEFORE UPDATE ON entries"),
        ("delete", "BEFORE DELETE ON entries"),
        ("replace", f"BEFORE INSERT ON entries WHEN {there}"),  # INSERT OR REPLACE deletes without a DELETE
    ):
        op.execute(f"CREATE TRIGGER entries_refuse_{name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")


def downgrade() -> None:
    raise NotImplementedError("There is no way back: restore the copy made before the upgrade.")
