#!/usr/bin/env bash
# Does the judge find a host that breaks its own rules? Plants every seeded defect (scripts/defects.py) in a scratch copy,
# all behind one switch, builds it once, and runs seeds with each of them until the judge finds something.
# Usage: scripts/defects.sh [SEEDS [NUMBER…]]
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-400}
shift || true
work=.build-defects
copy=$work/copy

mkdir -p "$work"
rm -rf "$copy.new"
mkdir -p "$copy.new" "$copy"
cp -r Package.swift Sources Tests Benchmarks Proofs "$copy.new/"
python3 scripts/defects.py plant "$copy.new"
# Only what changed is touched, so that only that is built again.
while IFS= read -r -d '' file; do
    [[ -e $copy.new/$file ]] || rm -f "${copy:?}/$file"
done < <(cd "$copy" && find . -type f -print0)
while IFS= read -r -d '' file; do
    if ! cmp -s "$copy.new/$file" "$copy/$file"; then
        mkdir -p "$copy/$(dirname "$file")"
        cp "$copy.new/$file" "$copy/$file"
    fi
done < <(cd "$copy.new" && find . -type f -print0)
rm -rf "$copy.new"
# What a world needs, and no more: without the page makers the copy is built in a third of the time.
MP_NO_PAGES=1 swift build -c release --product SoakRun --package-path "$copy" --scratch-path "$work/build" --quiet
run=$work/build/release/SoakRun

# The copy without a defect is the host: it must be clean in each of these worlds, else a find there is none.
clean=$(SEEDED_DEFECT=0 "$run" --first "$seeds" || true)
if ! grep -q '^MISSED' <<<"$clean"; then
    echo "defects: the copy without any defect is not clean" >&2
    exit 1
fi

numbers=("$@")
if ((${#numbers[@]} == 0)); then read -ra numbers <<<"$(python3 scripts/defects.py list)"; fi
: >"$work/results"
# one NUMBER: its line of results.
one() {
    local line
    line=$(SEEDED_DEFECT=$1 "$run" --first "$seeds" | grep -E '^(FOUND|MISSED)' || echo "CRASHED")
    # What needs a rare world: the scripts that were kept of such ones. The suite plays them to the host itself.
    if [[ $line == MISSED* ]]; then
        local script finding
        for script in Tests/Scenarios/*.txt; do
            finding=$(SEEDED_DEFECT=$1 "$run" --script "$script" | grep -m 1 '^FINDING' || true)
            [[ -z $finding ]] || line=$(printf 'FOUND\t%s\t%s\t%s' "$(basename "$script")" \
                "$(sed -E 's/^FINDING [^:]*: (.*) at ([0-9]+) ms: .*/\1/' <<<"$finding")" \
                "$(sed -E 's/^FINDING [^:]*: .* at [0-9]+ ms: (.*)/\1/' <<<"$finding")")
        done
    fi
    printf '%s\t%s\n' "$1" "$line" | tee -a "$work/results"
}
export -f one
export run seeds work
printf '%s\n' "${numbers[@]}" | xargs -P 2 -I '{}' bash -c 'one {}'
sort -n -o "$work/results" "$work/results"
if (($# == 0)); then python3 scripts/defects.py table "$work/results" >Docs/safety-case/03-defects.md; fi
found=$(grep -c FOUND "$work/results" || true)
echo "defects: ${#numbers[@]} planted, $found found, $((${#numbers[@]} - found)) missed, at most $seeds seeds each"
((found == ${#numbers[@]}))
