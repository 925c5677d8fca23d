#!/usr/bin/env bash
# Builds the kernel of the virtual bench, once, and prints where it is. What else it says goes to standard error.
# Usage: Hardware/virtual-bench/kernel.sh
# Exit status: 0 there it is · 1 it could not be built (the log is named).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fragment=$here/kernel.config
say() { echo "virtual bench: $*" >&2; }

"$here/../../scripts/bootstrap.sh" bench-kernel >&2

archive=/usr/src/linux-source-6.12.tar.xz
[[ -r $archive ]] || { say "no $archive, which Debian's package linux-source-6.12 brings"; exit 1; }
version=$(dpkg-query --show --showformat='${Version}' linux-source-6.12)
key=$(cat <(echo "$version") "$fragment" | sha256sum | cut -c 1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/motorpoint/virtual-bench/$key
kernel=$cache/linux
if [[ -x $kernel ]]; then
    echo "$kernel"
    exit 0
fi

mkdir -p "$cache"
# Two runs that begin at once: the second waits for the first.
exec 9>"$cache/lock"
flock 9
if [[ -x $kernel ]]; then
    echo "$kernel"
    exit 0
fi
work=$(mktemp -d "$cache/build-XXXXXX")
log=$cache/build.log
# After a failure only the log is kept.
trap 'rm -rf "$work"' EXIT
say "building user-mode Linux $version into $cache (some minutes, once)"
begin=$SECONDS

# Only what this architecture can need, and every Kconfig file, since they name each other.
unpack() {
    tar --extract --xz --file "$archive" --directory "$work" --strip-components 1 --wildcards --wildcards-match-slash \
        --exclude='*/Documentation/[a-z]*/*' --exclude='*/tools/testing/*' --exclude='*/samples/*.c' \
        --exclude='*/arch/[!ux]*/*.[cSh]' --exclude='*.dts' --exclude='*.dtsi' --exclude='*.json' \
        --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/net/[a-z]*/*.[ch]' --exclude='*/drivers/media/*.[ch]' \
        --exclude='*/drivers/staging/*.[ch]' --exclude='*/sound/*.[ch]' --exclude='*/drivers/scsi/*.[ch]' \
        --exclude='*/drivers/infiniband/*.[ch]' --exclude='*/tools/perf/*'
}

# configure: what was asked for must have been kept, or the bench would fail in ways that nobody understands.
configure() {
    make -C "$work" ARCH=um KCONFIG_ALLCONFIG="$fragment" allnoconfig
    local wanted missing=0
    while read -r wanted; do
        grep --quiet --line-regexp "$wanted" "$work/.config" || { echo "not kept: $wanted"; missing=1; }
    done < <(grep '^CONFIG' "$fragment")
    return "$missing"
}

build() {
    unpack && configure && make -C "$work" ARCH=um -j"$(nproc)" linux && strip -o "$work/stripped" "$work/linux"
}

if ! build </dev/null >"$log" 2>&1; then
    say "the kernel could not be built; the end of $log:"
    tail -n 20 "$log" >&2
    exit 1
fi
mv "$work/stripped" "$kernel"
say "built in $((SECONDS - begin)) s"
echo "$kernel"
