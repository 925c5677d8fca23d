# shellcheck shell=bash disable=SC2154
# about: the device is found by its vendor, product and serial numbers, and answers
start_p24
"$host" devices | tee "$folder/devices"
expect_text "$folder/devices" "USB 0483:5740 Virtual P24 $serial_number"
[[ $("$probe" find 0483 5740 "$serial_number") == "$p24" ]] || fail "not found by all three"
[[ $("$probe" find 0483 5740) == "$p24" ]] || fail "not found without a serial number"
if "$probe" find 0483 5740 OTHER; then fail "found under another serial number"; fi
if "$probe" find 2341 003e; then fail "found as a Pulse Pal"; fi
"$host" devices --line "$("$probe" find 0483 5740 "$serial_number")" | tee "$folder/devices"
expect_text "$folder/devices" "SIMULATED1"
expect_text "$folder/devices" "high voltage off"
stop_rig
