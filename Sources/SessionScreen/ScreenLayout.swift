// A whole screen from a model: pure, so that tests compare screens. Rows go to what counts first; what a small terminal
// cannot hold is left out whole, never cut in mid-word.
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

public enum ScreenLayout {
    /// The screen as it is meant to look now.
    public static func canvas(_ model: ScreenModel, _ capabilities: ScreenCapabilities) -> Canvas {
        var canvas = Canvas(columns: capabilities.columns, rows: capabilities.rows)
        Frame(model: model, columns: canvas.columns, rows: canvas.rows).draw(on: &canvas)
        return capabilities.hasUnicode ? canvas : canvas.inASCII()
    }
}

/// How many rows each part gets.
private struct Frame {
    let model: ScreenModel
    let columns: Int
    let rows: Int

    private var places: [ChannelPlace] { model.plan.channelCount > 1 ? [.first, .second] : [.first] }

    func draw(on canvas: inout Canvas) {
        let keys = keyRows
        let banner = Banner(model: model, columns: columns).rows
        // From the bottom up: keys, device. From the top down: head, state, banner, channels.
        let isTiny = rows < 10
        let footer = isTiny ? min(1, keys.count) : keys.count + 1
        let head = isTiny ? 1 : 2
        let bannerCount = min(banner.count, max(1, rows - head - footer - places.count * (isTiny ? 1 : 2)))
        // Room is kept for a hint that comes and goes, so that what stands below does not jump.
        let bannerRoom = max(bannerCount, rows < 20 ? 0 : places.count > 1 && rows < 30 ? 1 : 2)
        var free = rows - head - footer - bannerRoom
        let counts = channelRows(&free)
        var row = 0
        if !isTiny {
            drawHead(on: &canvas)
            row = 1
        }
        drawState(on: &canvas, row: row)
        row += 1
        for line in banner.prefix(bannerCount) {
            if line.isFilled { canvas.fill(row: row, line.style) }
            canvas.put(line.text, row: row, column: 1, line.style)
            row += 1
        }
        row += bannerRoom - bannerCount
        let hasRules = free > places.count + 2
        for place in places {
            // A blank row of the banner is rule enough.
            if hasRules, place == .second || bannerCount == bannerRoom {
                row += 1
                free -= 1
            }
            ChannelRows(model: model, place: place, columns: columns)
                .draw(on: &canvas, row: row, count: counts[place.index])
            row += counts[place.index]
        }
        drawRest(on: &canvas, row: row, count: free)
        if !isTiny { drawDevice(on: &canvas, row: rows - footer) }
        for (index, spans) in keys.prefix(isTiny ? 1 : keys.count).enumerated() {
            canvas.put(spans, row: rows - (isTiny ? 1 : keys.count) + index, column: 1)
        }
    }

    /// The most rows for each channel that leave two for events; the channel that is not selected gives way first.
    private func channelRows(_ free: inout Int) -> [Int] {
        var counts = [0, 0]
        for place in places { counts[place.index] = ChannelRows.fewest }
        free -= places.count
        let order = places.sorted { a, _ in a == model.selected }
        let reserve = min(3, max(0, free / 4))
        var goal = 2
        while goal <= (model.isHelpShown ? 2 : ChannelRows.most) {
            // The seventh only where there is plenty of room.
            let spare = goal == ChannelRows.most ? 8 : reserve
            for place in order where free > spare && counts[place.index] < goal {
                counts[place.index] += 1
                free -= 1
            }
            goal += 1
        }
        return counts
    }

    // MARK: - Parts

    private func drawHead(on canvas: inout Canvas) {
        canvas.fill(row: 0, .inverse)
        let header = model.header
        let side = places.count == 1 ? " \(model.side(.first))" : ""
        let notice = "not a medical device"
        let protocols = header.protocols.joined(separator: " + ")
        let forms = [
            "motorpoint · \(header.personID)\(side) · \(protocols) · by \(header.practitioner)",
            "motorpoint · \(header.personID)\(side) · \(protocols)", "\(header.personID)\(side) · \(protocols)",
            "\(header.personID)\(side)",
        ]
        let withNotice = forms.filter { $0.count + notice.count + 4 <= columns }
        canvas.put(withNotice.first ?? Wording.first(forms, columns - 2), row: 0, column: 1, .inverse)
        if !withNotice.isEmpty { canvas.put(notice, row: 0, column: columns - notice.count - 1, .inverse) }
    }

