# shellcheck shell=bash disable=SC2154
# about: the host is halted in mid-contraction and goes on after 3 s: nothing is energised again
# Proves R-FLT-18, R-FLT-15.
start_p24
session "${contraction[@]}" - >"$folder/operator" 2>&1 <<'SCRIPT' &
expect-exit 20 within 60s
SCRIPT
operator=$!
wait_for_screen "raised to 2 mA" 300
sleep 1
halted=$(host_process)
before=$(pulse_count)
kill -STOP "$halted"
# What was on its way may still arrive.
sleep 0.2
ask forbid-pulses
during=$(pulse_count)
sleep 3
kill -CONT "$halted"
status=0
wait "$operator" || status=$?
cat "$folder/operator"
((status == 0)) || fail "the operator's script ended with status $status"
((before > 0)) || fail "there was no contraction to halt"
(($(pulse_count) == during)) || fail "$(($(pulse_count) - during)) pulses came after the halt"
verify
stop_rig
