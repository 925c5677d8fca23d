# shellcheck shell=bash disable=SC2034
# What a scenario may use. It runs with `set -euo pipefail` in the root of the repository; whatever it prints is kept.
#
# $host, $sim, $probe   the programs           $folder   a folder of its own
# $p24                  the host's end of the stimulator's line, also of a Pulse Pal

host=$BENCH_BIN/motorpoint
sim=$BENCH_BIN/motorpoint-sim
probe=$BENCH_BIN/BenchProbe
folder=$BENCH_FOLDER
p24=/dev/ttyACM0
gadget=/sys/kernel/config/usb_gadget/g1
pins=/sys/devices/platform/gpio-sim.0/gpiochip0
serial_number=BENCH-0001
rig_process=""

# fail TEXT…: ends the scenario.
fail() {
    echo "FAILED: $*"
    exit 1
}

# A chip labelled "interlock" with the lines of the interlock board, 0 to 8 in this order.
make_pins() {
    local bank=/sys/kernel/config/gpio-sim/interlock/bank0 name number=0
    mkdir -p "$bank"
    echo interlock >"$bank/label"
    echo 16 >"$bank/num_lines"
    for name in HEARTBEAT ENABLE TRIGGER1 TRIGGER2 ESTOP PATIENT RELAY SEEN1 SEEN2; do
        mkdir "$bank/line$number"
        echo "$name" >"$bank/line$number/name"
        number=$((number + 1))
    done
    echo 1 >/sys/kernel/config/gpio-sim/interlock/live
}

# The USB serial device, not plugged in: the rig does that. A scenario may call `identify_usb` before it starts one.
make_usb() {
    mkdir -p "$gadget/strings/0x409" "$gadget/configs/c.1/strings/0x409" "$gadget/functions/acm.0"
    identify_usb 0x0483 0x5740 "Virtual P24" "$serial_number"
    echo "virtual bench" >"$gadget/configs/c.1/strings/0x409/configuration"
    ln -s "$gadget/functions/acm.0" "$gadget/configs/c.1/"
}

# identify_usb VENDOR PRODUCT NAME SERIAL: what the device says of itself; the Pulse Pal is 0x2341 0x003e.
identify_usb() {
    echo "$1" >"$gadget/idVendor"
    echo "$2" >"$gadget/idProduct"
    echo "motorpoint" >"$gadget/strings/0x409/manufacturer"
    echo "$3" >"$gadget/strings/0x409/product"
    echo "$4" >"$gadget/strings/0x409/serialnumber"
}

# wait_for SECONDS COMMAND…: until it succeeds; sleeping, so that time passes.
wait_for() {
    local tries=$(($1 * 20))
    shift
    while ((tries-- > 0)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.05
    done
    return 1
}

# start_p24 OPTION…: the pretend P24 at the far end of the line, with the demo protocol's caps for its meter.
start_p24() {
    "$sim" bench p24 --control "$folder/control" --meter-log "$folder/pulses.csv" --cap-milliamperes 15 --cap-hertz 35 \
        --pad-square-centimetres 25 --quiet "$@" >"$folder/rig" 2>&1 &
    rig_process=$!
    wait_for 10 test -c "$p24" || fail "the P24's line did not appear: $(<"$folder/rig")"
}

# start_needle OPTION…: the pretend Pulse Pal at the far end of the line and the interlock board at the pins.
start_needle() {
    identify_usb 0x2341 0x003e "Virtual Pulse Pal" "$serial_number"
    "$sim" bench needle --control "$folder/control" --quiet "$@" >"$folder/rig" 2>&1 &
    rig_process=$!
    wait_for 10 test -c "$p24" || fail "the Pulse Pal's line did not appear: $(<"$folder/rig")"
}

# stop_rig: ends the pretend rig; fails when its meter found anything.
stop_rig() {
    local verdict=0
    kill -TERM "$rig_process"
    wait "$rig_process" || verdict=$?
    rig_process=""
    cat "$folder/rig"
    ((verdict == 0)) || fail "the meter found something (status $verdict)"
}

# ask WORD…: asks the pretend rig for something.
ask() { "$sim" ask --control "$folder/control" "$@"; }

# papers OPTION…: keys, policy, signatures and a calibration that are believed in this scenario's data folder only.
papers() {
    [[ -e $folder/data/policy.yaml ]] || "$BENCH_BIN/RigPapers" --data "$folder/data" --protocols Protocols "$@"
}

# session SCRIPT…: a session of the pretend operator, whose script is made of these files, "-" for what is piped in.
session() {
    papers --p24 SIMULATED1
    cat "$@" >"$folder/script.txt"
    "$sim" operator --script "$folder/script.txt" --patient-button "$folder/control" --log "$folder/screen" -- \
        "$host" start "${protocol:-demo-relieve-surface}" --patient P-0001 --side right --practitioner bench \
        --rig Hardware/rigs/demo-p24.yaml --line "$p24" --data "$folder/data"
}

# needle_session SCRIPT…: a session of the pretend operator on the needle rig.
needle_session() {
    papers --needle "$serial_number"
    cat "$@" >"$folder/script.txt"
    "$sim" operator --script "$folder/script.txt" --patient-button "$folder/control" --log "$folder/screen" -- \
        "$host" start "${protocol:-demo-relieve-needle}" --patient P-0001 --side right --practitioner bench \
        --rig Hardware/rigs/demo-needle.yaml --line "$p24" --data "$folder/data"
}

# relay_is open|closed: what the board's read-back says at this moment; closed is low.
relay_is() {
    local level
    level=$(<"$pins/sim_gpio6/pull")
    [[ $1 == closed && $level == pull-down ]] || [[ $1 == open && $level == pull-up ]]
}

# needles: the scripts that lead to needles that are in and a session that is armed.
needles=(scripts/operator/checklist-needle.txt scripts/operator/needle-buttons.txt scripts/operator/needles-two.txt
    scripts/operator/needle-armed.txt)

# contraction: the scripts that lead to the plateau of the first contraction.
contraction=(scripts/operator/checklist-surface.txt scripts/operator/armed.txt scripts/operator/first-contraction.txt)

# host_process: the process of the session's program.
host_process() { pgrep -x motorpoint; }

# wait_for_screen TEXT SECONDS: until the session's screen has shown it.
wait_for_screen() { wait_for "$2" grep -qF "$1" "$folder/screen" || fail "the screen never showed \"$1\""; }

# verify: every record is whole and closed.
verify() {
    "$host" sessions list --data "$folder/data"
    "$host" sessions verify --data "$folder/data" || fail "a record is not whole"
}

# replay: every record, fed to a new machine, gives the same outputs.
replay() {
    local record
    for record in "$folder"/data/sessions/*.mpr; do
        "$host" sessions replay "$(basename "$record" .mpr)" --data "$folder/data" || fail "the replay differs"
    done
}

# expect_text FILE TEXT
expect_text() { grep -qF -- "$2" "$1" || { cat "$1"; fail "\"$2\" is not in $1"; }; }

# pulse_count: pulses that reached the electrode so far.
pulse_count() { grep -c '^[0-9]' "$folder/pulses.csv" || true; }
