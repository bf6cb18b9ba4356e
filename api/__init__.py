"""HTTP: JSON routes under /api/v1, the public bulletin, health. Nothing is decided here."""
