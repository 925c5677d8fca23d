#!/usr/bin/env bash
# Builds a program of the proofs in release and runs it: a folder of its own, without what makes pages and the index,
# which would take most of the build.
# Usage: scripts/proof.sh PRODUCT [ARGUMENT…]    without arguments: builds alone with BUILD_ONLY=1
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=.build-proofs
product=$1
shift
# A world asks its host and rig for single figures a million times a second: looked at across modules, each a copy of all.
MP_NO_PAGES=1 swift build -c release --product "$product" --scratch-path "$scratch" --quiet \
    -Xswiftc -cross-module-optimization
[[ -n ${BUILD_ONLY:-} ]] || exec "$scratch/release/$product" "$@"
