# shellcheck shell=bash disable=SC2154
# about: the Pulse Pal is found by its numbers, and its interlock board tells what is pressed
start_needle
[[ $("$probe" find 2341 003E "$serial_number") == "$p24" ]] || fail "not found by all three"
if "$probe" find 0483 5740; then fail "found as a P24"; fi
"$host" devices | tee "$folder/devices"
expect_text "$folder/devices" "USB 2341:003e Virtual Pulse Pal $serial_number"
expect_text "$folder/devices" "the same as every Arduino Due"
# Nobody presses anything, and without a heartbeat the relay stays open.
"$probe" pins 100 | tee "$folder/pins"
expect_text "$folder/pins" "emergency stop 0, patient 0, relay 0, seen 0 0"
ask emergency-stop press
"$probe" pins 100 | tee "$folder/pins"
expect_text "$folder/pins" "emergency stop 1, patient 0, relay 0, seen 0 0"
ask emergency-stop release
ask patient-button 2000
"$probe" pins 100 | tee "$folder/pins"
expect_text "$folder/pins" "emergency stop 0, patient 1, relay 0, seen 0 0"
ask unplug
wait_for 5 test ! -e "$p24" || fail "the line is still there"
ask plug
wait_for 5 test -c "$p24" || fail "the line did not come back under its name"
stop_rig
