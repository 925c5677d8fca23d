import DeviceDrivers
import StimulusModel
import Testing

/// Why a board could not be had; nil when it could.
private func refusal(of plan: PinPlan) -> PinError? {
    do throws(PinError) {
        var board = try PinBoard(opening: plan)
        _ = board.read()
        return nil
    } catch {
        return error
    }
}

/// Reading and driving real lines is proven on the virtual bench, where there are some.
@Suite struct PinBoardTests {
    private var plan = PinPlan(
        chip: "no-such-chip", heartbeat: PinLine(name: "HEARTBEAT"), enable: PinLine(name: "ENABLE"),
        firstTrigger: PinLine(name: "TRIGGER1"), emergencyStop: PinLine(name: "ESTOP", bias: .pullUp),
        patientButton: PinLine(name: "PATIENT", bias: .pullUp),
        relayReadback: PinLine(name: "RELAY", isActiveLow: true), firstPulseSeen: PinLine(name: "SEEN1"))

    // Proves R-FLT-22.
    @Test func aChipThatIsNotThereIsNamed() {
        #expect(refusal(of: plan) == .noSuchChip("no-such-chip"))
    }

    // Proves R-FLT-22.
    @Test func whatIsNoChipIsRefusedAsSuch() {
        for path in ["/dev/null", "/dev", "", "/dev/null/x", "/no/such/path"] {
            var other = plan
            other.chip = path
            #expect(refusal(of: other) == .noSuchChip(path))
        }
    }

    // Proves R-FLT-22.
    @Test func twoRolesCannotShareALine() {
        var other = plan
        other.firstPulseSeen.name = "ENABLE"
        #expect(refusal(of: other) == .sameLineTwice(.enable, .firstPulseSeen, name: "ENABLE"))
        #expect(plan.sharedLine == nil)
        other = plan
        other.secondTrigger = PinLine(name: "TRIGGER1")
        #expect(refusal(of: other) == .sameLineTwice(.firstTrigger, .secondTrigger, name: "TRIGGER1"))
    }

    @Test func aRefusedBoardLeavesRoomForTheNext() {
        // More often than there are boards.
        for _ in 0..<20 { #expect(refusal(of: plan) == .noSuchChip("no-such-chip")) }
    }

    @Test func theSecondChannelIsLeftOutWhereThereIsNone() {
        #expect(PinRole.allCases.filter { plan.line(for: $0) == nil } == [.secondTrigger, .secondPulseSeen])
        #expect(PinRole.allCases.filter(\.isOutput) == [.heartbeat, .enable, .firstTrigger, .secondTrigger])
    }

    // Proves R-FLT-22.
    @Test func everyRefusalNamesTheLineAndSaysWhatToDo() {
        let errors: [PinError] = [
            .noSuchChip("X"), .noSuchLine(role: .enable, name: "X", chip: "c"),
            .busy(role: .enable, name: "X", holder: "gpioset"), .busy(role: .enable, name: "X", holder: ""),
            .sameLineTwice(.enable, .heartbeat, name: "X"), .permissionDenied(chip: "X"),
            .biasNotKept(role: .emergencyStop, name: "X", wanted: .pullUp),
        ]
        for error in errors {
            #expect(error.description.contains("X"))
            #expect(error.description.contains(":"))
        }
        #expect(errors[2].description.contains("gpioset"))
        #expect(errors[3].description.contains("another program"))
    }
}
