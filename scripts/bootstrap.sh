#!/usr/bin/env bash
# Checks the Swift toolchain and installs the Debian packages that are missing.
# Usage: scripts/bootstrap.sh build|install|test|bench|bench-kernel
set -euo pipefail

# weasyprint makes the PDF of a certificate; the fonts have the signs of units, which not every Debian has fonts for.
case "${1:-build}" in
    build) wanted=(libsodium-dev libsqlite3-dev libgpiod-dev libserialport-dev pkg-config weasyprint fonts-liberation) ;;
    install) wanted=(libsodium-dev libsqlite3-dev libgpiod-dev libserialport-dev pkg-config python3) ;;
    # mandoc, groff, zsh and fish check the manual pages and the completions; python3-yaml reads hazards and requirements.
    test) wanted=(libsodium-dev libsqlite3-dev libgpiod-dev libserialport-dev pkg-config python3-venv python3-yaml mandoc groff-base zsh fish shellcheck
        linux-source-6.12 flex bison bc xz-utils gcc make gpiod weasyprint fonts-liberation) ;;
    bench) wanted=(libsodium-dev libsqlite3-dev libgpiod-dev libserialport-dev pkg-config python3-venv rt-tests) ;;
    # The kernel of the virtual bench (Hardware/virtual-bench), and what holds and pulls its pins.
    bench-kernel) wanted=(linux-source-6.12 flex bison bc xz-utils gcc make gpiod) ;;
    *)
        echo "usage: $0 build|install|test|bench|bench-kernel" >&2
        exit 2
        ;;
esac

if ! command -v swift >/dev/null; then
    echo "bootstrap: no Swift toolchain found. Install Swift 6.3 or later (https://www.swift.org/install/linux/)" >&2
    echo "           and put its usr/bin folder on PATH." >&2
    exit 1
fi
version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if ((major < 6 || (major == 6 && minor < 3))); then
    echo "bootstrap: Swift 6.3 or later is needed; \`swift --version\` says $major.$minor." >&2
    exit 1
fi

missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null || true)
    [[ $status == "install ok installed" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo "bootstrap: this is no Debian system. Install by hand what these Debian packages hold: ${missing[*]}" >&2
    exit 1
fi
as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "bootstrap: ${missing[*]} missing, and neither root nor sudo here. As root:" >&2
        echo "           apt-get update && apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "bootstrap: installing ${missing[*]} with apt-get"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update --quiet
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --quiet "${missing[@]}"
