#!/usr/bin/env bash
# Builds pawvault-gateway and pawvault-worker, with Docker or Podman, or without any daemon with Buildah.
# Usage: tools/build-images.sh [further options of the builder]...
#   BUILDER=docker|podman|buildah   which one; the first of these that works, unless told
#   PREFIX=registry.example/paw/    in front of the names
#   NODE_IMAGE=...                  another base, for instance one with a digest, or that of tools/base-image.sh
set -euo pipefail
cd "$(dirname "$0")/.."

works() {
  case $1 in
    docker) docker info ;;
    *) command -v "$1" ;;
  esac &>/dev/null
}
if [ -z "${BUILDER:-}" ]; then
  for BUILDER in docker podman buildah; do works "$BUILDER" && break; done
fi
works "$BUILDER" || { echo "None of docker, podman and buildah works here" >&2; exit 1; }

version=$(node -p 'require("./package.json").version')
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
for target in gateway worker; do
  arguments=(--target "$target" --tag "${PREFIX:-}pawvault-$target:$version")
  arguments+=(--build-arg "VERSION=$version" --build-arg "REVISION=$revision")
  [ -n "${NODE_IMAGE:-}" ] && arguments+=(--build-arg "NODE_IMAGE=$NODE_IMAGE")
  # Without --format docker there is no HEALTHCHECK; --layers lets both targets share the build.
  [ "$BUILDER" = docker ] || arguments+=(--format docker --layers)
  "$BUILDER" build "${arguments[@]}" "$@" .
done
