#!/usr/bin/env bash
# Every state that the session machine and the gate can reach on small plans, on both rigs. The last line has the figures.
# Usage: scripts/explore.sh [quick | mutants | PLAN…] [verbose]
set -euo pipefail
cd "$(dirname "$0")/.."

if (($# == 0)); then scripts/proof.sh Explore mutants; fi
exec scripts/proof.sh Explore "$@"
