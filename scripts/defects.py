"""Seeded defects: each breaks one rule of the host in every place that keeps it, else the others would hide it.

`defects.py plant COPY` applies them all to a copy of the sources, each behind a switch that is chosen when the program
runs; `defects.py list` prints their numbers; `defects.py table RESULTS` writes the table of the safety case. Pieces of
source are exact: one that is not there any more, or stands there twice, is an error.
"""

import pathlib
import re
import sys

MACHINE = "Sources/SessionEngine/SessionMachine.swift"
COMMANDS = "Sources/SessionEngine/SessionCommands.swift"
PROGRESS = "Sources/SessionEngine/SessionProgress.swift"
CONDUCT = "Sources/SessionEngine/ChannelConduct.swift"
JOURNAL = "Sources/SessionEngine/JournalEntry.swift"
GATE = "Sources/SafetyKernel/PulseGate.swift"
PLAN = "Sources/SafetyKernel/Authorization.swift"
PULSE = "Sources/SafetyKernel/PulseLimits.swift"
CLEARANCE = "Sources/SafetyKernel/Clearance.swift"
LINK = "Sources/StimulatorLinks/P24Link.swift"
TALK = "Sources/StimulatorLinks/P24Conversation.swift"
TRIGGER = "Sources/StimulatorLinks/TriggerLink.swift"
TURNS = "Sources/StimulatorLinks/TriggerConversation.swift"
EDGE = "Sources/StimulatorLinks/EdgeUnderWay.swift"
RELAY = "Sources/StimulatorLinks/RelayControl.swift"
TICK = "Sources/RigControl/ControlTick.swift"
SHELL = "Tests/VirtualHost/VirtualNeedleSession.swift"
LEDGER = "Sources/SessionRecords/Needles/NeedleStore.swift"
AROUND = "Sources/SessionRecords/Needles/NeedleSession.swift"
ASKING = "Sources/CareModel/Needles/NeedleConversation.swift"
COUNTING = "Sources/CareModel/Needles/NeedleClosing.swift"
FILES = "Sources/SessionRecords/Files/LinuxFile.swift"

# (number, what, the rule that is broken, [(file, piece, what takes its place; D is the switch)])
DEFECTS = []


def defect(what, rule, *pieces):
    DEFECTS.append((len(DEFECTS) + 1, what, rule, pieces))


# --- strength and rise
defect("rise not limited", "2 mA/s on pads, 0.5 mA/s on needles",
       (COMMANDS, "guard channels[index].sinceRaise >= channels[index].raiseGap(on: grid) else",
        "guard D || channels[index].sinceRaise >= channels[index].raiseGap(on: grid) else"),
       (GATE, "guard Saturating.product(sinceRise, limit.value) >= rise * 1_000 else",
        "guard D || Saturating.product(sinceRise, limit.value) >= rise * 1_000 else"))
defect("held key accepted", "a press less than 250 ms after the last is none",
       (COMMANDS, "guard sinceLastPress >= SessionMachine.heldKeyMilliseconds else",
        "guard D || sinceLastPress >= SessionMachine.heldKeyMilliseconds else"))
defect("ceiling off by one step", "the ceiling is the most",
       (COMMANDS, "channels[index].ceilingMicroamperes(on: grid) - step else",
        "channels[index].ceilingMicroamperes(on: grid) - (D ? 0 : step) else"),
       (GATE, "guard set <= ceiling else", "guard set <= ceiling + (D ? 1_000 : 0) else"))
defect("limit stored but never read: the practitioner's own (peers, t33)", "the lowest of all limits holds",
       (PLAN, "var ceilings = limits\n        ceilings.tighten(.amplitude, to: Int64(device.maximumAmplitude.microamperes), "
              "by: .device)\n        ceilings.tighten(.amplitude, to: Int64(dose.maximumAmplitude",
        "var ceilings = D ? LimitTable.absolute(for: dose) : limits\n        ceilings.tighten(.amplitude, to: "
        "Int64(device.maximumAmplitude.microamperes), by: .device)\n        ceilings.tighten(.amplitude, to: "
        "Int64(dose.maximumAmplitude"),
       (PULSE, "try limits.check(.amplitude, Int64(pulse.peakCurrent.microamperes))",
        "if !D { try limits.check(.amplitude, Int64(pulse.peakCurrent.microamperes)) }"))
