"""What statistics count of an incident, beside its state: a state is parsed whole, and there are many."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

# json, not jsonb: it keeps the order in which things happened.
FILL = """
UPDATE incidents SET course = jsonb_build_object(
    'assessed_at', s.state -> 'assessed_at',
    'published', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(release.value -> 'kind', receipt.value -> 'at')), '[]')
        FROM json_each(s.state -> 'releases') release, json_array_elements(release.value -> 'receipts') receipt
        WHERE receipt.value ->> 'channel' = s.state #>> '{policy,mandatory_channel}'
    ),
    'held', (
        SELECT coalesce(jsonb_agg(held.value -> 'held_at'), '[]')
        FROM json_array_elements(s.state -> 'conferences') held
        WHERE held.value ->> 'form' = 'conference' AND held.value ->> 'held_at' IS NOT NULL
    ),
    'duties', (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_array(
                    duty.value -> 'kind', duty.value -> 'state', duty.value -> 'due_at',
                    coalesce((duty.value ->> 'ran_late')::boolean, false)
                )
            ),
            '[]'
        )
        FROM json_array_elements(s.state -> 'obligations') duty
    )
)
FROM (SELECT id, state::json AS state FROM incidents) s
WHERE s.id = incidents.id
"""


def upgrade() -> None:
    op.add_column("incidents", sa.Column("course", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'")))
    op.execute(FILL)
    op.alter_column("incidents", "course", server_default=None)
