#!/usr/bin/env bash
# Installs the practitioner's and the technician's program with protocols, rig files, completions and manual pages.
# PREFIX (default /usr/local) is where it will run; DESTDIR, for packages, is put in front of it and not looked at later.
# MOTORPOINT_BIN names a folder with a built `motorpoint`; without it one is built that needs no Swift toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}$prefix
[[ $prefix == /* ]] || { echo "install: PREFIX is a path from /, not \"$prefix\"" >&2; exit 2; }

if [[ -n ${MOTORPOINT_BIN:-} ]]; then
    program=$MOTORPOINT_BIN/motorpoint
else
    scripts/bootstrap.sh install
    for product in motorpoint motorpoint-bench; do
        swift build -c release --product "$product" --static-swift-stdlib --scratch-path .build-static
    done
    program=$(swift build -c release --show-bin-path --scratch-path .build-static)/motorpoint
fi

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
# The day of the sources, so that two builds of them give the same pages.
day=$(git log -1 --format=%cs 2>/dev/null || date --utc --reference="$program" +%F)
for one in "$program" "$program-bench"; do
    "$one" --experimental-dump-help | python3 scripts/man_pages.py "$pages" "motorpoint $("$program" --version)" "$day"
done
for shell in bash zsh fish; do "$program" --generate-completion-script "$shell" >"$pages/completion.$shell"; done

install -D -m 755 "$program" "$root/bin/motorpoint"
install -D -m 755 "$program-bench" "$root/bin/motorpoint-bench"
for folder in Protocols Hardware; do
    while IFS= read -r file; do
        install -D -m 644 "$file" "$root/share/motorpoint/$file"
    done < <(find "$folder" -type f ! -name '.*' | sort)
done
for page in "$pages"/*.1; do install -D -m 644 "$page" "$root/share/man/man1/$(basename "$page")"; done
install -D -m 644 "$pages/completion.bash" "$root/share/bash-completion/completions/motorpoint"
install -D -m 644 "$pages/completion.zsh" "$root/share/zsh/site-functions/_motorpoint"
install -D -m 644 "$pages/completion.fish" "$root/share/fish/vendor_completions.d/motorpoint.fish"
install -D -m 644 LICENSE "$root/share/doc/motorpoint/LICENSE"
if [[ -f Docs/user-guide.md ]]; then
    install -D -m 644 Docs/user-guide.md "$root/share/doc/motorpoint/user-guide.md"
fi
echo "install: motorpoint is in $root/bin; look at this computer with: $prefix/bin/motorpoint doctor"
