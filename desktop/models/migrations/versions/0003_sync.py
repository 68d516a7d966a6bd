"""sync: the outbox, what is in flight, scopes, number blocks, attachments; two record types."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


TYPES = {
    "achievement": 1,
    "agency": 2,
    "agency_result": 3,
    "attachment": 4,
    "broker": 5,
    "certificate": 6,
    "contact": 8,
    "contract_statistic": 9,
    "deal": 10,
    "demand": 11,
    "dossier_item": 12,
    "enrolment": 13,
    "evaluation_score": 14,
    "evaluation_tool": 15,
    "event": 16,
    "expert": 17,
    "grade_total": 18,
    "ip_right": 19,
    "party": 20,
    "payment": 21,
    "resource": 22,
    "scenario": 23,
    "site_visit": 24,
    "staff_member": 25,
    "success_case": 27,
    "task": 28,
    "team_member": 29,
    "training_class": 30,
}
"""The record types there were, with their numbers on the wire."""


def upgrade() -> None:
    op.create_table(
        "blob_copy",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("here", sa.Integer(), nullable=False),
        sa.Column("there", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blob_copy"),
    )
    op.create_table(
        "conflict",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("record_type", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("mine_by", sa.Text(), nullable=True),
        sa.Column("mine_device", sa.Text(), nullable=True),
        sa.Column("mine_at", sa.Text(), nullable=True),
        sa.Column("theirs_by", sa.Text(), nullable=True),
        sa.Column("theirs_device", sa.Text(), nullable=True),
        sa.Column("theirs_at", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("row_ver", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extra", sa.LargeBinary(), nullable=True),
        sa.Column("sync_scope", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_conflict"),
        sa.UniqueConstraint("id", name="uq_conflict_id"),
    )
    op.create_index("ix_conflict_deleted_at_updated_at_row", "conflict", ["deleted_at", "updated_at", "row"])
    op.create_index(
        "ix_conflict_state_deleted_at_updated_at_row",
        "conflict",
        ["state", "deleted_at", "updated_at", "row"],
    )
    op.create_index("ix_conflict_title_row", "conflict", ["title", "row"])

    op.create_table(
        "flight",
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("ops", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("batch", name="pk_flight"),
    )
    op.create_table(
        "flight_unit",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("pk", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("theirs", sa.Text(), nullable=True),
        sa.Column("theirs_ver", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("type", "pk", "unit", "batch", name="pk_flight_unit"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_flight_unit_batch_place", "flight_unit", ["batch", "place"])

    op.create_table(
        "kept_offline",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("pk", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("type", "pk", name="pk_kept_offline"),
    )
    op.create_table(
        "number_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_number_block"),
    )
    op.create_index("ix_number_block_series", "number_block", ["series"])

    op.create_table(
        "outbox",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("pk", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("theirs", sa.Text(), nullable=True),
        sa.Column("theirs_ver", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("type", "pk", "unit", name="pk_outbox"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_outbox_clock", "outbox", ["clock"])

    op.create_table(
        "search_todo",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("type", "row", name="pk_search_todo"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("bytes_up", sa.Integer(), nullable=False),
        sa.Column("bytes_down", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sync_log"),
    )
    op.create_table(
        "sync_now",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("shift_ms", sa.Integer(), nullable=False),
        sa.Column("applying", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sync_now"),
    )
    op.create_table(
        "sync_person",
        sa.Column("device", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device", name="pk_sync_person"),
    )
    op.create_table(
        "sync_refused",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("pk", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("op", sa.LargeBinary(), nullable=False),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("conflict", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sync_refused"),
    )
    op.create_index("ix_sync_refused_type_pk", "sync_refused", ["type", "pk"])

    op.create_table(
        "sync_scope",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("staged", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("loaded", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), server_default="0", nullable=False),
        sa.Column("anew", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_sync_scope"),
        sa.UniqueConstraint("key", name="uq_sync_scope_key"),
    )
    op.create_table(
        "sync_strange",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("pk", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("type", "pk", name="pk_sync_strange"),
    )
    op.create_table(
        "sync_shown",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("pk", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("type", "pk", name="pk_sync_shown"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_page",
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["sync_scope.number"], name="fk_sync_page_scope"),
        sa.PrimaryKeyConstraint("scope", "until", name="pk_sync_page"),
    )
    op.create_table(
        "submission",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("agency", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("row_ver", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extra", sa.LargeBinary(), nullable=True),
        sa.Column("sync_scope", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["agency"], ["agency.id"], name="fk_submission_agency", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("row", name="pk_submission"),
        sa.UniqueConstraint("id", name="uq_submission_id"),
    )
    op.create_index("ix_submission_agency", "submission", ["agency"])
    op.create_index(
        "ix_submission_deleted_at_updated_at_row", "submission", ["deleted_at", "updated_at", "row"]
    )
    op.create_index(
        "ix_submission_kind_deleted_at_updated_at_row",
        "submission",
        ["kind", "deleted_at", "updated_at", "row"],
    )
    op.create_index(
        "ix_submission_state_deleted_at_updated_at_row",
        "submission",
        ["state", "deleted_at", "updated_at", "row"],
    )
    op.create_index("ix_submission_title_row", "submission", ["title", "row"])
    for name, number in TYPES.items():
        op.add_column(name, sa.Column("sync_scope", sa.Integer(), server_default="0", nullable=False))
        # What was written before there was an outbox is sent as born, some hundred at a time; the recycle
        # bin stays here.
        op.execute(
            "INSERT INTO outbox (type, pk, unit, action, base, clock)"
            f" SELECT {number}, id, 0, 1, 0, ({number} << 40) + row / 500 FROM {name}"
            " WHERE deleted_at IS NULL"
        )
    op.execute("INSERT INTO sync_now (id, clock, shift_ms, applying, batch) VALUES (1, 0, 0, 0, 0)")


def downgrade() -> None:
    for name in TYPES:
        with op.batch_alter_table(name) as table:
            table.drop_column("sync_scope")
    for name in [
        "blob_copy",
        "conflict",
        "flight",
        "flight_unit",
        "kept_offline",
        "number_block",
        "outbox",
        "search_todo",
        "sync_log",
        "sync_now",
        "sync_person",
        "sync_refused",
        "sync_scope",
        "sync_shown",
        "sync_strange",
        "sync_page",
        "submission",
    ]:
        op.drop_table(name)
