internal import PulsePal

/// The command side: what each op does (`pulsepal.md` 3 to 6 and 9).
extension VirtualPulsePal {
    private var isNewer: Bool { configuration.firmware == .version22 }

    mutating func obey(_ request: PulsePalRequest, at now: Int64) {
        switch request {
        case .handshake: reply(PulsePalReply.handshake(version: UInt32(configuration.firmware.rawValue)))
        case .programAll(let new): confirm(take(new, withContinuous: false, at: now))
        case .programGrouped(let new): confirm(take(new, withContinuous: true, at: now))
        case .programOne(let parameter, let channel, let value):
            let isDone = set(parameter, channel: channel, to: value, at: now)
            confirm(isDone)
            if !isDone, isNewer, !isParameter(parameter) { discardsUntil = now + 100_000_000 }
        case .programAcross(let parameter, let values): confirm(setAcross(parameter, values, at: now))
        case .customTrain(let number, let train): confirm(load(number, train))
        case .softTrigger(let mask):
            for index in 0..<4 { isScheduled[index] = mask >> UInt8(index) & 1 == 1 }
        case .fixedVoltage(let channel, let code): confirm(fix(channel, code, at: now))
        case .abort, .disconnect: stop(mask: 0x0F, at: now)
        case .stopChannels(let mask): stop(mask: mask, at: now)
        case .continuous(let channel, let isOn): confirm(setContinuous(channel, isOn, at: now))
        case .readFile: reply(PulsePalReply.file(openFile))
        case .readPin: outbox.append(0)
        case .settingsFile(let operation, let name): obeyFile(operation, name, at: now)
        case .readParameters: reply(PulsePalReply.parameters(program))
        case .readHardware:
            reply(PulsePalReply.hardware(version: 2, cycleMicroseconds: 50, trains: 2, pulses: 5_000))
        case .calibrateZero(let channel, _): confirm(channel <= 3)
        case .formatCard: confirm(false)
        case .display, .clientName, .writePin: break
        }
    }

    private mutating func reply(_ bytes: PulsePalBytes) {
        for index in 0..<bytes.count { outbox.append(bytes[index]) }
    }

    /// Firmware 21 confirms whatever it read.
    private mutating func confirm(_ isDone: Bool) { outbox.append(isDone || !isNewer ? 1 : 0) }

    private func isParameter(_ parameter: UInt8) -> Bool {
        (1...17).contains(parameter) || parameter == 128 || (parameter == 18 && isNewer)
    }

    /// What firmware 22 takes. Firmware 21 judges nothing.
    private func isAcceptable(_ channel: PulsePalChannel) -> Bool {
        channel.customTrain <= 2 && channel.customTarget <= 1
    }

    private mutating func take(_ new: PulsePalProgram, withContinuous: Bool, at now: Int64) -> Bool {
        if isNewer {
            guard (1...4).allSatisfy({ isAcceptable(new[channel: $0]) }) else { return false }
            guard new.firstTriggerMode <= 2, new.secondTriggerMode <= 2 else { return false }
        }
        program = new
        for index in 0..<4 {
            if withContinuous, isContinuous[index] != new[channel: UInt8(index + 1)].isContinuous {
                isContinuous[index].toggle()
                if !isContinuous[index] { kill(index) }
            }
            applyRest(index)
        }
        if isNewer { write(at: now) }
        return true
    }

    /// The new resting voltage reaches an idle output at once in firmware 22. In 21 only the next abort, train end or
    /// fixed voltage brings it.
    private mutating func applyRest(_ index: Int) { if isNewer, !plays[index].isActive { rest(index) } }

    private mutating func set(_ parameter: UInt8, channel number: UInt8, to value: UInt32, at now: Int64) -> Bool {
        if parameter == 128 { return setMode(number, to: value) }
        guard let place = place(number) else { return false }
        if isNewer {
            let flags: [UInt8] = [1, 12, 13, 15, 16, 18]
            guard isParameter(parameter), !(flags.contains(parameter) && value > 1) else { return false }
            guard !(parameter == 14 && value > 2) else { return false }
        }
        guard program[channel: place].set(parameter, to: value) else { return false }
        if parameter == 18 {
            isContinuous[Int(place) - 1] = value != 0
            if value == 0 { kill(Int(place) - 1) }
        }
        if parameter == 17 { applyRest(Int(place) - 1) }
        if isNewer { write(at: now) }
        return true
    }

