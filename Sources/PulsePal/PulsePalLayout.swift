// The three orders in which a whole program travels (`pulsepal.md` 3.1 and 9).

extension PulsePalProgram {
    /// Op 73: 178 bytes, channel by channel. Continuous flags are not in it.
    @_noLocks func writeByChannel(to bytes: inout PulsePalBytes) {
        var number: UInt8 = 1
        while number <= 4 {
            let channel = self[channel: number]
            var index = 0
            while index < 8 {
                bytes.put(channel[time: index])
                index += 1
            }
            number += 1
        }
        number = 1
        while number <= 4 {
            let channel = self[channel: number]
            bytes.put(channel.phase1Code)
            bytes.put(channel.phase2Code)
            bytes.put(channel.restingCode)
            number += 1
        }
        number = 1
        while number <= 4 {
            let channel = self[channel: number]
            bytes.put(channel.isBiphasic)
            bytes.put(channel.customTrain)
            bytes.put(channel.customTarget)
            bytes.put(channel.customLoops)
            number += 1
        }
        writeTriggers(to: &bytes)
    }

    /// Op 92: 182 bytes, parameter by parameter; the reply of op 93 is the same without the continuous flags.
    @_noLocks func writeByParameter(withContinuous: Bool, to bytes: inout PulsePalBytes) {
        var index = 0
        while index < 8 {
            bytes.put(first[time: index])
            bytes.put(second[time: index])
            bytes.put(third[time: index])
            bytes.put(fourth[time: index])
            index += 1
        }
        index = 0
        while index < 3 {
            bytes.put(first[code: index])
            bytes.put(second[code: index])
            bytes.put(third[code: index])
            bytes.put(fourth[code: index])
            index += 1
        }
        index = 0
        while index < (withContinuous ? 5 : 4) {
            var number: UInt8 = 1
            while number <= 4 {
                let channel = self[channel: number]
                switch index {
                case 0: bytes.put(channel.isBiphasic)
                case 1: bytes.put(channel.customTrain)
                case 2: bytes.put(channel.customTarget)
                case 3: bytes.put(channel.customLoops)
                default: bytes.put(channel.isContinuous)
                }
                number += 1
            }
            index += 1
        }
        writeTriggers(to: &bytes)
    }

    /// Op 85: 178 bytes of a settings file.
    @_noLocks func writeAsFile(to bytes: inout PulsePalBytes) {
        var number: UInt8 = 1
        while number <= 4 {
            let channel = self[channel: number]
            var index = 0
            while index < 8 {
                bytes.put(channel[time: index])
                index += 1
            }
            bytes.put(channel.isBiphasic)
            bytes.put(channel.phase1Code)
            bytes.put(channel.phase2Code)
            bytes.put(channel.restingCode)
            bytes.put(channel.customTrain)
            bytes.put(channel.customTarget)
            bytes.put(channel.customLoops)
            number += 1
        }
        bytes.put(firstTriggerMode)
        number = 1
        while number <= 4 {
            bytes.put(self[channel: number].isLinkedToFirst)
            number += 1
        }
        bytes.put(secondTriggerMode)
        number = 1
        while number <= 4 {
            bytes.put(self[channel: number].isLinkedToSecond)
            number += 1
        }
    }

    @_noLocks private func writeTriggers(to bytes: inout PulsePalBytes) {
        var number: UInt8 = 1
        while number <= 4 {
            bytes.put(self[channel: number].isLinkedToFirst)
            number += 1
        }
        number = 1
        while number <= 4 {
            bytes.put(self[channel: number].isLinkedToSecond)
            number += 1
        }
        bytes.put(firstTriggerMode)
        bytes.put(secondTriggerMode)
    }

    @_noLocks static func readByChannel(_ reader: inout PulsePalReader) -> PulsePalProgram {
        var program = PulsePalProgram.silent
        var number: UInt8 = 1
        while number <= 4 {
            var index = 0
            while index < 8 {
                program[channel: number][time: index] = reader.long()
                index += 1
            }
            number += 1
        }
        number = 1
        while number <= 4 {
            program[channel: number].phase1Code = reader.short()
            program[channel: number].phase2Code = reader.short()
            program[channel: number].restingCode = reader.short()
            number += 1
        }
        number = 1
        while number <= 4 {
            program[channel: number].isBiphasic = reader.flag()
            program[channel: number].customTrain = reader.byte()
            program[channel: number].customTarget = reader.byte()
            program[channel: number].customLoops = reader.flag()
            number += 1
        }
        program.readTriggers(&reader)
        return program
    }

    @_noLocks static func readByParameter(_ reader: inout PulsePalReader, withContinuous: Bool) -> PulsePalProgram {
        var program = PulsePalProgram.silent
        var index = 0
        while index < 8 {
            var number: UInt8 = 1
            while number <= 4 {
                program[channel: number][time: index] = reader.long()
                number += 1
            }
            index += 1
        }
        index = 0
        while index < 3 {
            var number: UInt8 = 1
            while number <= 4 {
                program[channel: number][code: index] = reader.short()
                number += 1
            }
            index += 1
        }
        index = 0
        while index < (withContinuous ? 5 : 4) {
            var number: UInt8 = 1
            while number <= 4 {
                switch index {
                case 0: program[channel: number].isBiphasic = reader.flag()
                case 1: program[channel: number].customTrain = reader.byte()
                case 2: program[channel: number].customTarget = reader.byte()
                case 3: program[channel: number].customLoops = reader.flag()
                default: program[channel: number].isContinuous = reader.flag()
                }
                number += 1
            }
            index += 1
        }
        program.readTriggers(&reader)
        return program
    }

    @_noLocks private mutating func readTriggers(_ reader: inout PulsePalReader) {
        var number: UInt8 = 1
        while number <= 4 {
            self[channel: number].isLinkedToFirst = reader.flag()
            number += 1
        }
        number = 1
        while number <= 4 {
            self[channel: number].isLinkedToSecond = reader.flag()
            number += 1
        }
        firstTriggerMode = reader.byte()
        secondTriggerMode = reader.byte()
    }
}
