// Names that become file names.

/// Names of keys.
enum KeyName {
    static let words = "1 to 40 lower-case letters, digits and hyphens, the first one a letter"

    static func isGood(_ id: String) -> Bool {
        guard let first = id.utf8.first, first >= 0x61, first <= 0x7A, id.utf8.count <= 40 else { return false }
        return id.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-")
        }
    }
}

/// A serial number as a folder's name: letters, digits, `-` and `.` stay, whatever else is written as `_` and two
/// hexadecimal digits, so that two serial numbers never share a folder.
enum SerialFolder {
    static func name(_ serial: String) -> String {
        guard !serial.isEmpty else { return "_" }
        var name: [UInt8] = []
        for (index, byte) in serial.utf8.enumerated() {
            let isLetter = (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
            let isPlain = isLetter || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "-")
            // A point is no beginning: the folders `.` and `..` are others.
            if isPlain || (byte == UInt8(ascii: ".") && index > 0) {
                name.append(byte)
            } else {
                name += Array("_".utf8) + Array(HexText.text([byte]).utf8)
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}

/// Where the papers of trust lie in a data folder.
public struct TrustFolder: Sendable {
    public let dataFolder: String

    public init(dataFolder: String) { self.dataFolder = dataFolder }

    /// The policy of this data folder; it counts instead of the installation's.
    public var policy: String { dataFolder + "/policy.yaml" }
    public var keys: String { dataFolder + "/keys" }
    public var revoked: String { keys + "/revoked" }
    public var calibrations: String { dataFolder + "/calibrations" }
    public var anchor: String { calibrations + "/anchor" }
    public var signatures: String { dataFolder + "/signatures" }

    public func calibrations(of serial: String) -> String { calibrations + "/" + SerialFolder.name(serial) }

    public func calibration(of serial: String, sequence: Int32) -> String {
        "\(calibrations(of: serial))/\(sequence).yaml"
    }

    /// The signature beside a file.
    public static func signature(beside path: String) -> String { path + ".sig" }

    public func protocolSignature(_ id: String) -> String { "\(signatures)/\(id).sig" }
}
