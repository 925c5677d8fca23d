// The one function that libFuzzer calls. Which target it feeds is named by MP_FUZZ_TARGET, so that one build holds all
// of them, and the canaries that prove that this very build sees.
internal import Foundation
internal import FuzzTargets

/// Read once: the target of this process.
let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["MP_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        // Without a target nothing would be fuzzed, and the run would pass.
        fatalError("MP_FUZZ_TARGET is \"\(name)\", one of: \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

@c(LLVMFuzzerTestOneInput) public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    if let broken = target.check(bytes) {
        FileHandle.standardError.write(Data("fuzz: PROPERTY BROKEN: \(target.rawValue): \(broken)\n".utf8))
        // libFuzzer knows a finding by its crash.
        fatalError("property broken")
    }
    return 0
}
