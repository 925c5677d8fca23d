#!/usr/bin/env bash
# Figures and ratios; nothing here passes or fails. Absolute times on a shared machine say little: look at the ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.build/release
seconds=${1:-15}

swift build -c release --product Figures --quiet

echo "== cost of a step, and virtual over real time (aim: 2,000 times per core, every tick executed)"
"$bin/Figures" step
"$bin/Figures" virtual

echo "== needle rig: from button and key to the lines, in virtual time"
"$bin/Figures" needle

echo "== wall over simulated time on the virtual bench (aim below 1)"
MOTORPOINT_BIN=$bin Hardware/virtual-bench/run.sh needle-emergency-stop p24-unplug || true

echo "== frames a second, beside the MIT client in one run"
if [[ ! -x .build-clients/venv/bin/python ]]; then
    python3 -m venv .build-clients/venv
    .build-clients/venv/bin/pip install --quiet --disable-pip-version-check science-mode-4==0.0.23 pyserial==3.5
fi
"$bin/Figures" frames
.build-clients/venv/bin/python scripts/bench_client.py
"$bin/Figures" frames

echo "== wake-up error at 1 kHz, beside cyclictest at the same time ($seconds s)"
"$bin/Figures" wakeup "$seconds" &
ours=$!
if command -v cyclictest >/dev/null; then
    cyclictest --mlockall --priority=80 --interval=1000 --distance=0 --threads=1 --duration="$seconds" \
        --histogram=5000 --quiet 2>/dev/null | awk '
        /^[0-9]/ { bin[++n] = $1; count[n] = $2; total += $2 }
        /Max Latencies/ { max = $4 }
        END {
            for (i = 1; i <= n; i++) {
                seen += count[i]
                if (!p50 && seen * 2 >= total) p50 = bin[i] + 0 ? bin[i] + 0 : 1
                if (!p99 && seen * 100 >= total * 99) p99 = bin[i] + 0 ? bin[i] + 0 : 1
            }
            printf "cyclictest: p50 %d us, p99 %d us, max %d us, n %d\n", p50, p99, max, total
        }' || echo "cyclictest did not run (no real-time privilege?)"
else
    echo "SKIPPED: cyclictest is not installed (Debian: rt-tests)"
fi
wait "$ours"

echo "== start-up of --help (aim: 30 ms), 20 runs"
begin=$(date +%s%N)
for _ in $(seq 20); do "$bin/motorpoint" --help >/dev/null; done
end=$(date +%s%N)
echo "motorpoint --help: $(((end - begin) / 20000000)) ms each"

echo "== resident memory in a session (aim: 40 MB)"
scripts/demo.sh </dev/null >/dev/null 2>&1 &
demo=$!
largest=0
while kill -0 "$demo" 2>/dev/null; do
    for pid in $(pgrep -x motorpoint || true); do
        size=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || echo 0)
        ((${size:-0} > largest)) && largest=$size
    done
    sleep 0.5
done
wait "$demo" && echo "a whole demo session: ${largest} kB at most" || echo "the demo session failed; ${largest} kB at most"
