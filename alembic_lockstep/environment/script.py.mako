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

% for name, statement in {"sa": "import sqlalchemy as sa", "op": "from alembic import op"}.items():
% if not (upgrades or downgrades):
${statement}  # noqa: F401
% elif f"{name}." in f"{upgrades}{downgrades}":
${statement}
% endif
% endfor
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
% if upgrades:
    ${upgrades}
% endif


def downgrade() -> None:
    """Downgrade schema."""
% if downgrades:
    ${downgrades}
% endif
