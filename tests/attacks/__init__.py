"""Attacks, and where each of them is tried. What stands elsewhere already is not tried here again.

| attack | tried in |
|---|---|
| another unit's incident by id, list, search, feed, events, evidence, document, attachment | `tests/api/test_permissions.py`, `test_reads.py` (a stranger, the list), `test_documents.py`, `test_evidence.py`, `test_attachments.py` (another incident's file) |
| nothing but public pages, health and the login without login | `tests/api/test_access.py`, `test_auth.py` |
| forged, expired, revoked and narrow tokens | `tests/api/test_auth.py`, `test_access.py`, `test_provider.py`; `tests/runtime/test_provider_keys.py` |
| guessed passwords, names that give themselves away | `tests/api/test_login.py` |
| session fixation, open redirects after login | `tests/api/test_login.py` |
| CSRF | `tests/api/test_login.py` |
| a seal that is altered, expired, borrowed for another incident or command | `tests/activities/test_admission.py`, `tests/workflows/test_messages.py`, `tests/domain/test_sealing.py` |
| words or files changed in the database or on the disk after approval | `tests/activities/test_publishing.py`, `test_enclosing.py`, `tests/workflows/test_trouble.py` |
| a ledger entry changed, removed, reordered, appended, the past rewritten whole | `tests/db/test_audit.py`, `tests/upkeep/test_verifying.py` |
| evidence altered by one bit | `tests/evidence/test_script.py` |
| files that are not what they are called, that hide or swell | `tests/runtime/test_attachment_content.py`, `tests/api/test_uploading.py`; `test_bombs.py` here |
| digests and ids that lead out of the store | `tests/runtime/test_attachment_store.py`, `tests/api/test_attachments.py`; `test_paths.py` here |
| bodies too large, too deep, of another type, or anything at all | `tests/api/test_problems.py`, `test_server.py`, `test_fuzz.py`, `test_schemathesis.py`; `test_bodies.py` here |
| too many logins and reports | `tests/api/test_access.py`; files, documents and searches in `test_bodies.py` here |
| words in logs | `tests/runtime/test_log.py`; `test_logs.py` here |
| weak or example secrets | `tests/runtime/test_settings.py` |
| XSS, markup and formulas in every field | `test_scripts.py` |
| SQL in every filter and path | `test_sql.py` |
| calls to addresses that somebody else chose | `test_outgoing.py` |
| Host, X-Forwarded-*, method override, names of files in headers | `test_headers.py` |
| patterns that take for ever | `test_patterns.py` |
"""  # noqa: E501  # Rows of a table.
