// A step that allocates may wait for the allocator's lock.
import StimulusModel

@_noLocks func step(_ currents: inout [Current], _ current: Current) {
    currents.append(current)
    // expected-error@-1 {{this code performs reference counting operations which can cause locking}}
}
