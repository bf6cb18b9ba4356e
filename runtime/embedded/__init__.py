"""The stack of one machine: PostgreSQL, Temporal, worker and API as supervised processes."""
