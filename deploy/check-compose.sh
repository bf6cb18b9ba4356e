#!/usr/bin/env bash
# Checks docker-compose.yml with the Compose command given as $1 and needs no container engine: well formed
# with every setting of the example filled in, and refused with any one of the required ones left empty.
set -euo pipefail

compose=$1
cd "$(dirname "$0")/.."
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT

# $1 name left empty, or nothing. An empty environment, so that no variable of this shell fills a gap.
accepts_without() {
    sed -E "/^${1:-none}=/!s/=\$/=placeholder/" deploy/compose.env.example > "$settings"
    env -i "$compose" --env-file "$settings" config --quiet
}

accepts_without
# The same with TLS: no service is without what it needs for it.
env -i HUIYING_TLS=placeholder "$compose" --env-file "$settings" \
    --file docker-compose.yml --file deploy/compose.tls.yml config --quiet
sed -nE 's/^([A-Z_]+)=$/\1/p' deploy/compose.env.example | while read -r required; do
    if accepts_without "$required" 2>/dev/null; then
        echo "docker-compose.yml starts without $required" >&2
        exit 1
    fi
done