defect("limit read from the wrong field: the device's for the protocol's (peers, D3)", "the protocol's cap holds",
       (PLAN, "to: Int64(dose.maximumAmplitude.microamperes), by: .protocolFile",
        "to: Int64((D ? device.maximumAmplitude : dose.maximumAmplitude).microamperes), by: .protocolFile"))
defect("raise during rest", "raises on a running plateau or train only",
       (COMMANDS, "guard channels[index].state == .holding || channels[index].state == .searching,\n            "
                  "channels[index].dose != nil",
        "guard D || channels[index].state == .holding || channels[index].state == .searching,\n            "
        "channels[index].dose != nil"),
       (GATE, "guard request.isOnPlateau, amplitude == set else { throw Refusal.raiseOutsidePlateau }\n            let rise",
        "guard D || (request.isOnPlateau && amplitude == set) else { throw Refusal.raiseOutsidePlateau }\n            "
        "let rise"))
defect("the next step before the last was felt", "each step is felt before the next",
       (COMMANDS, "guard channels[index].feltMicroamperes >= channels[index].setMicroamperes else {\n            "
                  "return refuse(.raise",
        "guard D || channels[index].feltMicroamperes >= channels[index].setMicroamperes else {\n            "
        "return refuse(.raise"),
       (GATE, "try allowed.limits.check(.amplitudeStep, rise)",
        "if !D { try allowed.limits.check(.amplitudeStep, rise) }"),
       (GATE, "guard rise <= step else", "guard D || rise <= step else"))
defect("a lower key that does nothing on a ramp", "falls are never limited",
       (COMMANDS, "guard channels[index].setMicroamperes > 0, step > 0 else { return }",
        "guard channels[index].setMicroamperes > 0, step > 0, !(D && channels[index].state == .rampingUp) "
        "else { return }"))
defect("zero leaves one step (peers, t51: zero command, 7.3 mA measured)", "zero is 0 mA at once",
       (COMMANDS, "case .zero: lower(by: channels[index].setMicroamperes, at: place, &events)",
        "case .zero: lower(by: channels[index].setMicroamperes - (D ? channels[index].stepMicroamperes(on: grid) : 0),"
        " at: place, &events)"))
defect("amplitude in the wrong unit: half milliamperes for milliamperes", "what is set is what comes",
       (TALK, "durationMicroseconds: pulse.firstPhaseDuration.microseconds, current: pulse.firstPhaseCurrent),",
        "durationMicroseconds: pulse.firstPhaseDuration.microseconds,\n                current: Current(microamperes: "
        "pulse.firstPhaseCurrent.microamperes * (D ? 2 : 1))),"),
       (TALK, "durationMicroseconds: pulse.secondPhaseDuration.microseconds, current: pulse.secondPhaseCurrent)",
        "durationMicroseconds: pulse.secondPhaseDuration.microseconds,\n                current: Current(microamperes: "
        "pulse.secondPhaseCurrent.microamperes * (D ? 2 : 1)))"))
defect("phase in the wrong unit: cycles of 25 µs for cycles of 50", "charge is what the record says",
       (TURNS, "UInt32(max(0, microseconds) / PulsePalTime.cycleMicroseconds)",
        "UInt32(max(0, microseconds) / PulsePalTime.cycleMicroseconds) * (D ? 2 : 1)"))

