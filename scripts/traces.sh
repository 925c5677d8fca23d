#!/usr/bin/env bash
# Same seed, same trace, in debug and release: what left the host of a few short worlds, byte for byte. Both must be built.
set -euo pipefail
cd "$(dirname "$0")/.."
debug=$(.build/debug/SoakRun --traces)
release=$(.build-proofs/release/SoakRun --traces)
if [[ "$debug" != "$release" ]]; then
    diff <(echo "$debug") <(echo "$release") || true
    echo "traces: debug and release differ"
    exit 1
fi
echo "traces: $(wc -l <<<"$debug") seeds leave the same trace in debug and release"