    /// The channel that a number means; nothing for one outside 1 to 4, which firmware 21 does not notice.
    private func place(_ number: UInt8) -> UInt8? {
        if (1...4).contains(number) { return number }
        guard !isNewer, configuration.badChannel == .hitsAnotherChannel else { return nil }
        return (number &- 1) % 4 + 1
    }

    private mutating func setMode(_ input: UInt8, to value: UInt32) -> Bool {
        guard !(isNewer && value > 2) else { return false }
        switch input {
        case 1: program.firstTriggerMode = UInt8(truncatingIfNeeded: value)
        case 2: program.secondTriggerMode = UInt8(truncatingIfNeeded: value)
        default: return false
        }
        return true
    }

    private mutating func setAcross(_ parameter: UInt8, _ values: PulsePalQuad, at now: Int64) -> Bool {
        let each = [values.first, values.second, values.third, values.fourth]
        let before = (program, isContinuous)
        for number in UInt8(1)...(parameter == 128 ? 2 : 4) {
            guard set(parameter, channel: number, to: each[Int(number) - 1], at: now) else {
                (program, isContinuous) = before
                return false
            }
        }
        return true
    }

    mutating func keep(_ point: PulsePalPoint) {
        let slot = decoder.currentOperation == 75 ? 0 : decoder.currentOperation == 76 ? 1 : 2
        guard trains.indices.contains(slot), Int(point.index) < StoredTrain.longest else { return }
        if point.isTime {
            trains[slot].times[Int(point.index)] = point.value
        } else {
            trains[slot].codes[Int(point.index)] = UInt16(truncatingIfNeeded: point.value)
        }
    }

    private mutating func load(_ number: UInt8, _ train: PulsePalTrain) -> Bool {
        guard trains.indices.contains(Int(number) - 1), train.count <= UInt32(StoredTrain.longest) else { return false }
        let slot = Int(number) - 1
        trains[slot].count = Int(train.count)
        // Op 95 names its slot in its data, so its points are taken from the whole.
        if decoder.currentOperation == 95, train.isHeld {
            for index in 0..<Int(train.count) {
                trains[slot].times[index] = train.cycles(at: index)
                trains[slot].codes[index] = train.code(at: index)
            }
        }
        return true
    }

    private mutating func fix(_ number: UInt8, _ code: UInt16, at now: Int64) -> Bool {
        guard let place = place(number) else { return false }
        drive(Int(place) - 1, code)
        write(at: now)
        return true
    }

    private mutating func stop(mask: UInt8, at now: Int64) {
        for index in 0..<4 where mask >> UInt8(index) & 1 == 1 {
            kill(index, isCut: true)
            if isNewer, !configuration.keepsSoftTriggers {
                isScheduled[index] = false
                isSoftTriggered[index] = false
            }
        }
        write(at: now)
    }

    private mutating func setContinuous(_ number: UInt8, _ isOn: Bool, at now: Int64) -> Bool {
        guard let place = place(number) else { return false }
        let index = Int(place) - 1
        isContinuous[index] = isOn
        program[channel: place].isContinuous = isNewer && isOn
        if isOn {
            // Firmware 22 only sets the flag.
            if !isNewer { isScheduled[index] = true }
        } else {
            kill(index, isCut: true)
            write(at: now)
        }
        return true
    }

    private mutating func obeyFile(_ operation: UInt8, _ name: PulsePalText, at now: Int64) {
        let key = (0..<name.count).map { name[$0] }
        switch operation {
        case 1: files[key] = program
        case 2:
            guard let found = files[key] else {
                program = PulsePalConfiguration.defaults
                if isNewer { outbox.append(0) }
                return
            }
            program = found
            openFile = found
            if !isNewer { reply(PulsePalReply.loaded(program)) }
        case 3: files[key] = nil
        default:
            if isNewer { outbox.append(0) }
            return
        }
        if isNewer { outbox.append(1) }
    }
}
