#!/usr/bin/env bash
# Everything under one seed, many times: host, rig, tissue, board, disk, clock and hands in virtual time, and a judge.
# Usage: scripts/soak.sh SEEDS [FIRST], or any argument of SoakRun (--seed N, --script FILE). Release, two threads.
set -euo pipefail
cd "$(dirname "$0")/.."
exec scripts/proof.sh SoakRun "$@"
