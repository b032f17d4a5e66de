<%!
    def literal(text):
        """The text as it stands between three double quotes."""
        return text.replace("\\", "\\\\").replace('"', '\\"')
%>\
"""${message | literal}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

% if "sa." in f"{upgrades or ''}{downgrades or ''}":
import sqlalchemy as sa
% endif
% if "op." in f"{upgrades or ''}{downgrades or ''}":
from alembic import op
% endif
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | tuple[str, ...] | None = ${repr(down_revision)}
branch_labels: str | tuple[str, ...] | None = ${repr(branch_labels)}
depends_on: str | tuple[str, ...] | None = ${repr(depends_on)}
% if context.get("lossy"):
lossy: str = ${context["lossy"]}
% endif


def upgrade() -> None:
    """Upgrade schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Downgrade schema."""
    ${downgrades if downgrades else "pass"}
