#!/usr/bin/env bash
# Fetches the console's stylesheet and scripts at the versions named here and writes them, with their digests, into
# api/console/assets. Needs npm. What it writes is committed: running Huiying fetches nothing.
set -euo pipefail

readonly tabler=1.6.1 htmx=2.0.11 htmx_sse=2.2.4 sass=1.108.2 lightningcss=1.33.0
assets=$(cd "$(dirname "$0")/../api/console/assets" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cd "$build"

npm install --silent --no-package-lock --prefix . \
    "@tabler/core@$tabler" "htmx.org@$htmx" "htmx-ext-sse@$htmx_sse" "sass@$sass" "lightningcss-cli@$lightningcss"
npx sass --style=compressed --quiet --no-source-map --no-charset --load-path=node_modules/@tabler/core/scss \
    "$assets/tabler.scss" tabler.css
# Colours and nesting that the browsers of county offices, some years old, would not understand.
npx lightningcss --minify --targets 'chrome >= 90, firefox >= 90, safari >= 14' tabler.css -o "$assets/tabler.css"
cp node_modules/htmx.org/dist/htmx.min.js "$assets/htmx.js"
cp node_modules/htmx-ext-sse/dist/sse.min.js "$assets/htmx-sse.js"

entry() { # entry FILE PACKAGE VERSION LICENCE
    printf '  {"file": "%s", "package": "%s", "version": "%s", "licence": "%s", "sha256": "%s"}' \
        "$1" "$2" "$3" "$4" "$(sha256sum "$assets/$1" | cut -d' ' -f1)"
}
{
    echo '['
    entry tabler.css @tabler/core "$tabler" MIT; echo ','
    entry htmx.js htmx.org "$htmx" 0BSD; echo ','
    entry htmx-sse.js htmx-ext-sse "$htmx_sse" 0BSD; echo
    echo ']'
} > "$assets/manifest.json"
