import SafetyKernel
import SessionEngine
import SessionScreen
import StimulusModel
import Testing

@Suite struct PainterTests {
    private func canvas(_ model: ScreenModel, columns: Int = 80, rows: Int = 24) -> Canvas {
        ScreenLayout.canvas(model, ScreenCapabilities(columns: columns, rows: rows))
    }

    /// Runs the bytes on a plain grid and gives back what stands there.
    private func run(_ bytes: [UInt8], on grid: inout [[Character]]) {
        var row = 0
        var column = 0
        var text = Substring(String(decoding: bytes, as: UTF8.self))
        while let character = text.popFirst() {
            guard character == "\u{1B}" else {
                grid[row][column] = character
                column += 1
                continue
            }
            _ = text.popFirst()
            let body = text.prefix { !$0.isLetter }
            text = text.dropFirst(body.count)
            let command = text.popFirst()
            let numbers = body.split(separator: ";").compactMap { Int($0) }
            if command == "H" {
                row = (numbers.first ?? 1) - 1
                column = (numbers.count > 1 ? numbers[1] : 1) - 1
            }
            if command == "J" { grid = grid.map { $0.map { _ in " " } } }
        }
    }

    @Test func differencesMakeTheWholeScreen() throws {
        var painter = Painter(hasColour: true)
        var grid = Array(repeating: Array(repeating: Character(" "), count: 80), count: 24)
        var model = try Make.double()
        var first = 0
        var largest = 0
        for step in 0..<200 {
            model.clock(Int64(step) * 100)
            if step % 17 == 0 { model.selectNext() }
            if step % 23 == 0 { model.say("line \(step)") }
            model.show(.holding, .holding) {
                $0.part = .treatment
                $0.setAmplitude = Current(microamperes: Int32(step / 10) * 1_000)
                $0.lastDelivered = $0.setAmplitude
                $0.phaseRemainingMilliseconds = 3_000 - Int32(step) * 10
            }
            model.show(.holding, .resting, at: .second) { $0.phaseRemainingMilliseconds = 9_000 - Int32(step) * 10 }
            let next = canvas(model)
            let bytes = painter.bytes(for: next)
            if step == 0 { first = bytes.count } else { largest = max(largest, bytes.count) }
            run(bytes, on: &grid)
            for row in 0..<24 {
                let shown = String(grid[row])
                #expect(shown == next.text(row: row).padding(80), "step \(step), row \(row)")
            }
        }
        #expect(largest < first, "a change costs \(largest) bytes, the whole screen \(first)")
    }

    @Test func nothingNewIsNoByte() throws {
        var painter = Painter(hasColour: true)
        let model = try Make.single()
        #expect(!painter.bytes(for: canvas(model)).isEmpty)
        #expect(painter.bytes(for: canvas(model)).isEmpty)
        #expect(!painter.bytes(for: canvas(model), refreshing: 3).isEmpty)
        painter.forget()
        #expect(!painter.bytes(for: canvas(model)).isEmpty)
    }

    @Test func withoutColourNoColourIsSent() throws {
        var model = try Make.single()
        model.show(.faulted) { $0.fault = .unplugged }
        var painter = Painter(hasColour: false)
        let text = String(decoding: painter.bytes(for: canvas(model)), as: UTF8.self)
        #expect(!text.contains(";31m") && !text.contains(";33m"))
        #expect(text.contains(";7m"), "an alarm must stand out without colour")
    }

    /// A name from a file cannot command the terminal.
    @Test func noControlCharacterReachesTheTerminal() throws {
        let header = SessionHeader(
            personID: "P-1\u{1B}[2J\u{7}\n漢", practitioner: "e\u{301}\u{202E}", sides: [.left], protocols: ["a"])
        let plan = try Make.plan(Make.prescription(1, search: nil, treatment: Make.treatment()))
        let model = ScreenModel(plan: plan, header: header, latenessToleranceMilliseconds: 50)
        let row = canvas(model).text(row: 0)
        #expect(row.contains("P-1?[2J???"), "\(row)")
        #expect(row.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value < 0x2600 })
    }

    @Test func anASCIITerminalGetsASCIIOnly() throws {
        let model = try WholeScreenTests.alternating()
        let canvas = ScreenLayout.canvas(model, ScreenCapabilities(columns: 120, rows: 40, hasUnicode: false))
        #expect(canvas.text.utf8.allSatisfy { $0 == 10 || (0x20...0x7E).contains($0) })
        #expect(!canvas.text.contains("?"), "a sign has no plain form:\n\(canvas.text)")
    }

    /// No size makes the program trip, and what counts is there in every size that can hold it.
    @Test func everySizeIsDrawn() throws {
        let model = try WholeScreenTests.alternating()
        for columns in [1, 5, 20, 30, 40, 60, 79, 80, 100, 132, 300] {
            for rows in [1, 2, 3, 5, 8, 10, 12, 15, 20, 24, 50, 100] {
                let canvas = ScreenLayout.canvas(model, ScreenCapabilities(columns: columns, rows: rows))
                #expect(canvas.rows == rows && canvas.columns == columns)
                guard columns >= 40, rows >= 5 else { continue }
                #expect(canvas.text.contains("HOLD"), "\(columns)x\(rows):\n\(canvas.text)")
                #expect(canvas.text.contains("SPACE"), "\(columns)x\(rows):\n\(canvas.text)")
                #expect(canvas.text.contains("SELECTED") || columns < 60, "\(columns)x\(rows):\n\(canvas.text)")
            }
        }
    }

    @Test func theEnvironmentSaysWhatTheTerminalCanDo() {
        #expect(ScreenCapabilities(environment: ["LANG": "de_DE.UTF-8"]).hasUnicode)
        #expect(!ScreenCapabilities(environment: ["LANG": "de_DE.UTF-8", "LC_ALL": "C"]).hasUnicode)
        #expect(ScreenCapabilities(environment: ["LC_ALL": "", "LC_CTYPE": "C.utf8"]).hasUnicode)
        #expect(!ScreenCapabilities(environment: [:]).hasUnicode)
        #expect(!ScreenCapabilities(environment: ["NO_COLOR": "1"]).hasColour)
        #expect(ScreenCapabilities(environment: ["NO_COLOR": ""]).hasColour)
        for name in ["dumb", "", "unknown"] { #expect(ScreenCapabilities.isDumb(environment: ["TERM": name])) }
        #expect(ScreenCapabilities.isDumb(environment: [:]))
        #expect(!ScreenCapabilities.isDumb(environment: ["TERM": "xterm-256color"]))
    }
}

extension String {
    func padding(_ columns: Int) -> String { self + String(repeating: " ", count: max(0, columns - count)) }
}
