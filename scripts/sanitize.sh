#!/usr/bin/env bash
# The suites of the pure modules, the records, the drivers and the scenarios under one of the compiler's sanitizers.
# Left out: ProcessTests, whose programs are other processes; ArchitectureTests, which read files; and the soak, whose
# seeds run in release (`make test`).
# Usage: scripts/sanitize.sh address|thread
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-address}
case "$kind" in
    address | thread) ;;
    *)
        echo "usage: $0 address|thread" >&2
        exit 2
        ;;
esac
scratch=.build-$kind
log=$scratch/tests.log
export SWIFT_BACKTRACE=enable=no
begin=$SECONDS
swift build --build-tests --sanitize="$kind" --scratch-path "$scratch" --quiet
built=$SECONDS
status=0
swift test --skip-build --sanitize="$kind" --scratch-path "$scratch" \
    --skip 'ProcessTests|ArchitectureTests|SoakScenarios' >"$log" 2>&1 || status=$?
reports=$(grep -cE 'ERROR: AddressSanitizer|WARNING: ThreadSanitizer' "$log" || true)
tests=$({ grep -oE 'Test run with [0-9]+ tests' "$log" || true; } | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }')
if ((status != 0 || reports > 0 || tests == 0)); then
    grep -hE 'ERROR: AddressSanitizer|WARNING: ThreadSanitizer|^✘ Test ' "$log" | cut -c1-300 | sort -u | head -20 || true
    echo "sanitize: $kind: FAILED with status $status, $tests tests, $reports reports; see $log" >&2
    exit 1
fi
echo "sanitize: $kind: $tests tests, 0 reports, built in $((built - begin)) s, run in $((SECONDS - built)) s"