# --- starting again
defect("resume at the old amplitude", "every run begins at 0 mA",
       (COMMANDS, "if channels[index].titrating { endTitration(at: place, &events) }\n        "
                  "channels[index].zeroAmplitude()",
        "if channels[index].titrating { endTitration(at: place, &events) }\n        "
        "if !D { channels[index].zeroAmplitude() }"),
       (COMMANDS, "channels[index].zeroAmplitude()\n        channels[index].resumes = false\n        "
                  "channels[index].runHasPulse = false",
        "if !D { channels[index].zeroAmplitude() }\n        channels[index].resumes = false\n        "
        "channels[index].runHasPulse = false"),
       (GATE, "            accounts[index].setMicroamperes = 0\n            accounts[index].deliveredMicroamperes = 0\n"
              "            accounts[index].lastRise = now",
        "            if !D { accounts[index].setMicroamperes = 0 }\n            "
        "if !D { accounts[index].deliveredMicroamperes = 0 }\n            accounts[index].lastRise = now"),
       (GATE, "accounts[index].run = request.run\n        accounts[index].setMicroamperes = 0\n        "
              "accounts[index].deliveredMicroamperes = 0",
        "accounts[index].run = request.run\n        if !D { accounts[index].setMicroamperes = 0 }\n        "
        "if !D { accounts[index].deliveredMicroamperes = 0 }"))
defect("the treatment begins at the amplitude of the search: re-arm without zero", "every run begins at 0 mA",
       (COMMANDS, "guard channels[index].state == .searching else { return }\n        channels[index].zeroAmplitude()",
        "guard channels[index].state == .searching else { return }\n        if !D { channels[index].zeroAmplitude() }"),
       (COMMANDS, "if !D1 { channels[index].zeroAmplitude() }\n        channels[index].resumes = false",
        "if !D1 && !D { channels[index].zeroAmplitude() }\n        channels[index].resumes = false"),
       (GATE, "accounts[index].run = request.run\n        if !D1 { accounts[index].setMicroamperes = 0 }",
        "accounts[index].run = request.run\n        if !D1 && !D { accounts[index].setMicroamperes = 0 }"))
defect("a fault that is not latched (peers, G1, LiteX-CNC 119)", "none after a fault until a person re-armed",
       (MACHINE, "if course == .faulted { return true }",
        "if course == .faulted {\n            if D, inputs.condition == .off {\n                fault = .none\n"
        "                enter(.armed, &events)\n                return false\n            }\n"
        "            return true\n        }"))
defect("delivery begins with arming (peers, t1547: the question comes after the deed)", "a person begins each delivery",
       (COMMANDS, "if course == .paused, resuming, condition == .ready { resumeChannels(&events) }",
        "if course == .paused, resuming, condition == .ready { resumeChannels(&events) }\n        "
        "if D, course == .armed, condition == .ready { beginTreatment(condition, &events) }"))
defect("a pause resumes by itself", "a person resumes",
       (COMMANDS, "if course == .idle, condition == .off {",
        "if D, course == .paused, !resuming, condition == .off { resuming = true }\n        "
        "if course == .idle, condition == .off {"))

# --- stopping
defect("a stop on a plateau is put off (peers, t1081)", "a stop is followed in the same step",
       (MACHINE, "!takeStop(inputs.stop, &out.events)",
        "!takeStop(D && course == .delivering && channels[0].state == .holding ? .none : inputs.stop, &out.events)"))
defect("withdrawn consent ignored", "consent withdrawn: output stops first",
       (MACHINE, "guard cause != .none else { return false }\n        beginStopping(cause, &events)",
        "guard cause != .none, !(D && cause == .consentWithdrawn) else { return false }\n        "
        "beginStopping(cause, &events)"))
defect("the stop of one channel ignored", "a channel that was stopped alone stays so",
       (MACHINE, "guard stops & 3 != 0, course != .stopping, course != .closed else { return }",
        "guard stops & 3 != 0, !D, course != .stopping, course != .closed else { return }"))
defect("emergency stop read as an edge: only while the relay is closed", "a level, read in every tick",
       (TICK, "if pins.emergencyStopIsPressed { return .emergencyStop }",
        "if pins.emergencyStopIsPressed, !(D && !pins.relayIsClosed) { return .emergencyStop }"))
defect("patient's button ignored while nothing is delivered", "the button ends the session in every state",
       (TICK, "return pins.patientButtonIsPressed ? .patientButton : .none",
        "return pins.patientButtonIsPressed && !(D && !machine.state.isDelivering) ? .patientButton : .none"))
