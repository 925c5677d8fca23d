// Sent, and gone.
import SafetyKernel
import StimulatorLinks
import StimulusModel

func once(_ link: inout P24Link, _ pulse: consuming AuthorizedPulse, at now: Instant) -> Bool {
    link.deliver(pulse, at: now)
}
