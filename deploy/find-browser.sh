#!/bin/sh
# Succeeds once there is a Chromium for the tests, with a font for Chinese.
set -eu

if [ -n "${HUIYING_BROWSER:-}" ] || command -v chromium >/dev/null; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing Chromium and a Chinese font"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null
	exit 0
fi
echo "The tests of the pages need Chromium: as root, apt-get install chromium fonts-wqy-microhei," \
	"or name one with HUIYING_BROWSER=/path/to/chromium" >&2
exit 1