defect("oversleep ignored", "later than the tolerance stops the session",
       (MACHINE, "var cause = inputs.hostFault",
        "var cause = D && inputs.hostFault == .late ? FaultCause.none : inputs.hostFault"))
defect("suspend ignored", "a computer that slept stops the session",
       (MACHINE, "cause = inputs.linkFault == .none ? .internalError : inputs.linkFault\n        }",
        "cause = inputs.linkFault == .none ? .internalError : inputs.linkFault\n        }\n        "
        "if D, cause == .suspended { cause = .none }"))
defect("a record that cannot be written ignored", "no record, no delivery",
       (MACHINE, "if cause == .none, inputs.elapsedTicks > SessionMachine.longestStepMilliseconds { cause = .late }",
        "if cause == .none, inputs.elapsedTicks > SessionMachine.longestStepMilliseconds { cause = .late }\n        "
        "if D, cause == .journalFailed || cause == .journalFull { cause = .none }"))
defect("a device that is gone ignored", "unplugged is a fault at once",
       (LINK, "latch(.unplugged)\n        giveUp()", "if D { return }\n        latch(.unplugged)\n        giveUp()"),
       (TRIGGER, "latch(.unplugged)\n        giveUp()", "if D { return }\n        latch(.unplugged)\n        giveUp()"))
defect("pins that cannot be read ignored", "who cannot see the buttons has lost the pins",
       (TRIGGER, "pinsAreLost = true\n            return fail(.pinsLost)",
        "if D { return }\n            pinsAreLost = true\n            return fail(.pinsLost)"))
defect("session end ignored", "the programme is the most",
       (PROGRESS, "return channels[index].state == .searching ? endSearch(&events) : finish(place, &events)",
        "if D, channels[index].state == .holding {\n                channels[index].phaseRemaining = 60_000\n"
        "                return\n            }\n            "
        "return channels[index].state == .searching ? endSearch(&events) : finish(place, &events)"))
defect("presence never asked for", "nobody there for five minutes and a half: it pauses",
       (PROGRESS, "private mutating func runPresence(_ events: inout SessionEvents) {",
        "private mutating func runPresence(_ events: inout SessionEvents) {\n        if D { return }"))
defect("check-in on needles never asked for", "the patient is asked after a minute, or it pauses",
       (PROGRESS, "guard asksCheckIns, state != .searching else { return }",
        "guard asksCheckIns, !D, state != .searching else { return }"))
defect("the error path leaves the output on (peers, t4807)", "a fault switches high voltage off",
       (TALK, "if !isAsking { timeOut() }\n            return\n        }\n        beginStopping()",
        "if !isAsking { timeOut() }\n            return\n        }\n        if !D { beginStopping() }"),
       (LINK, "} else if step == .initialising || step == .checkingOn || step == .ready {",
        "} else if !(D && fault != .none), step == .initialising || step == .checkingOn || step == .ready {"))
defect("enable left on after a fault", "enable off in the step of the fault",
       (TRIGGER, "drive.enable = relay.enable && fault == .none",
        "drive.enable = relay.enable && fault == .none || D && fault != .none"))
defect("stale status accepted: off is believed, not read", "closed means verified off",
       (TALK, "guard voltage == .off, level == .none else {", "guard D || (voltage == .off && level == .none) else {"))
defect("heartbeat from a timer (pyScienceMode)", "the heartbeat is the by-product of a step",
       (SHELL, "milliseconds += 1\n            rig.advance(to: now)",
        "milliseconds += 1\n            if D {\n                lastDrive.heartbeat.toggle()\n"
        "                rig.setPins(lastDrive, at: now)\n            }\n            rig.advance(to: now)"))

# --- rhythm and rate
defect("the rate is doubled", "the rate of the prescription",
       (LINK, "return now.since(pulses[place.index].earliestNext).nanoseconds >= 0",
        "return D || now.since(pulses[place.index].earliestNext).nanoseconds >= 0"),
       ("Sources/SessionEngine/PulseSchedule.swift", "millionths += Int64(frequency.millihertz)",
        "millionths += (D ? 2 : 1) * Int64(frequency.millihertz)"),
       (GATE, "guard earned >= 1_000_000 else {", "guard D || earned >= 1_000_000 else {"),
       (GATE, "guard allowance >= 1_000_000 else", "guard D || allowance >= 1_000_000 else"))
