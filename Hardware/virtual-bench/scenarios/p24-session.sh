# shellcheck shell=bash disable=SC2154
# about: a session of two minutes on a real serial line, a minute's pause in it; record verified, meter clean
# Proves R-FLT-29, R-REC-05.
# limit: 600 s
start_p24
session scripts/operator/checklist-surface.txt scripts/operator/demo-session-paused.txt ||
    fail "the session ended with status $?"
verify
replay
stop_rig
