"""PostgreSQL: the ledger, its projections, the texts and the reference data. Queries never commit."""
