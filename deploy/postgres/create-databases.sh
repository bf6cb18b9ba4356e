#!/bin/sh
# Creates the roles and databases of Huiying and of Temporal, each owned by a role of its own, and sets
# the roles' passwords. A second run changes nothing but a password that was changed in the settings.
#
# Needs: PGHOST PGUSER PGPASSWORD of a superuser, HUIYING_DB_PASSWORD, TEMPORAL_DB_PASSWORD.
set -eu

: "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${HUIYING_DB_PASSWORD:?}" "${TEMPORAL_DB_PASSWORD:?}"

# $1 role. The password comes from the environment, so that no list of processes shows it.
create_role() {
    PGOPTIONS='-c log_statement=none' psql -X -q -v ON_ERROR_STOP=1 -v role="$1" -d postgres <<'SQL'
\getenv password ROLE_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'role', :'password') \gexec
SQL
}

# $1 database, $2 owner. Only the owner may connect.
create_database() {
    psql -X -q -v ON_ERROR_STOP=1 -v database="$1" -v owner="$2" -d postgres <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', :'database') \gexec
SQL
}

ROLE_PASSWORD="$HUIYING_DB_PASSWORD" create_role huiying
ROLE_PASSWORD="$TEMPORAL_DB_PASSWORD" create_role temporal
create_database huiying huiying
create_database temporal temporal
# Erased words leave the write-ahead log when it is turned over; the role may do that, and nothing else of the kind.
psql -X -q -v ON_ERROR_STOP=1 -d postgres -c 'GRANT pg_checkpoint TO huiying'
psql -X -q -v ON_ERROR_STOP=1 -d huiying -c 'GRANT EXECUTE ON FUNCTION pg_switch_wal() TO huiying'
create_database temporal_visibility temporal
echo 'databases are there'
