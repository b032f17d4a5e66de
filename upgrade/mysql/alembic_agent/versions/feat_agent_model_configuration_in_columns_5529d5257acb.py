"""feat: agent model configuration in columns

Revision ID: 5529d5257acb
Revises: c811520ce705
Create Date: 2026-11-23 02:34:00.210579+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from alembic_lockstep import has_column
from upgrade.data_parts.agent_model_configuration import to_columns, to_json

revision: str = "5529d5257acb"
down_revision: str | tuple[str, ...] | None = "c811520ce705"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    """Upgrade schema."""
    # Each ALTER commits here: a second run begins where the first was broken off.
    for table in ("agent", "agent_publish"):
        if not has_column(table, "model_id"):
            op.add_column(table, sa.Column("model_id", sa.Integer(), nullable=True))
        if not has_column(table, "agent_model_config"):
            op.add_column(table, sa.Column("agent_model_config", sa.JSON(), nullable=True))
        if has_column(table, "model"):
            to_columns(table)
    for table in ("agent", "agent_publish"):
        if has_column(table, "model"):
            op.drop_column(table, "model")


def downgrade() -> None:
    """Downgrade schema."""
    for table in ("agent_publish", "agent"):
        if not has_column(table, "model"):
            op.add_column(table, sa.Column("model", mysql.JSON(), nullable=True))
        if has_column(table, "agent_model_config"):
            to_json(table)
    for table in ("agent_publish", "agent"):
        for column in ("agent_model_config", "model_id"):
            if has_column(table, column):
                op.drop_column(table, column)
