"""The steps of the schema. Run by `db.migrate`, which brings the connection."""
