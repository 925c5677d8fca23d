#!/usr/bin/env bash
# Runs scenarios on the virtual bench: the shipped programs over real kernel drivers, without hardware.
# Usage: Hardware/virtual-bench/run.sh [--list] [--real-time] [--keep] [--in FOLDER] [SCENARIO…]; none means all.
#        Hardware/virtual-bench/run.sh --terminal FILE --in FOLDER: one file at the pace of the clock on the wall, /dev/tty0
#        being this terminal.
# MOTORPOINT_BIN: folder of the programs (default .build/release, else .build/debug).
# Exit status: 0 all passed · 1 one failed · 2 usage · 69 no kernel here: it could not be built or started.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"

usage() {
    echo "usage: $0 [--list] [--real-time] [--keep] [--in FOLDER] [--terminal FILE] [SCENARIO…]" >&2
    exit 2
}

about() { sed -n 's/^# about: //p' "$1"; }

list() {
    local file
    for file in "$here"/scenarios/*.sh; do
        printf '%-20s %s\n' "$(basename "$file" .sh)" "$(about "$file")"
    done
}

time_travel=(time-travel=inf-cpu)
keep=0
given_folder=""
terminal=""
scenarios=()
while (($# > 0)); do
    case $1 in
        --list)
            list
            exit 0
            ;;
        --real-time) time_travel=() ;;
        --keep) keep=1 ;;
        --in)
            (($# > 1)) || usage
            given_folder=$(cd "$2" && pwd)
            keep=1
            shift
            ;;
        --terminal)
            (($# > 1)) || usage
            terminal=$2
            shift
            ;;
        -*) usage ;;
        *) scenarios+=("$1") ;;
    esac
    shift
done
if ((${#scenarios[@]} == 0)) && [[ -z $terminal ]]; then
    for file in "$here"/scenarios/*.sh; do scenarios+=("$(basename "$file" .sh)"); done
fi
for name in "${scenarios[@]}"; do
    [[ -r $here/scenarios/$name.sh ]] || { echo "virtual bench: no scenario $name; --list shows them" >&2; exit 2; }
done

bin=${MOTORPOINT_BIN:-}
if [[ -z $bin ]]; then
    bin=.build/release
    [[ -x $bin/motorpoint && -x $bin/motorpoint-sim ]] || bin=.build/debug
fi
bin=$(cd "$bin" && pwd)
programs=(motorpoint motorpoint-sim RigPapers)
for name in "${scenarios[@]}"; do
    # shellcheck disable=SC2016 # the scenario's own words
    if grep -q '"$probe"' "$here/scenarios/$name.sh"; then programs+=(BenchProbe) && break; fi
done
for program in "${programs[@]}"; do
    [[ -x $bin/$program ]] || { echo "virtual bench: no $bin/$program; build it first" >&2; exit 2; }
done

kernel=$("$here/kernel.sh") || exit 69

# start FOLDER LIMIT: boots the kernel on FOLDER/init; what it says goes to FOLDER/console. A kernel that hangs is
# killed, with everything that it started.
start() {
    local folder=$1 limit=$2
    # The kernel itself writes to the terminal of whoever starts it.
    setsid --wait timeout --signal=KILL "$limit" "$kernel" root=/dev/root rootfstype=hostfs rootflags=/ rw mem=384M \
        con=null con0=null,fd:1 quiet panic=-1 "uml_dir=$folder/uml" umid=bench "init=$folder/init" \
        "${time_travel[@]}" </dev/null >"$folder/console" 2>&1
}

# prepare FOLDER FILE: what the kernel's first process is told.
prepare() {
    local folder=$1
    mkdir -p "$folder/uml" "$folder/home"
    {
        echo '#!/bin/bash'
        printf 'export BENCH_FOLDER=%q BENCH_ROOT=%q BENCH_BIN=%q BENCH_FILE=%q HOME=%q PATH=%q\n' \
            "$folder" "$root" "$bin" "$2" "$folder/home" /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        printf 'exec %q\n' "$here/init.sh"
    } >"$folder/init"
    chmod +x "$folder/init"
}

# A person at this terminal, and as long as it takes. Time jumps here as well, so that a slow computer is never late; what
# holds it back to the pace of the clock on the wall is a tick every 20 ms at the kernel's second console (needle-terminal.sh).
if [[ -n $terminal ]]; then
    [[ -t 0 && -t 1 && -n $given_folder && -r $terminal ]] || usage
    prepare "$given_folder" "$(realpath "$terminal")"
    echo "export BENCH_ROWS=$(tput lines) BENCH_COLUMNS=$(tput cols)" >"$given_folder/window"
    settings=$(stty -g)
    mkfifo "$given_folder/pace" "$given_folder/never"
    exec 3<>"$given_folder/pace" 4<>"$given_folder/never"
    while :; do
        read -rt 0.02 -u 4 || true
        printf . >&3
    done &
    pace=$!
    trap 'kill "$pace" 2>/dev/null; rm -f "$given_folder/pace" "$given_folder/never"; stty "$settings"' EXIT
    "$kernel" root=/dev/root rootfstype=hostfs rootflags=/ rw mem=384M con=null con0=fd:0,fd:1 con1=fd:3,null quiet \
        panic=-1 "uml_dir=$given_folder/uml" umid=bench "init=$given_folder/init" "${time_travel[@]}" 4<&- || true
    exit "$(cat "$given_folder/status" 2>/dev/null || echo 1)"
fi

passed=0
failed=0
no_boot=0
for name in "${scenarios[@]}"; do
    folder=${given_folder:-$(mktemp -d "${TMPDIR:-/tmp}/motorpoint-bench-XXXXXX")}
    limit=$(sed -n 's/^# limit: \([0-9]*\) s$/\1/p' "$here/scenarios/$name.sh")
    prepare "$folder" "$here/scenarios/$name.sh"
    begin=$(date +%s%N)
    ending=0
    start "$folder" "${limit:-300}" || ending=$?
    wall=$((($(date +%s%N) - begin) / 1000000))
    why=""
    if [[ ! -e $folder/booted ]]; then
        why="the kernel did not start"
        no_boot=$((no_boot + 1))
    elif ((ending == 137)); then
        why="it hung and was killed after ${limit:-300} s of wall time"
    elif [[ ! -e $folder/status ]]; then
        why="the kernel ended without a result (status $ending)"
    elif [[ $(<"$folder/status") != 0 ]]; then
        why="status $(<"$folder/status")"
    fi
    simulated=$(cat "$folder/simulated" 2>/dev/null || echo 0)
    figures=$(awk -v wall="$wall" -v simulated="$simulated" 'BEGIN {
        printf "%.1f s of wall time for %.1f simulated s, wall/simulated %.3f", wall / 1000, simulated / 1000,
            (simulated + 0 == 0 ? 0 : wall / simulated) }')
    if [[ -z $why ]]; then
        echo "virtual bench: $name passed: $figures"
        passed=$((passed + 1))
        if ((keep == 0)); then
            rm -rf "$folder"
            continue
        fi
    else
        echo "virtual bench: $name FAILED: $why; $figures"
        failed=$((failed + 1))
        for file in output console; do
            [[ -s $folder/$file ]] || continue
            echo "--- the end of $folder/$file"
            tail -n 40 "$folder/$file"
        done
    fi
    echo "virtual bench: everything of $name is in $folder"
done
if ((no_boot > 0 && no_boot == ${#scenarios[@]})); then exit 69; fi
echo "bench: $passed passed, $failed failed"
((failed == 0))
