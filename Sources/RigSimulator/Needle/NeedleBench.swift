// The needle rig on a technician's bench: dummy loads, errors of its outputs, a probe.

public import StimulusModel

extension VirtualNeedleRig {
    /// Something hangs on an output, 1 or 2, from now on in place of needles; nothing gives the needles back.
    public mutating func setDummyLoad(_ load: DummyLoad?, output: Int, at moment: Instant) {
        advance(to: moment)
        guard let index = outputs.firstIndex(where: { Int($0.channel) == output }) else { return }
        settle(index)
        outputs[index].setLoad(load)
        applyErrors()
        outputsChanged()
    }

    /// Something is wrong with an output, 1 or 2, from now on.
    public mutating func setOutputError(_ error: OutputError, output: Int, at moment: Instant) {
        advance(to: moment)
        errors.set(error, output: output)
        applyErrors()
        outputsChanged()
    }

    /// What a probe across an output's load shows now; an output outside 1 and 2 is none.
    public func probe(output: Int) -> ProbeTrace {
        guard let found = outputs.first(where: { Int($0.channel) == output }) else { return .nothing }
        let since = now - ProbeTrace.windowNanoseconds
        return ProbeTrace(
            output: output, atNanoseconds: now, loadOhms: found.leadOhms, restVolts: found.restVolts,
            pulses: probes[output - 1].pulses.filter { $0.startNanoseconds >= since })
    }

    /// What is wrong with the outputs reaches them, their leads and the meter's law.
    mutating func applyErrors() {
        for index in 0..<2 {
            settle(index)
            outputs[index].error = errors.error(of: index + 1)
        }
        if Int(outputs[0].channel) != errors.leads(of: 1) { NeedleOutput.exchangeLeads(&outputs) }
        for output in outputs {
            let isWrong = errors.touches(leads: Int(output.channel))
            let law = output.load.map { _ in BenchLaw(judgesBalance: !isWrong) }
            meter.setBenchLaw(law, channel: output.channel)
        }
    }
}
