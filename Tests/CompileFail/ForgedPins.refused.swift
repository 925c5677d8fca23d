// Nothing but a link makes pins with enable or a trigger high, and nothing changes them afterwards.
import StimulatorLinks
import StimulusModel

func forge(_ drive: PinDrive) -> BoardPins {
    BoardPins(drive)  // expected-error {{'BoardPins' initializer is inaccessible due to 'internal' protection level}}
}

func raised(_ pins: consuming BoardPins) -> BoardPins {
    pins.drive.enable = true  // expected-error {{cannot assign to property: 'drive' is a 'let' constant}}
    return pins
}
