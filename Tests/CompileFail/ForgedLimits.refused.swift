// A table of limits begins as an absolute one and can only be tightened.
import SafetyKernel

func widen() {
    _ = Limit(200_000, setBy: .absolute)
    // expected-error@-1 {{'Limit' initializer is inaccessible due to 'internal' protection level}}
    var limits = LimitTable.absoluteSurface
    limits[.amplitude] = LimitTable.absoluteNeedle[.amplitude]
    // expected-error@-1 {{cannot assign through subscript: subscript is get-only}}
    limits.electrodeKind = .needle
    // expected-error@-1 {{cannot assign to property: 'electrodeKind' is a 'let' constant}}
}

func open(_ entries: InlineArray<21, Limit>) {
    _ = LimitTable(.surface, entries: entries)
    // expected-error@-1 {{'LimitTable' initializer is inaccessible due to 'private' protection level}}
}
