# shellcheck shell=bash disable=SC2154
# about: a whole session on a real serial line; record verified, meter clean
# limit: 600 s
start_p24
session scripts/operator/checklist-surface.txt scripts/operator/demo-session.txt ||
    fail "the session ended with status $?"
verify
stop_rig
