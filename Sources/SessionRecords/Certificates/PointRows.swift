internal import Calibration

/// The points of an output, as found and as left side by side: one row for each level, phase and load.
struct PointRows {
    struct Row {
        let setMicroamperes: Int32
        let isSecondPhase: Bool
        let loadOhms: Int32
        let asFound: CalibrationPoint?
        let asLeft: CalibrationPoint?
    }

    private struct Key: Hashable, Comparable {
        let set: Int32
        let isSecondPhase: Bool
        let ohms: Int32

        init(_ point: CalibrationPoint) {
            set = point.setMicroamperes
            isSecondPhase = point.isSecondPhase
            ohms = point.loadOhms
        }

        static func < (a: Key, b: Key) -> Bool {
            if a.set != b.set { return a.set < b.set }
            if a.ohms != b.ohms { return a.ohms < b.ohms }
            return !a.isSecondPhase && b.isSecondPhase
        }
    }

    let rows: [Row]

    init(_ output: OutputCertificate) {
        let found = Dictionary(grouping: output.asFound, by: Key.init)
        let left = Dictionary(grouping: output.asLeft, by: Key.init)
        rows = Set(found.keys).union(left.keys).sorted().flatMap { key -> [Row] in
            let (a, b) = (found[key] ?? [], left[key] ?? [])
            return (0..<max(a.count, b.count)).map { index in
                Row(
                    setMicroamperes: key.set, isSecondPhase: key.isSecondPhase, loadOhms: key.ohms,
                    asFound: index < a.count ? a[index] : nil, asLeft: index < b.count ? b[index] : nil)
            }
        }
    }

    /// Decimals of mA: tenths of µA on needles, µA on pads.
    static func places(_ output: OutputCertificate) -> Int {
        (output.asFound + output.asLeft).allSatisfy { $0.setMicroamperes <= 10_000 } ? 4 : 3
    }

    /// Mean, standard deviation, U and error of one point; four dashes where there is none.
    static func cells(_ point: CalibrationPoint?, _ places: Int) -> [String] {
        guard let point else { return ["–", "–", "–", "–"] }
        return [
            CertificateFormat.decimal(point.meanNanoamperes, from: 6, to: places),
            CertificateFormat.decimal(point.standardDeviationNanoamperes, from: 6, to: places),
            CertificateFormat.decimal(point.expandedNanoamperes, from: 6, to: places, rounding: .up),
            CertificateFormat.errorPercent(point).map { CertificateFormat.signed($0, 2) } ?? "–",
        ]
    }
}