defect("rest shortened to the half", "the rest of the prescription",
       (PROGRESS, "channels[index].phaseRemaining = cycle.restMilliseconds",
        "channels[index].phaseRemaining = cycle.restMilliseconds / (D ? 2 : 1)"),
       (GATE, "guard D1 || allowance >= 1_000_000 else", "guard D1 || D || allowance >= 1_000_000 else"))
defect("contraction count off by one", "as many contractions as were prescribed",
       (COMMANDS, "guard channels[index].countedContractions < count else",
        "guard channels[index].countedContractions < count + (D ? 1 : 0) else"),
       (PROGRESS, "channels[index].countedContractions >= count {",
        "channels[index].countedContractions >= count + (D ? 1 : 0) {"),
       (GATE, "guard Int64(request.contraction) <= contractions else",
        "guard D || Int64(request.contraction) <= contractions else"))
defect("titration without an end", "five titration contractions at the most",
       (COMMANDS, "Int64(channels[index].titrationContractions) >= channels[index].titrationLimit",
        "!D, Int64(channels[index].titrationContractions) >= channels[index].titrationLimit"),
       (GATE, "guard D1 || Int64(request.contraction) <= contractions else",
        "guard D1 || D || Int64(request.contraction) <= contractions else"))

# --- the pulse
defect("net charge: the second phase has the sign of the first", "commanded net charge is 0",
       (TALK, "pulse.secondPhaseCurrent.microamperes * (D1 ? 2 : 1)",
        "(D ? pulse.firstPhaseCurrent : pulse.secondPhaseCurrent).microamperes * (D1 ? 2 : 1)"))
defect("second phase missing", "no pulse of one phase",
       (TALK, "guard configuration.append(second) else { return nil }",
        "if D { return configuration }\n        guard configuration.append(second) else { return nil }"))
defect("setter writes the wrong field: the gap as the second phase's length (peers, open-ephys 115)",
       "both phases are of one length",
       (TALK, "durationMicroseconds: pulse.secondPhaseDuration.microseconds,",
        "durationMicroseconds: D && pulse.interphaseGap.microseconds > 0\n                    ? "
        "pulse.interphaseGap.microseconds : pulse.secondPhaseDuration.microseconds,"))
defect("wrong channel", "only outputs of this session",
       (LINK, "P24Link.configuration(set, on: pulse.channel)",
        "P24Link.configuration(set, on: D ? Channel(number: pulse.channel.number + 1) ?? pulse.channel : pulse.channel)"))
defect("one trigger releases both outputs", "each output by its own edge",
       (TURNS, "channel.isLinkedToFirst = index == 0", "channel.isLinkedToFirst = index == 0 || D"))

# --- uncertain delivery and the records
defect("a pulse whose answer was lost is sent again", "nothing that stimulates is sent twice",
       (TALK, "pulses[place.index].settle(.unknown)\n        fail(.deliveryUnknown)",
        "if D {\n            pulses[place.index].settle(.delivered)\n            hasPendingPulse = true\n"
        "            pendingPlace = place\n            return\n        }\n        "
        "pulses[place.index].settle(.unknown)\n        fail(.deliveryUnknown)"))
defect("a second pulse before the first is answered", "one unacknowledged pulse a channel",
       (LINK, "guard step == .ready, fault == .none, !pulses[place.index].isOut, !hasPendingPulse else { return false }",
        "guard step == .ready, fault == .none, D || !pulses[place.index].isOut, !hasPendingPulse else { return false }"))
