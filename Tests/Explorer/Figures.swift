// Every figure that machine and gate hold, by its name: those that a key takes, and those that it leaves out because no
// rule reads them. A test compares these names with the types themselves, so that no figure is ever added unseen.
public import SafetyKernel
public import SessionEngine

extension ExploredPlan {
    public var authorizedPlan: AuthorizedPlan { plan }

    public func newMachine() -> SessionMachine { SessionMachine(plan: plan) }

    public static let machineFigures: Set<String> = [
        // Never change.
        "plan", "channelCount", "asksCheckIns",
        // In the key.
        "course", "channels", "toldState", "resuming", "untilPresenceAsked", "untilPresenceMissed",
        "untilCheckInAsked", "untilCheckInMissed", "stoppingMilliseconds",
        // In the key of a plan that reaches their limit within its ticks.
        "treatmentMilliseconds", "attendedMilliseconds",
        // In the key of a plan that lets time pass: they say only who is there.
        "lastCommand", "sinceCommand",
        // Told, never asked.
        "stopCause", "fault", "missedTicks", "droppedPulses", "skippedPulses", "deliveredPulses", "undeliveredPulses",
        "unknownPulses",
    ]

    public static let channelFigures: Set<String> = [
        "search", "treatment", "riseLimitMicroamperesPerSecond", "titrationLimit", "levels", "searchIsContractions",
        "treatmentIsContractions",
        "state", "part", "setMicroamperes", "feltMicroamperes", "lastFeltMicroamperes", "resumes", "phaseRemaining",
        "trainRemaining", "patternElapsed", "titrating", "titrationContractions", "countedContractions", "schedule",
        "sinceRaise", "sincePress", "sincePulse", "runHasPulse", "isAnswerDue", "answerIsOfBefore", "motorThreshold",
        // Only whether it is the gate's.
        "run",
        // Told, never asked.
        "sensoryThreshold", "motorMarks", "deliveredPulses", "treatmentPulses", "askedPart", "unknownPulses",
        "highestDelivered",
    ]

    public static let accountFigures: Set<String> = [
        "run", "setMicroamperes", "deliveredMicroamperes", "lastRise", "lastPulse", "pulses", "credit", "allowance",
        "searchedMicroamperes", "motorThresholdMicroamperes",
        // Bounds of a whole session and of a day, which no plan here comes near (see the safety case).
        "searchPulses", "treatmentPulses", "chargedPicocoulombs",
    ]
}
