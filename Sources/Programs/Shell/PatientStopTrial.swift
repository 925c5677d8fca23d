import ByteStreams
import DeviceDrivers
import StimulusModel

/// The patient's button cuts the stimulator's USB power. It is tried at the start of each session: the device must
/// vanish, come back, and be the same one (`decided.md`, P24; H34, H50).
struct PatientStopTrial {
    let path: String
    let expected: ExpectedStimulator
    let prompter: Prompter

    /// - Returns: the identity of the device that came back.
    func run(identified before: StimulatorIdentity) throws -> StimulatorIdentity {
        prompter.say("\nStop control: ask the patient to press the stop button now and let go. Waiting up to 60 s.")
        do throws(HandshakeFailure) {
            let vanished = try DeviceHandshake.waitUntilGone(
                at: path, atMost: TimeSpan(milliseconds: 60_000), isCancelled: { StopSignals.first != nil })
            guard vanished else {
                throw HandshakeFailure.fault(.none)
            }
        } catch {
            guard error == .fault(.none) else { throw Failure(.deviceUnavailable, DeviceText.message(error)) }
            throw Failure(
                .notCleared,
                "the stimulator did not vanish: the patient's button was not pressed, or it does not cut the power. "
                    + "Nothing was armed; check the button and start again")
        }
        prompter.say("  the stimulator vanished: the button works. Waiting for it to come back.")
        guard
            DeviceHandshake.waitUntilBack(
                at: path, atMost: TimeSpan(milliseconds: 60_000), isCancelled: { StopSignals.first != nil })
        else {
            throw Failure(
                .deviceUnavailable, "the stimulator did not come back at \(path) within 60 s; is the button released?")
        }
        let after = try PatientStopTrial.identify(path, expected)
        guard after.serial == before.serial else {
            throw Failure(
                .deviceUnavailable,
                "another stimulator came back (\(DeviceText.serial(after.serial)) instead of "
                    + "\(DeviceText.serial(before.serial))): start again")
        }
        prompter.say("  the same stimulator is back, high voltage off.")
        return after
    }

    static func identify(_ path: String, _ expected: ExpectedStimulator) throws -> StimulatorIdentity {
        var identity: StimulatorIdentity?
        do throws(HandshakeFailure) {
            try DeviceHandshake.identify(at: path, expected: expected, identity: &identity)
        } catch {
            var text = DeviceText.message(error)
            if let identity { text += " It says: \(DeviceText.identity(identity))." }
            throw Failure(.deviceUnavailable, text)
        }
        guard let identity else { throw Failure(.deviceUnavailable, FaultText.message(.silent)) }
        return identity
    }
}