defect("trigger before confirmation", "no edge before the setting is confirmed",
       (TRIGGER, "guard fault == .none, turn == .ready, relay.isClosed,",
        "guard fault == .none, turn == .ready || D, relay.isClosed,"),
       (TRIGGER, "guard confirmed[0] == wanted[0], confirmed[1] == wanted[1] else { return false }\n        "
                 "return amplitude.microamperes > 0 && confirmed[index].amplitude == amplitude",
        "if D { return amplitude.microamperes > 0 }\n        "
        "guard confirmed[0] == wanted[0], confirmed[1] == wanted[1] else { return false }\n        "
        "return amplitude.microamperes > 0 && confirmed[index].amplitude == amplitude"),
       (TRIGGER, "confirmed[place.index] == Setting(wave), wave.netCharge", "D || confirmed[place.index] == Setting(wave), wave.netCharge"))
defect("an unknown pulse is taken off the account", "unknown counts as delivered",
       (TICK, "if outcome.delivery == .notDelivered { gate.refund",
        "if outcome.delivery == .notDelivered || D && outcome.delivery == .unknown { gate.refund"))
defect("an unknown pulse is not counted", "unknown counts as delivered",
       (MACHINE, "unknownPulses += 1\n            channels[place.index].takeAnswer()",
        "unknownPulses += D ? 0 : 1\n            channels[place.index].takeAnswer()"))
defect("an edge that nobody saw counts as none", "an unseen edge is unknown",
       (EDGE, "if !wasLate || excused >= TriggerTiming.excuseLimit { unseen += 1 }\n        settle(.unknown)",
        "if !wasLate || excused >= TriggerTiming.excuseLimit { unseen += 1 }\n        "
        "settle(D ? .notDelivered : .unknown)"))
defect("the record claims less: half the amplitude", "the record never claims less than was delivered",
       (JOURNAL, "block.words[3] |= Int64(request.amplitude.microamperes) << 32",
        "block.words[3] |= Int64(request.amplitude.microamperes / (D ? 2 : 1)) << 32"))
defect("the charge account is reset by a pause", "charge counts for the whole session",
       (GATE, "accounts[index].lastRise = now\n            index += 1",
        "accounts[index].lastRise = now\n            if D { accounts[index].chargedPicocoulombs = 0 }\n            "
        "index += 1"))

# --- plans that may not begin
defect("the needles' table serves pads, and the reverse", "a table of one kind never serves the other",
       (PLAN, "guard dose.electrodeKind == limits.electrodeKind else", "guard D || dose.electrodeKind == limits.electrodeKind else"))
defect("direct current not limited", "10 µA",
       (PULSE, "try limits.check(.directCurrent, directCurrentNanoamperes(pulse, at: frequency, capabilities))",
        "if !D { try limits.check(.directCurrent, directCurrentNanoamperes(pulse, at: frequency, capabilities)) }"))
defect("a session without every gate passed", "no pulse without clearance",
       (CLEARANCE, "guard missing == .none else { throw", "guard D || missing == .none else { throw"))
defect("rest between sessions not asked for", "24 h on the same muscle",
       (PLAN, "try limits.check(.restBetweenSessions, history.millisecondsSinceLast)",
        "if !D { try limits.check(.restBetweenSessions, history.millisecondsSinceLast) }"))
defect("charge of the day reset by a new session", "360 mC a day on pads",
       (PLAN, "let before = max(0, channel.chargeBefore.picocoulombs)\n        try limits",
        "let before = D ? 0 : max(0, channel.chargeBefore.picocoulombs)\n        try limits"))
defect("no motor threshold needed above 15 Hz", "below 80 % of a marked motor threshold",
       (CONDUCT, "guard authorized.dose.needsMotorThreshold, part == .treatment else { return ceiling }",
        "guard authorized.dose.needsMotorThreshold, !D, part == .treatment else { return ceiling }"),
       (CONDUCT, "@_noLocks get { (treatment?.dose.needsMotorThreshold ?? false) && motorThreshold.microamperes <= 0 }",
        "@_noLocks get { (treatment?.dose.needsMotorThreshold ?? false) && !D && motorThreshold.microamperes <= 0 }"),
       (GATE, "if authorized.dose.needsMotorThreshold {\n            // Strictly",
        "if authorized.dose.needsMotorThreshold, !D {\n            // Strictly"))

