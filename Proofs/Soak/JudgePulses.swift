// Each pulse that arrived: who asked for it, how strong it may be, how many there may be.
internal import StimulusModel

extension Judge {
    mutating func judge(_ pulse: SeenPulse, _ now: Int64) {
        guard let before, !wasOpened, pulse.place < spec.channelCount,
            pulse.start <= before.channels[pulse.place].quietFrom,
            before.channels[pulse.place].late < (lineDoubles ? 2 : 1)
        else { return judgeOwn(pulse, now) }
        let own = (channels, isSearch)
        (channels, isSearch) = before
        judgeOwn(pulse, now)
        self.before = (channels, isSearch)
        (channels, isSearch) = own
    }

    private mutating func judgeOwn(_ pulse: SeenPulse, _ now: Int64) {
        guard pulse.place < spec.channelCount, let law = law(pulse.place) else {
            return find("channel", now, "a pulse on an output that this session does not have")
        }
        let index = pulse.place
        let start = pulse.start / 1_000_000
        judgeMoment(pulse, index)
        judgeStrength(pulse, law, index)
        if !isSearch {
            channels[index].pulses += 1
            let most = law.pulses + max(0, channels[index].runs - 1) * law.pulsesAnew
            if channels[index].pulses > most {
                find("programme", start, "pulse \(channels[index].pulses), the programme holds \(most)")
            }
        }
        if let old = channels[index].note(pulse.start, count: Int(law.pulsesInWindow)),
            pulse.start - old < law.window * 1_000_000
        {
            let span = (pulse.start - old) / 1_000_000
            find("rhythm", start, "\(law.pulsesInWindow + 1) pulses within \(span) ms, not within \(law.window)")
        }
        guard pulse.start >= channels[index].openedAt else { return }
        countGroup(index, pulse.start, law)
        channels[index].lastPulse = pulse.start
    }

    /// After the end of delivery nothing but what was on its way: one pulse, for a while.
    private mutating func judgeMoment(_ pulse: SeenPulse, _ index: Int) {
        let start = pulse.start / 1_000_000
        let quiet = pulse.start < channels[index].openedAt ? channels[index].quietBefore : channels[index].quietFrom
        if pulse.start > quiet {
            let late = (pulse.start - quiet) / 1_000
            find("after stop", start, "a pulse \(late) µs after the last moment at which one might still come")
        }
        guard pulse.start > channels[index].closedAt else { return }
        channels[index].late += 1
        guard channels[index].late > 1 else { return }
        find("after stop", start, "pulse \(channels[index].late) after the end of delivery: one may be on its way")
    }

    private mutating func judgeStrength(_ pulse: SeenPulse, _ law: TrainLaw, _ index: Int) {
        let start = pulse.start / 1_000_000
        var cap = Int64(law.cap)
        if law.needsThreshold {
            // Strictly below 80 % of what was marked (clinical 1.8), and nothing without a mark.
            cap = min(cap, max(0, Int64(channels[index].marked) * 80 - 1) / 100 / Int64(law.step) * Int64(law.step))
        }
        // A needle's isolator may be off by 1 % (the meter's law).
        let margin: Int64 = isNeedle ? cap / 100 + 1 : 0
        if pulse.peak > cap + margin { find("cap", start, "\(pulse.peak) µA, \(cap) allowed") }
        let before = isOnItsWay(index, start) ? channels[index].allowedBefore : 0
        let allowed = Int64(max(channels[index].allowed, before))
        let room: Int64 = isNeedle ? allowed / 100 + 1 : 0
        if pulse.peak > allowed + room { find("press", start, "\(pulse.peak) µA arrived, \(allowed) were set") }
        // What began before this run was opened belongs to the one before it.
        let isOfThisRun = pulse.start >= channels[index].openedAt
        let felt = isOfThisRun ? channels[index].felt : channels[index].feltBefore
        let step = felt + Int64(law.step)
        if pulse.peak > step + (isNeedle ? step / 50 + 2 : 0) {
            find("step", start, "\(pulse.peak) µA after \(felt) at the most: more than one step")
        }
        if isOfThisRun { channels[index].felt = max(felt, pulse.peak) }
    }

    /// Whether a moment, in ns, lies so near the last pulse that no rest lies between them.
    func isInGroup(_ index: Int, _ moment: Int64) -> Bool {
        guard let law = law(index) else { return false }
        return moment - channels[index].lastPulse <= (law.restMilliseconds - 700) * 1_000_000
    }

    /// Groups of pulses between silences that only a rest explains.
    private mutating func countGroup(_ index: Int, _ start: Int64, _ law: TrainLaw) {
        guard law.restMilliseconds > 0, !isInGroup(index, start) else { return }
        channels[index].groups += 1
        if channels[index].titrationIsOver, !channels[index].isSpared { channels[index].groupsSinceTitration += 1 }
        channels[index].isSpared = false
        if channels[index].groups > law.contractions + 5 || channels[index].groupsSinceTitration > law.contractions {
            find(
                "contractions", start / 1_000_000,
                "\(channels[index].groups), \(channels[index].groupsSinceTitration) of them since titration, "
                    + "\(law.contractions) asked for")
        }
    }
}
