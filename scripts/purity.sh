#!/usr/bin/env bash
# The compiler's proof that the pure modules neither allocate nor need a runtime: they compile as Embedded Swift. Then
# the proof's own test: a copy in which one pure function allocates must be refused, each in another way.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=.build-embedded/planted

# embedded FOLDER SCRATCH: builds all pure modules.
embedded() {
    MP_EMBEDDED=1 swift build -c release --target RigControl --package-path "$1" --scratch-path "$2" --quiet
}

embedded . .build-embedded
refused=0
# plant NAME CODE PATTERN: what the compiler must say of it, in StimulusModel, the first module that is built.
plant() {
    printf '%s\n' "$2" >"$copy/Sources/StimulusModel/Planted.swift"
    local log=.build-embedded/$1.log
    if embedded "$copy" "$copy/.build" >"$log" 2>&1; then
        echo "purity: FAILED: $1 in a pure module was accepted" >&2
        exit 1
    fi
    if ! grep -E 'Planted\.swift.*error' "$log" | grep -qE "$3"; then
        echo "purity: FAILED: $1 was refused for another reason, see $log" >&2
        exit 1
    fi
    refused=$((refused + 1))
}
rm -rf "$copy"
mkdir -p "$copy"
cp -r Package.swift Sources Tests Benchmarks "$copy/"
plant array 'public func planted(_ count: Int) -> [Int] { [Int](repeating: count, count: count) }' 'alloc|array'
plant class 'final class Planted { var count = 0 }
public func planted() -> Int { Planted().count }' 'alloc|class'
plant existential 'public protocol Plant { func grow() -> Int }
public func planted(_ one: any Plant) -> Int { one.grow() }' 'existential|protocol type|any Plant'
plant untyped-throws 'public struct Planted: Error {}
public func planted(_ yes: Bool) throws { if yes { throw Planted() } }' 'throws|existential|alloc'
echo "purity: 7 pure modules compile without allocation, $refused of 4 planted impurities refused"
