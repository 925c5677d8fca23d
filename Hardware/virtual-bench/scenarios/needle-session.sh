# shellcheck shell=bash disable=SC2154
# about: a whole session of two minutes on needles: packages, buttons, search, treatment, check-in, count
# Proves R-FLT-29, R-NDL-06.
# limit: 900 s
start_needle --cap-milliamperes 2
needle_session "${needles[@]}" scripts/operator/needle-search.txt scripts/operator/needle-treatment.txt \
    scripts/operator/needles-close.txt scripts/operator/needle-end.txt || fail "the session ended with status $?"
verify
replay
"$host" lots L2231 --data "$folder/data" | tee "$folder/lots"
expect_text "$folder/lots" "P-0001"
stop_rig