    private func drawState(on canvas: inout Canvas, row: Int) {
        guard let status = model.statuses[0] else {
            return canvas.put("waiting for the control loop", row: row, column: 1, .bold)
        }
        let name = SessionText.name(status.state)
        canvas.put(name, row: row, column: 1, stateStyle(status.state))
        var parts: [String] = []
        if status.state == .stopping || status.state == .closed { parts.append(SessionText.name(status.stopCause)) }
        if status.state == .faulted { parts.append("latched: nothing more is given in this session") }
        if status.state == .stopping || status.state.isFinal {
            let isOff = status.isProvenOff || status.condition == .off
            let words = OutputWords(model)
            parts.insert(isOff ? words.verifiedOff : words.notVerifiedOff, at: 0)
        } else {
            parts.append(OutputWords(model).state(status.condition))
        }
        let time = model.plan.limits[.sessionTime]
        let clock = SessionText.clock(Int64(status.treatmentMilliseconds))
        parts.append("clock \(clock) of \(SessionText.clock(time.value)) (\(LimitText.shortOwner(time.setBy)))")
        let mute = model.alarms.muteLeft(at: model.now)
        if mute > 0 { parts.append("SOUND MUTED \(SessionText.clock(mute))") }
        let text = Wording.fit(parts, separator: " · ", columns - name.count - 6)
        canvas.put(text, row: row, column: name.count + 4)
    }

    private func stateStyle(_ state: SessionState) -> Style {
        switch state {
        case .faulted: return Style(.red, isBold: true, isInverse: true)
        case .stopping, .paused: return Style(.yellow, isBold: true, isInverse: true)
        case .searching, .rampingUp, .holding, .rampingDown, .resting:
            return Style(.green, isBold: true, isInverse: true)
        case .idle, .cleared, .armed, .closed: return .inverse
        }
    }

    /// Chart and events, or the help.
    private func drawRest(on canvas: inout Canvas, row: Int, count: Int) {
        guard count > 0 else { return }
        if model.isHelpShown { return drawHelp(on: &canvas, row: row, count: count) }
        var row = row
        var left = count
        let chartRows = min(8, (count - 6) / places.count)
        if chartRows >= 4, columns >= 60 {
            for place in places {
                HistoryChart(model: model, place: place, columns: columns).draw(on: &canvas, row: row, count: chartRows)
                row += chartRows
                left -= chartRows
            }
        }
        if left > 2 {
            canvas.put("last events", row: row, column: 1, .faint)
            row += 1
            left -= 1
        }
        drawEvents(on: &canvas, row: row, count: left)
    }

    /// The newest at the bottom; a line too long for the row wraps.
    private func drawEvents(on canvas: inout Canvas, row: Int, count: Int) {
        var lines: [(String, Style)] = []
        for line in model.log.lines.suffix(count) {
            let stamp = SessionText.stamp(line.stamp)
            for (index, text) in Wording.wrap(line.text, columns - 12).enumerated() {
                lines.append(("\(Wording.padded(index == 0 ? stamp : "", to: 8))  \(text)", line.style))
            }
        }
        for (index, line) in lines.suffix(count).enumerated() {
            canvas.put(line.0, row: row + index, column: 1, line.1)
        }
    }

    private func drawHelp(on canvas: inout Canvas, row: Int, count: Int) {
        let lines = KeyMap.help.split(separator: "\n").flatMap { Wording.wrap(String($0), columns - 2) }
        for (index, line) in lines.prefix(count).enumerated() { canvas.put(line, row: row + index, column: 1) }
    }

    private func drawDevice(on canvas: inout Canvas, row: Int) {
        guard let status = model.statuses[0] else { return }
        let pulses = places.compactMap { model.status($0) }
        let delivered = pulses.reduce(0) { $0 + Int64($1.deliveredPulses) }
        let unsure = pulses.reduce(0) { $0 + Int64($1.unsurePulses) }
        var parts = ["device \(status.condition)"]
        parts += PlainLines.health(status, tolerance: model.latenessToleranceMilliseconds)
        parts.append("\(delivered) pulses delivered" + (unsure > 0 ? ", \(unsure) UNKNOWN" : ""))
        canvas.put(Wording.fit(parts, columns - 2), row: row, column: 1, .faint)
    }

    /// Keys that mean something now, wrapped between keys.
    private var keyRows: [[Span]] {
        var rows: [[Span]] = [[]]
        var used = 0
        for (key, meaning) in KeyMap.legend(model) {
            let length = key.count + 1 + meaning.count
            if used > 0, used + 3 + length > columns - 2 {
                rows.append([])
                used = 0
            }
            if used > 0 {
                rows[rows.count - 1].append(Span("   "))
                used += 3
            }
            rows[rows.count - 1] += [Span(key, .bold), Span(" " + meaning)]
            used += length
        }
        return rows
    }
}
