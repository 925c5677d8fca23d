// Set, and gone.
import SafetyKernel
import StimulatorLinks

func once(_ link: inout TriggerLink, _ setting: consuming AuthorizedSetting) -> Bool { link.set(setting) }
