import Foundation
import FuzzTargets
import Testing

/// Every kept input through its target, without a fuzzer: seeds, what the fuzzer kept, and each input that ever broke
/// something.
@Suite struct CorpusTests {
    private static let root: String = {
        "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Corpus"
    }()

    private static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = "\(root)/\(target.rawValue)"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
        }
    }

    @Test(arguments: FuzzTarget.real) func everyKeptInputIsRead(_ target: FuzzTarget) throws {
        let inputs = try Self.inputs(of: target)
        #expect(!inputs.isEmpty, "no corpus for \(target.rawValue)")
        for input in inputs {
            if let broken = target.check(input.bytes) { Issue.record("\(target.rawValue)/\(input.name): \(broken)") }
        }
        print("corpus: \(target.rawValue): \(inputs.count) inputs")
    }

    /// A folder that no target reads would be a corpus that nobody runs.
    @Test func everyFolderIsThatOfATarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root).sorted()
        #expect(folders == FuzzTarget.real.map(\.rawValue).sorted())
    }
}
