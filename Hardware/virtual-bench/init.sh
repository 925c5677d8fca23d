#!/bin/bash
# The first process inside the bench's kernel: makes the devices, runs one scenario, writes down how it ended, and
# powers off. Started by run.sh only.
set -u
trap 'echo o >/proc/sysrq-trigger; sleep 5' EXIT

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t configfs configfs /sys/kernel/config
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
cd "$BENCH_ROOT" || exit 1
: >"$BENCH_FOLDER/booted"
exec >"$BENCH_FOLDER/output" 2>&1

source "$BENCH_ROOT/Hardware/virtual-bench/library.sh"

milliseconds() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }

begin=$(milliseconds)
make_pins
make_usb
(
    set -euo pipefail
    # shellcheck disable=SC1090 # which one is chosen when it is run
    source "$BENCH_FILE"
)
status=$?
echo $(($(milliseconds) - begin)) >"$BENCH_FOLDER/simulated"
echo "$status" >"$BENCH_FOLDER/status"
sync
