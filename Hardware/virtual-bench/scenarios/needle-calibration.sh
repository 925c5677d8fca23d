# shellcheck shell=bash disable=SC2154
# about: a technician's self-test, then an output calibrated on dummy loads with an instrument on a line of its own
# Proves R-CAL-01, R-BCH-05.
# limit: 1800 s
# For the session, a rig with one output: what is not calibrated is not covered.
mkdir -p "$folder/rigs"
sed -e '/^second_output:/,$d' -e '/^second_channel:/d' -e 's/^id: .*/id: one-output/' Hardware/rigs/demo-needle.yaml \
    >"$folder/rigs/one-output.yaml"
rig=$folder/rigs/one-output.yaml
start_needle --cap-milliamperes 10 --instrument "$folder/instrument" --dummy-load 1=open --dummy-load 2=open
"$BENCH_BIN/RigPapers" --data "$folder/data" --protocols Protocols --needle OTHER-0001

# The self-test first: every stop path alone, both buttons, and zero means zero.
cat - scripts/operator/needle-buttons.txt >"$folder/selftest.txt" <<'TEXT'
expect "type nobody" within 60s
type "nobody\n"
TEXT
cat >>"$folder/selftest.txt" <<'TEXT'
expect "no pulse was delivered, and it is proven off again" within 60s
expect "self-test passed" within 10s
expect-exit 0 within 20s
TEXT
"$sim" operator --script "$folder/selftest.txt" --patient-button "$folder/control" --log "$folder/screen" -- \
    "$BENCH_BIN/motorpoint-bench" selftest --rig Hardware/rigs/demo-needle.yaml --line "$p24" \
    --data "$folder/data" || fail "the self-test ended with status $?"

"$sim" operator --script scripts/operator/calibrate-needle.txt --patient-button "$folder/control" \
    --log "$folder/screen" -- \
    "$BENCH_BIN/motorpoint-bench" calibrate --rig Hardware/rigs/demo-needle.yaml --line "$p24" \
    --bench Hardware/benches/demo.yaml --instrument "$folder/instrument" --channel 1 --compliance-v 120 \
    --technician DEMO --key demo-technician --data "$folder/data" || fail "the calibration ended with status $?"
"$BENCH_BIN/motorpoint-bench" certificate "$serial_number" --data "$folder/data" --plain | head -n 20

# The next session takes it: the checklist begins.
cat >"$folder/accepted.txt" <<'TEXT'
expect "Calibration BENCH-0001-1" within 60s
expect "I01" within 20s
type "quit\n"
expect-exit 30 within 20s
TEXT
"$sim" operator --script "$folder/accepted.txt" --log "$folder/screen" -- "$host" start demo-relieve-needle \
    --patient P-0001 --side right --practitioner bench --rig "$rig" --line "$p24" --data "$folder/data" ||
    fail "the calibration was not taken"
stop_rig
