// One channel: title, amplitudes, contraction, limits, thresholds. Rows stand in the order of their weight, so that a
// small screen takes the first ones.
internal import CareModel
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

struct ChannelRows {
    let model: ScreenModel
    let place: ChannelPlace
    let columns: Int

    /// Where bars begin; wide enough for `delivered 10.5 mA`.
    private static let labelColumns = 19

    private var status: StatusSnapshot? { model.status(place) }
    private var barColumns: Int { max(8, min(60, columns - ChannelRows.labelColumns - 25)) }
    private var isSelected: Bool {
        model.plan.channelCount > 1 && model.selected == place && !(status?.state.isFinal ?? false)
    }

    /// How many rows there are at the most.
    static let most = 7
    /// What a channel takes when room is short: title and amplitudes in one row, then the contraction.
    static let fewest = 1

    /// Draws at most `count` rows from `row` on.
    func draw(on canvas: inout Canvas, row: Int, count: Int) {
        guard count >= 3 else {
            drawTitle(on: &canvas, row: row, isAlone: true)
            if count == 2 { drawContraction(on: &canvas, row: row + 1) }
            return
        }
        drawTitle(on: &canvas, row: row, isAlone: false)
        drawSet(on: &canvas, row: row + 1)
        drawDelivered(on: &canvas, row: row + 2)
        if count > 3 { drawContraction(on: &canvas, row: row + 3) }
        let uses = LimitUse.all(model, place)
        // A search is for the thresholds; elsewhere the limit comes first.
        let isSearch = status?.channelState == .searching
        if count > 4 {
            isSearch ? drawThresholds(on: &canvas, row: row + 4) : drawLimit(uses, on: &canvas, row: row + 4)
        }
        if count > 5 {
            isSearch ? drawLimit(uses, on: &canvas, row: row + 5) : drawThresholds(on: &canvas, row: row + 5)
        }
        if count > 6 {
            let others = uses.dropFirst()
            let forms = [others.map(\.short), others.map(\.figures)].map { $0.joined(separator: " · ") }
            let room = columns - ChannelRows.labelColumns
            let text = Wording.first(forms, room)
            draw(
                "other limits", text.isEmpty ? Wording.fit(others.map(\.figures), room) : text, on: &canvas,
                row: row + 6)
        }
    }

    // MARK: - Rows

    private func drawTitle(on canvas: inout Canvas, row: Int, isAlone: Bool) {
        let style = isSelected ? Style.inverse : Style.bold
        canvas.fill(row: row, style)
        let number = place.index + 1
        let mark = isSelected ? "▶\(number) " : model.plan.channelCount > 1 ? " \(number) " : " "
        let muscle = model.muscle(place)
        let side = model.side(place)
        let state = status.map { SessionText.name($0.channelState) } ?? "-"
        var right = [state]
        if isAlone, let status {
            right.append("set \(SessionText.milliamperes(status.setAmplitude))")
            right.append("delivered \(SessionText.milliamperes(status.lastDeliveredNow))")
        }
        right += [progress, model.timeLeft(place) ?? ""]
        let room = columns - mark.count - 1
        // The word stands there wherever it fits: a mark alone can be overlooked.
        let short = "\(muscle?.name ?? "?") \(side)\(isSelected && columns >= 60 ? "  SELECTED" : "")"
        let rightText = Wording.fit(right, max(0, room - short.count - 2))
        let names = [
            "\(muscle?.title ?? "?"), \(side)\(isSelected ? "  SELECTED: keys act here" : "")",
            "\(muscle?.title ?? "?"), \(side)\(isSelected ? "  SELECTED" : "")",
            short,
        ]
        let left = Wording.first(names, room - rightText.count - 2)
        canvas.put(mark + left, row: row, style)
        canvas.put(rightText, row: row, column: max(0, columns - rightText.count - 1), style)
    }

    /// `contraction 2 of 10`; titration shown apart.
    private var progress: String {
        guard let status, status.part == .treatment, let dose = model.dose(place)?.dose, dose.contractionCount > 0,
            status.channelState != .off, status.contraction > 0
        else { return "" }
        if status.isTitrating {
            return
                "titration contraction \(status.contraction) of "
                + "\(model.plan.channel(at: place)?.limits[.titrationContractions].value ?? 0)"
        }
        return "contraction \(status.contraction) of \(dose.contractionCount)"
    }

    private func drawSet(on canvas: inout Canvas, row: Int) {
        guard let status, let dose = model.dose(place) else { return }
        let isAtCeiling =
            status.channelState.hasPulses && status.setAmplitude.microamperes > 0
            && status.setAmplitude.microamperes + dose.dose.amplitudeStep.microamperes > dose.ceiling.microamperes
        let bar = ShareBar.spans(
            Int64(status.setAmplitude.microamperes), of: Int64(dose.ceiling.microamperes), columns: barColumns,
            Style(isAtCeiling ? .yellow : .cyan, isBold: true))
        let ceiling = SessionText.milliamperes(dose.ceiling)
        let owner = LimitText.shortOwner(dose.ceilingSetBy)
        drawBar(
            "set \(SessionText.milliamperes(status.setAmplitude))", bar,
            isAtCeiling
                ? ["AT THE LIMIT, \(ceiling) (\(owner))", "LIMIT \(ceiling) (\(owner))", "AT THE LIMIT", "LIMIT"]
                : ["of \(ceiling) (\(owner))", "of \(ceiling)"], on: &canvas, row: row, isAtCeiling ? .bold : .plain)
    }

