// A pulse is handed to the link, which releases it once.
import SafetyKernel
import StimulatorLinks
import StimulusModel

func release(_ link: inout TriggerLink, _ pulse: consuming AuthorizedPulse, at now: Instant) -> Bool {
    link.deliver(pulse, at: now)
}
