#!/usr/bin/env bash
# Looks for bytes that break a reader: libFuzzer with AddressSanitizer over every target of Tests/FuzzTargets, so many
# seconds in all. Fails on a finding, and when the very program that found none does not find two planted defects.
# Usage: scripts/fuzz.sh [SECONDS [SEED]]   600 seconds and a seed from the clock, if nothing is said
#        scripts/fuzz.sh keep               merges what earlier runs found into Tests/FuzzTests/Corpus
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=.build-fuzz
corpus=Tests/FuzzTests/Corpus
found=$scratch/found
program=$scratch/release/Fuzz
# SwiftPM orders two `--sanitize` flags at random and the last one wins, so the second is given to the compiler alone.
build() {
    MP_FUZZ=1 swift build -c release --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address --product Fuzz \
        --scratch-path "$scratch" --quiet
}

fail() {
    echo "fuzz: FAILED: $*" >&2
    exit 1
}

# statistic NAME FILE: the last number behind that name.
statistic() { { grep -oE "$1:? +[0-9]+" "$2" || true; } | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }

# canary NAME TEXT: the planted defect, which must be found, and reported in these words.
canary() {
    local log=$scratch/$1.log
    rm -rf "${found:?}/$1"
    mkdir -p "$found/$1"
    MP_FUZZ_TARGET=$1 "$program" -seed="$seed" -max_len=8 -max_total_time=60 -artifact_prefix="$scratch/$1-" \
        "$found/$1" >"$log" 2>&1 && fail "blind: the planted $1 was not found in 60 s"
    grep -q "$2" "$log" || fail "the planted $1 ended the program in another way, see $log"
    rm -f "$scratch/$1-"*-*
}

mapfile -t targets < <(cd "$corpus" && ls)
build
# Only now, since what a build depends on would change with them. A trap must reach the fuzzer at once, not a backtracer
# first; and leaks are no finding here: what is kept until the end of the process is meant.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
if [[ ${1:-} == keep ]]; then
    for target in "${targets[@]}"; do
        mkdir -p "$found/$target"
        # At most 500 bytes more than the longest seed: what is kept must stay readable and small.
        MP_FUZZ_TARGET=$target "$program" -merge=1 -max_len=2048 "$corpus/$target" "$found/$target" \
            >"$scratch/$target-merge.log" 2>&1 || fail "the corpus of $target could not be merged"
    done
    echo "fuzz: kept $(find "$corpus" -type f | wc -l) inputs, $(du -sk "$corpus" | cut -f 1) KiB"
    exit 0
fi

seconds=${1:-600}
seed=${2:-$(($(date +%s) % 1000000))}
echo "fuzz: seed $seed, ${#targets[@]} targets, $seconds s in all"
each=$((seconds / ${#targets[@]}))
((each > 0)) || each=1
executions=0
points=0
crashes=0
for target in "${targets[@]}"; do
    log=$scratch/$target.log
    mkdir -p "$found/$target"
    status=0
    MP_FUZZ_TARGET=$target "$program" -seed="$seed" -max_total_time="$each" -timeout=20 -print_final_stats=1 \
        -use_value_profile=1 -artifact_prefix="$found/crash-$target-" "$found/$target" "$corpus/$target" \
        >"$log" 2>&1 || status=$?
    grep -q 'Loaded 1 modules' "$log" || fail "blind: $target has no coverage counters, see $log"
    if ((status != 0)); then
        crashes=$((crashes + 1))
        grep -hE 'PROPERTY BROKEN|ERROR|Fatal error|SUMMARY|Test unit written' "$log" | cut -c1-300 || true
        echo "fuzz: $target: FOUND SOMETHING; put the input named above into $corpus/$target/ and mend the reader"
        continue
    fi
    runs=$(statistic 'stat::number_of_executed_units' "$log")
    covered=$(statistic 'cov' "$log")
    # The seeds alone reach more than this in every target; an unseen reader reaches a few dozen.
    ((covered >= 300)) || fail "blind: $target reached $covered coverage points"
    executions=$((executions + runs))
    points=$((points + covered))
    echo "fuzz: $target: $runs executions, $covered coverage points"
done
canary canary-trap 'canary: the trap was found'
canary canary-read 'AddressSanitizer: heap-buffer-overflow'
echo "fuzz: ${#targets[@]} targets, $executions executions, $points coverage points, $crashes crashes, canary found"
((crashes == 0))
