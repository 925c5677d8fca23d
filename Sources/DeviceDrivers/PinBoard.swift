public import ByteStreams
internal import CGPIO
internal import CLinuxIO
public import StimulatorLinks
public import StimulusModel

/// Why the pins could not be had, and what to do about it. Nothing was driven.
public enum PinError: Error, Equatable, Sendable, CustomStringConvertible {
    case noSuchChip(String)
    case noSuchLine(role: PinRole, name: String, chip: String)
    /// Another program, or a driver in the kernel, holds the line; what it calls itself, empty when it says nothing.
    case busy(role: PinRole, name: String, holder: String)
    case sameLineTwice(PinRole, PinRole, name: String)
    case permissionDenied(chip: String)
    /// The chip reports another resistor than the one that was asked for.
    case biasNotKept(role: PinRole, name: String, wanted: PinBias)
    case failed(chip: String, SystemError)

    public var description: String {
        switch self {
        case .noSuchChip(let chip):
            "no GPIO chip \(chip): connect it, or name another in the rig file; `gpiodetect` lists what is there"
        case .noSuchLine(let role, let name, let chip):
            "the chip \(chip) has no line \(name) for \(role.rawValue): check the names in the rig file; "
                + "`gpioinfo` lists them"
        case .busy(let role, let name, let holder):
            "the line \(name) for \(role.rawValue) is in use by \(holder.isEmpty ? "another program" : holder): only "
                + "one program may drive an interlock board; end that one first"
        case .sameLineTwice(let first, let second, let name):
            "\(first.rawValue) and \(second.rawValue) both name the line \(name): each needs one of its own"
        case .permissionDenied(let chip):
            "this user may not open the GPIO chip \(chip): join the group that owns it (often `gpio`), then log in "
                + "again; do not run as root for this"
        case .biasNotKept(let role, let name, let wanted):
            "the chip does not give the line \(name) for \(role.rawValue) the bias \(wanted.rawValue): a broken wire "
                + "would not be noticed; use another line, or a resistor on the board and the bias asIs"
        case .failed(let chip, let error):
            "the GPIO chip \(chip) could not be used: \(error); unplug it, plug it in again and retry"
        }
    }
}

/// The pins of an interlock board, held by this process alone. Between reading and writing nothing is allocated, so the
/// real-time thread may use it. What the lines do when it is dropped, or when the process dies, is the chip's affair:
/// the board only trusts a living heartbeat.
public struct PinBoard: ~Copyable, Sendable {
    /// What the kernel shows to others as the holder of these lines.
    public static let consumer = "motorpoint"

    private let handle: Handle
    /// Bit of each role in the board's words; 0 for a role that is left out.
    private let bits: InlineArray<9, UInt32>
    /// Inputs that mean "yes" when they are low.
    private let inverted: UInt32

    /// An open board of CGPIO.
    private struct Handle: ~Copyable, Sendable {
        let number: Int32

        init(_ plan: PinPlan) throws(PinError) {
            let opened = unsafe mp_gpio_open(plan.chip)
            guard opened >= 0 else { throw PinBoard.chipError(-opened, plan) }
            number = opened
        }

        /// Whoever lets go of the lines leaves them low, also on the way out of an error: what a chip does with a line
        /// that nobody holds is its own affair.
        deinit {
            _ = mp_gpio_write(number, 0)
            mp_gpio_close(number)
        }
    }

    private struct Place {
        let role: PinRole
        let line: PinLine
        let number: Int32
        var bit: UInt32 { 1 << UInt32(number) }
    }

    /// Finds the chip and its lines by name, and takes hold of them: outputs low, inputs with their bias.
    public init(opening plan: PinPlan) throws(PinError) {
        if let (first, second) = plan.sharedLine {
            throw .sameLineTwice(first, second, name: plan.line(for: second)?.name ?? "")
        }
        let opened = try Handle(plan)
        let places = try Self.findLines(opened.number, plan)
        try Self.takeHold(opened.number, places, plan)
        var bits = InlineArray<9, UInt32>(repeating: 0)
        var inverted: UInt32 = 0
        for place in places {
            bits[place.role.index] = place.bit
            if place.line.isActiveLow, !place.role.isOutput { inverted |= place.bit }
        }
        handle = opened
        self.bits = bits
        self.inverted = inverted
    }

