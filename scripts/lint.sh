#!/usr/bin/env bash
# The form of the sources. Silent when all is well.
set -euo pipefail
cd "$(dirname "$0")/.."

swift format lint --strict --recursive Sources Tests Benchmarks Proofs Package.swift

mapfile -t scripts < <(git ls-files '*.sh' '.ci/run')
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then
    shellcheck "${scripts[@]}"
else
    echo "lint: SKIPPED shellcheck, which is not installed; the shell scripts were only parsed"
fi

# Hazards, requirements, tests and limits: nothing hangs in the air, and what is written of it is not stale.
if python3 -c 'import yaml' 2>/dev/null; then
    traced=$(scripts/trace.py --check) || {
        echo "$traced"
        exit 1
    }
else
    echo "lint: SKIPPED trace, whose YAML library is not installed (python3-yaml)"
fi

# The interlock board's figures are those of its model and of the link that drives it.
python3 Hardware/interlock/check.py
