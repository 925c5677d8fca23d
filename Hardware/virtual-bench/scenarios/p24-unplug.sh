# shellcheck shell=bash disable=SC2154
# about: unplugged in mid-contraction and plugged in again: the fault is named, the record closed, the line the same
# Proves R-FLT-06.
start_p24
session "${contraction[@]}" - >"$folder/operator" 2>&1 <<'SCRIPT' &
expect-exit 20 within 60s
SCRIPT
operator=$!
wait_for_screen "raised to 2 mA" 300
sleep 1
ask unplug
wait_for 5 test ! -e "$p24" || fail "the line is still there"
status=0
wait "$operator" || status=$?
cat "$folder/operator"
((status == 0)) || fail "the operator's script ended with status $status"
expect_text "$folder/operator" "unplugged"
ask plug
wait_for 5 test -c "$p24" || fail "the line did not come back under its name"
# Who is there is asked and answered, with the voltage off.
"$host" devices --line "$p24" | tee "$folder/devices"
expect_text "$folder/devices" "high voltage off"
verify
stop_rig