    private static func findLines(_ board: Int32, _ plan: PinPlan) throws(PinError) -> [Place] {
        var places: [Place] = []
        for role in PinRole.allCases {
            guard let line = plan.line(for: role) else { continue }
            let bias = code(role.isOutput ? .asIs : line.bias)
            let number = unsafe mp_gpio_add(board, line.name, role.isOutput ? 1 : 0, bias)
            if number == -Int32(MP_ENOENT) { throw .noSuchLine(role: role, name: line.name, chip: plan.chip) }
            if number < 0 {
                throw .failed(chip: plan.chip, SystemError(code: -number, attempt: "find the line \(line.name)"))
            }
            places.append(Place(role: role, line: line, number: number))
        }
        return places
    }

    private static func takeHold(_ board: Int32, _ places: [Place], _ plan: PinPlan) throws(PinError) {
        let request = unsafe mp_gpio_request(board, consumer)
        if request == -Int32(MP_EBUSY) {
            for place in places {
                guard let holder = holder(board, place.number) else { continue }
                throw .busy(role: place.role, name: place.line.name, holder: holder)
            }
        }
        if request < 0 { throw chipError(-request, plan) }
        for place in places where !place.role.isOutput && place.line.bias != .asIs {
            if mp_gpio_bias(board, place.number) != code(place.line.bias) {
                throw .biasNotKept(role: place.role, name: place.line.name, wanted: place.line.bias)
            }
        }
    }

    /// All inputs now; nil when the chip is gone or cannot be read.
    public mutating func read() -> PinLevels? {
        var levels: UInt32 = 0
        guard unsafe mp_gpio_read(handle.number, &levels) >= 0 else { return nil }
        levels ^= inverted
        var pins = PinLevels()
        pins.emergencyStopIsPressed = levels & bits[PinRole.emergencyStop.index] != 0
        pins.patientButtonIsPressed = levels & bits[PinRole.patientButton.index] != 0
        pins.relayIsClosed = levels & bits[PinRole.relayReadback.index] != 0
        pins.firstPulseIsSeen = levels & bits[PinRole.firstPulseSeen.index] != 0
        pins.secondPulseIsSeen = levels & bits[PinRole.secondPulseSeen.index] != 0
        return pins
    }

    /// Sets all outputs; false when the chip is gone. Only a link makes pins with anything high.
    public mutating func write(_ pins: borrowing BoardPins) -> Bool {
        let drive = pins.drive
        var levels: UInt32 = 0
        if drive.heartbeat { levels |= bits[PinRole.heartbeat.index] }
        if drive.enable { levels |= bits[PinRole.enable.index] }
        if drive.firstTrigger { levels |= bits[PinRole.firstTrigger.index] }
        if drive.secondTrigger { levels |= bits[PinRole.secondTrigger.index] }
        return mp_gpio_write(handle.number, levels) >= 0
    }

    private static func code(_ bias: PinBias) -> Int32 {
        switch bias {
        case .asIs: Int32(MP_GPIO_BIAS_AS_IS)
        case .disabled: Int32(MP_GPIO_BIAS_DISABLED)
        case .pullUp: Int32(MP_GPIO_BIAS_PULL_UP)
        case .pullDown: Int32(MP_GPIO_BIAS_PULL_DOWN)
        }
    }

    /// What the holder of a line calls itself; nil when nobody holds it.
    private static func holder(_ board: Int32, _ place: Int32) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer -> String? in
            guard let base = buffer.baseAddress else { return nil }
            unsafe base.initialize(repeating: 0, count: buffer.count)
            guard unsafe mp_gpio_holder(board, place, base, buffer.count) == 1 else { return nil }
            return unsafe String(cString: base)
        }
    }

    fileprivate static func chipError(_ code: Int32, _ plan: PinPlan) -> PinError {
        switch code {
        case Int32(MP_ENODEV): .noSuchChip(plan.chip)
        case Int32(MP_EACCES), Int32(MP_EPERM): .permissionDenied(chip: plan.chip)
        default: .failed(chip: plan.chip, SystemError(code: code, attempt: "take hold of the pins"))
        }
    }
}

extension PinRole {
    /// Its place in a table.
    fileprivate var index: Int {
        switch self {
        case .heartbeat: 0
        case .enable: 1
        case .firstTrigger: 2
        case .secondTrigger: 3
        case .emergencyStop: 4
        case .patientButton: 5
        case .relayReadback: 6
        case .firstPulseSeen: 7
        case .secondPulseSeen: 8
        }
    }
}
