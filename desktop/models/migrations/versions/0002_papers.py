"""certificate: what a paper was made with and became; agency: the texts of the yearly report."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agency") as agency:
        agency.add_column(sa.Column("shortcomings", sa.Text(), nullable=True))
        agency.add_column(sa.Column("next_year_plan", sa.Text(), nullable=True))

    # The reference makes SQLite copy the table; the triggers of its search are made again at the next opening.
    with op.batch_alter_table("certificate") as certificate:
        certificate.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
        certificate.add_column(sa.Column("replaces", sa.LargeBinary(), nullable=True))
        certificate.add_column(sa.Column("state_on", sa.Date(), nullable=True))
        for name in ("template", "state_reason", "credential", "made_with"):
            certificate.add_column(sa.Column(name, sa.Text(), nullable=True))
        certificate.create_index("ix_certificate_replaces", ["replaces"])
        certificate.create_foreign_key(
            "fk_certificate_replaces",
            "certificate",
            ["replaces"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )


def downgrade() -> None:
    with op.batch_alter_table("certificate") as certificate:
        certificate.drop_constraint("fk_certificate_replaces", type_="foreignkey")
        certificate.drop_index("ix_certificate_replaces")
        for name in (
            "made_with",
            "credential",
            "state_reason",
            "template",
            "state_on",
            "replaces",
            "valid_to",
        ):
            certificate.drop_column(name)

    with op.batch_alter_table("agency") as agency:
        for name in ("next_year_plan", "shortcomings"):
            agency.drop_column(name)
