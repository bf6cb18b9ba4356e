"""What Alembic runs: the steps, on the connection and in the transaction of `db.migrate`."""

from alembic import context

from db.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