    private func drawDelivered(on canvas: inout Canvas, row: Int) {
        guard let status, let dose = model.dose(place) else { return }
        let now = status.lastDeliveredNow
        let bar = ShareBar.spans(
            Int64(now.microamperes), of: Int64(dose.ceiling.microamperes), columns: barColumns,
            Style(.green, isBold: true))
        let highest = "highest \(SessionText.milliamperes(status.highestDelivered))"
        drawBar(
            "delivered \(SessionText.milliamperes(now))", bar,
            multiple.map { ["set is \($0) × motor threshold", "\($0) × motor threshold", "\($0) × motor"] } ?? [
                highest
            ], on: &canvas, row: row)
    }

    /// The set amplitude as a multiple of the motor threshold marked in this session, `1.3`: only where both have the
    /// same phase duration, since thresholds at different durations are never compared (`decided.md`). The twitch
    /// threshold of one pulse does not depend on the rate at which it was looked for.
    private var multiple: String? {
        guard let status, status.setAmplitude.microamperes > 0, status.motorThreshold.microamperes > 0,
            let search = model.plan.channel(at: place)?.search?.dose, let running = model.dose(place)?.dose,
            search.phaseDuration == running.phaseDuration
        else { return nil }
        let tenths =
            (Int64(status.setAmplitude.microamperes) * 10 + Int64(status.motorThreshold.microamperes) / 2)
            / Int64(status.motorThreshold.microamperes)
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func drawContraction(on canvas: inout Canvas, row: Int) {
        guard let status, let dose = model.dose(place)?.dose else { return }
        let left = SessionText.seconds(Int64(status.phaseRemainingMilliseconds))
        guard case .contractions(let cycle, _) = dose.pattern else {
            return drawTrain(dose, status, on: &canvas, row: row)
        }
        let bar = ContractionBar.spans(
            cycle, status.channelState, remaining: status.phaseRemainingMilliseconds, columns: barColumns)
        let words: [String]
        switch status.channelState {
        case .rampingUp: words = ["ramp up, \(left) left", "up \(left)"]
        case .holding: words = ["plateau, \(left) left", "hold \(left)"]
        case .rampingDown: words = ["ramp down, \(left) left", "down \(left)"]
        case .resting: words = ["rest, \(left) left", "rest \(left)"]
        case .waiting: words = ["begins in \(left)", "in \(left)"]
        case .off, .searching, .finished, .stopped: words = ["none running", "none"]
        }
        drawBar("contraction", bar, words, on: &canvas, row: row)
    }

    private func drawTrain(_ dose: Dose, _ status: StatusSnapshot, on canvas: inout Canvas, row: Int) {
        let total = Int64(dose.pattern.trainMilliseconds)
        let isRunning = status.channelState.isRunning
        let over = isRunning ? total - Int64(status.phaseRemainingMilliseconds) : 0
        let bar = ShareBar.spans(over, of: total, columns: barColumns, Style(.green))
        let left = SessionText.clock(isRunning ? Int64(status.phaseRemainingMilliseconds) : total)
        var words = ["\(left) left", left]
        switch dose.pattern {
        case .burst(_, let burst, let interval):
            words.insert("\(left) left, \(burst) ms in \(LimitText.decimal(Int64(interval), 1_000)) s", at: 0)
        case .denseDisperse(_, _, let sparse, _):
            let dense = LimitText.decimal(Int64(dose.frequency.millihertz), 1_000)
            words.insert(
                "\(left) left, \(dense) and \(LimitText.decimal(Int64(sparse.millihertz), 1_000)) Hz", at: 0)
        case .continuous, .contractions: break
        }
        drawBar(status.part == .search ? "search" : "train", bar, words, on: &canvas, row: row)
    }

    private func drawLimit(_ uses: [LimitUse], on canvas: inout Canvas, row: Int) {
        guard let nearest = uses.first else { return }
        let room = columns - ChannelRows.labelColumns
        let percent = " · \(nearest.share / 10) %"
        draw(
            "nearest limit",
            Wording.first([nearest.full + percent, nearest.full, nearest.short, nearest.figures], room), on: &canvas,
            row: row)
    }

    private func drawThresholds(on canvas: inout Canvas, row: Int) {
        guard let status, let search = model.plan.channel(at: place)?.search?.dose else {
            return draw("thresholds", "no search in this session: intensity is in mA only", on: &canvas, row: row)
        }
        let marks = model.marks[place.index]
        func words(_ name: String, _ threshold: Current, _ count: Int) -> String {
            guard threshold.microamperes > 0 else { return "\(name) not marked" }
            let repeats = count > 1 ? ", lowest of \(count)" : ""
            return "\(name) \(SessionText.milliamperes(threshold))\(repeats)"
        }
        let rate = LimitText.decimal(Int64(search.frequency.millihertz), 1_000)
        let parts = [
            words("felt", status.sensoryThreshold, marks.sensory),
            words("twitch", status.motorThreshold, marks.motor),
            "at \(search.phaseDuration.microseconds) µs, \(rate) Hz", "void when the session ends",
        ]
        draw("thresholds", Wording.fit(parts, columns - ChannelRows.labelColumns), on: &canvas, row: row)
    }

    // MARK: - Form

    private func drawBar(
        _ label: String, _ bar: [Span], _ forms: [String], on canvas: inout Canvas, row: Int, _ style: Style = .plain
    ) {
        canvas.put(label, row: row, column: 1, .bold)
        let end = canvas.put(bar, row: row, column: ChannelRows.labelColumns)
        canvas.put(Wording.first(forms, columns - end - 1), row: row, column: end + 1, style)
    }

    private func draw(_ label: String, _ text: String, on canvas: inout Canvas, row: Int) {
        canvas.put(label, row: row, column: 1, .faint)
        canvas.put(text, row: row, column: ChannelRows.labelColumns)
    }
}
