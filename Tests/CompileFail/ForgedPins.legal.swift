// The pins that open the relay, at any time; a heartbeat without enable; and what a step of the link says.
import StimulatorLinks
import StimulusModel

func open() -> BoardPins { BoardPins.allLow }

func trial(_ level: Bool) -> BoardPins { BoardPins.heartbeatAlone(level) }

func step(_ link: inout TriggerLink) -> PinDrive {
    let pins = link.completeStep()
    return pins.drive
}
