#!/bin/sh
# Brings Temporal's two databases to the schema of this release of admin-tools. A second run changes nothing.
#
# Needs: SQL_HOST SQL_PORT SQL_USER SQL_PASSWORD, which temporal-sql-tool reads by itself.
set -eu

: "${SQL_HOST:?}" "${SQL_PORT:?}" "${SQL_USER:?}" "${SQL_PASSWORD:?}"
SCHEMAS=/etc/temporal/schema/postgresql/v12

# $1 database, $2 folder of its schema.
bring_up_to_date() {
    temporal-sql-tool --plugin postgres12 --db "$1" setup-schema --version 0.0
    temporal-sql-tool --plugin postgres12 --db "$1" update-schema --schema-dir "$SCHEMAS/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
echo 'schemas are up to date'
