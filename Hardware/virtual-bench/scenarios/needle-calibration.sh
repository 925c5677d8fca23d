# shellcheck shell=bash disable=SC2154
# about: a technician calibrates an output on dummy loads with an instrument on a line of its own
# limit: 1800 s
start_needle --cap-milliamperes 10 --instrument "$folder/instrument" --dummy-load 1=open --dummy-load 2=open
"$BENCH_BIN/RigPapers" --data "$folder/data" --protocols Protocols --needle OTHER-0001
"$sim" operator --script scripts/operator/calibrate-needle.txt --patient-button "$folder/control" \
    --log "$folder/screen" -- "$BENCH_BIN/motorpoint-bench" calibrate --rig Hardware/rigs/demo-needle.yaml --line "$p24" \
    --bench Hardware/benches/demo.yaml --instrument "$folder/instrument" --channel 1 --compliance-v 120 \
    --technician DEMO --key demo-technician --data "$folder/data" || fail "the calibration ended with status $?"
"$BENCH_BIN/motorpoint-bench" certificate "$serial_number" --data "$folder/data" --plain | head -n 20
stop_rig