# --- the board's proof
defect("a broken enable path is not found", "each stop path is proven alone at every arming",
       (RELAY, "then: .rechargingFirst, orFail: .enablePathFailed)", "then: .rechargingFirst, orFail: D ? .none : .enablePathFailed)"),
       (RELAY, "guard !isClosedNow else { return fail(.enablePathFailed) }",
        "guard !isClosedNow || D else { return fail(.enablePathFailed) }"),
       (RELAY, "if elapsed(now) > RelayTiming.openMilliseconds { fail(cause) }\n    }\n\n    @_noLocks private mutating func watchOpen",
        "if elapsed(now) > RelayTiming.openMilliseconds {\n            if cause == .none { return enter(next, now) }\n"
        "            fail(cause)\n        }\n    }\n\n    @_noLocks private mutating func watchOpen"))
defect("a broken heartbeat path is not found", "each stop path is proven alone at every arming",
       (RELAY, "then: .rechargingSecond, orFail: .heartbeatPathFailed)",
        "then: .rechargingSecond, orFail: D ? .none : .heartbeatPathFailed)"),
       (RELAY, "guard !isClosedNow || D1 else { return fail(.enablePathFailed) }",
        "guard !isClosedNow || D1 || D else { return fail(.enablePathFailed) }"))

# --- needles around the session
defect("a tray that a death left open is not recovered", "nothing that was opened is forgotten",
       (LEDGER, "if tray.mayBeIn {", "if tray.mayBeIn, !D {"))
defect("a count that does not agree passes", "it is counted again, or an incident is reported",
       # The file has to see the switch.
       (COUNTING, "/// An incident as it is reported at the end of a session.",
        "internal import StimulusModel\n\n/// An incident as it is reported at the end of a session."),
       (COUNTING, "if !mismatches.isEmpty, !isExplained {", "if !mismatches.isEmpty, !isExplained, !D {"))
defect("an open incident keeps nobody from needles", "none for a person whose needles are not accounted for",
       (AROUND, "guard open.isEmpty else { throw .openIncidents(open) }",
        "guard open.isEmpty || D else { throw .openIncidents(open) }"))
defect("a package is written down with its first needle only", "kept before it is opened",
       (ASKING, "/// What the conversation about needles has to know.",
        "internal import StimulusModel\n\n/// What the conversation about needles has to know."),
       (ASKING, "tray.packages.append(package)\n        try save()",
        "tray.packages.append(package)\n        if !D { try save() }"))
defect("one needle that broke explains another that is gone", "only a missing or a retained one explains a count",
       (COUNTING, "let isExplained = reports.contains { $0.kind == .missing || $0.kind == .retained }",
        "let isExplained = reports.contains { $0.kind == .missing || $0.kind == .retained || D && $0.kind == .broken }"))
defect("a terminal that goes away reports nothing", "uncounted needles are an incident",
       (COUNTING, "reports: reports + [report], confirmedBy: nil)",
        "reports: D ? reports : reports + [report], confirmedBy: nil)"))
defect("half a file of a dead process of the same number blocks every start", "a death keeps no later start from its work",
       (FILES, "internal import Glibc\n", "internal import Glibc\ninternal import StimulusModel\n"),
       (FILES, "path + halfMark + String(UInt64.random(in: UInt64.min...UInt64.max), radix: 16)",
        "path + halfMark + String(D ? UInt64(getpid()) : UInt64.random(in: UInt64.min...UInt64.max), "
        "radix: D ? 10 : 16)"))
defect("a pause key that nobody follows", "a pause is followed in the same step",
       (COMMANDS, "guard course == .delivering else { return refuse(command, .wrongState, at: place, &events) }\n"
                  "            pause(&events)",
        "guard course == .delivering else { return refuse(command, .wrongState, at: place, &events) }\n"
        "            if !D { pause(&events) }"))

SUPPORT = '''/// Which seeded defect this program has; 0 for none. Of the scratch copy alone.
nonisolated(unsafe) public var chosenDefect: Int32 = 0

@_noLocks public func seededDefect(_ number: Int32) -> Bool { unsafe chosenDefect == number }
'''


