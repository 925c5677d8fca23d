#!/usr/bin/env bash
# The control loop's tick under RealtimeSanitizer: two million ticks through every state and cause, then two planted
# defects, which must be reported.
# Usage: scripts/realtime.sh [TICKS [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
ticks=${1:-2000000}
seed=${2:-1}
scratch=.build-proofs

# The toolchain's clang knows where its runtime archives are; it stands beside swift.
toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
archive=$("$toolchain/clang" -print-resource-dir)/lib/linux/libclang_rt.rtsan-$(uname -m).a
if [[ ! -f $archive ]]; then
    echo "realtime: FAILED: this toolchain has no $archive" >&2
    exit 1
fi
# As scripts/proof.sh builds: otherwise each would build the other's modules again.
MP_RTSAN=$archive MP_NO_PAGES=1 swift build -c release --product Realtime --scratch-path "$scratch" --quiet \
    -Xswiftc -cross-module-optimization

program=$scratch/release/Realtime
status=0
"$program" "$ticks" "$seed" || status=$?
if ((status != 0)); then
    echo "realtime: FAILED with status $status" >&2
    exit 1
fi
# A sanitizer that is not there reports nothing either.
for planted in allocation lock; do
    status=0
    report=$("$program" 20000 "$seed" "$planted" 2>&1) || status=$?
    if ((status != 43)) || ! grep -q 'RealtimeSanitizer' <<<"$report"; then
        echo "realtime: FAILED: the planted $planted was not reported (status $status)" >&2
        exit 1
    fi
done
echo "realtime: both planted defects (allocation, lock) reported"
