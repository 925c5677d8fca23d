// Memory that is there already.
import StimulusModel

@_noLocks func step(_ currents: inout InlineArray<8, Current>, _ current: Current) {
    currents[0] = current
}