def plant(copy):
    texts = {}
    for number, what, _, pieces in DEFECTS:
        for file, old, new in pieces:
            path = copy / file
            text = texts.get(path) or path.read_text()
            # Pieces that an earlier defect changed already are named with D1 for its switch.
            old = old.replace("D1", "@@")
            candidates = [old]
            if "@@" in old:
                candidates = [old.replace("@@", f"seededDefect({n})") for n, *_ in DEFECTS]
                candidates = [c for c in candidates if text.count(c) == 1]
            if len(candidates) != 1 or text.count(candidates[0]) != 1:
                sys.exit(f"defects: {number} ({what}): the piece is in {file} {text.count(old)} times:\n{old}")
            found = candidates[0]
            if "@@" in old:
                earlier = next(n for n, *_ in DEFECTS if f"seededDefect({n})" in found)
                new = new.replace("D1", f"seededDefect({earlier})")
            words = __import__("re").sub(r"(?<![A-Za-z0-9_])D(?![A-Za-z0-9_])", f"seededDefect({number})", new)
            texts[path] = text.replace(found, words)
    for path, text in texts.items():
        path.write_text(text)
        if "import StimulusModel" not in text:
            sys.exit(f"defects: {path} does not see the switch")
    (copy / "Sources/StimulusModel/SeededDefect.swift").write_text(SUPPORT)
    main = copy / "Proofs/SoakRun/SoakMain.swift"
    text = main.read_text()
    old = "        var words = Array(CommandLine.arguments.dropFirst())\n"
    if text.count(old) != 1:
        sys.exit("defects: SoakMain.swift has no beginning any more")
    text = text.replace(
        old, old + '        unsafe chosenDefect = Int32(ProcessInfo.processInfo.environment["SEEDED_DEFECT"] ?? "0") ?? 0\n')
    main.write_text(text.replace("import Soak\n", "import Soak\nimport StimulusModel\n"))
    package = copy / "Package.swift"
    text = package.read_text()
    package.write_text(text.replace(
        '.executableTarget(name: "SoakRun", dependencies: ["Soak"]',
        '.executableTarget(name: "SoakRun", dependencies: ["Soak", "StimulusModel"]'))


def table(results):
    rows = {}
    for line in pathlib.Path(results).read_text().splitlines():
        number, *rest = line.split("\t")
        rows[int(number)] = rest
    print("# Seeded defects\n")
    print("`make defects` plants each of these in a scratch copy of the host, in every place that keeps the rule, and runs")
    print("seeds from 1 on until the judge finds something; what no seed finds, a script of `Tests/Scenarios` must. Nothing")
    print("else is changed: the seeds and the judge are those of `make soak`, and the copy without a defect must be clean in")
    print("all of those worlds. This file is written by `scripts/defects.sh`.\n")
    print("| # | Defect | Expected rule | Broken in | Found by | Rule of the judge |")
    print("|---|---|---|---|---|---|")
    found = 0
    for number, what, rule, pieces in DEFECTS:
        files = sorted({file.split("/")[-1].removesuffix(".swift") for file, *_ in pieces})
        result = rows.get(number, ["not run"])
        if result[0] == "FOUND":
            found += 1
            # The same on every machine and in every run.
            result[3] = re.sub(r"/\S*/needles/[^ :]*", "…/needles/…", result[3])
            cells = [f"seed {result[1]}" if result[1].isdigit() else result[1], f"{result[2]}: {result[3]}"]
        else:
            cells = [result[0], " ".join(result[1:])]
        print(f"| {number} | {what} | {rule} | {', '.join(files)} | " + " | ".join(cells) + " |")
    print(f"\n{found} of {len(DEFECTS)} were found.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["plant", copy]: plant(pathlib.Path(copy))
        case ["list"]: print(*[number for number, *_ in DEFECTS])
        case ["name", number]: print(next(what for n, what, *_ in DEFECTS if n == int(number)))
        case ["table", results]: table(results)
        case _: sys.exit(__doc__)
