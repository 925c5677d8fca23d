// What was allowed once is set once.
import SafetyKernel
import StimulatorLinks

func twice(_ link: inout TriggerLink, _ setting: consuming AuthorizedSetting) {
    // expected-error@-1 {{'setting' consumed more than once}}
    _ = link.set(setting)  // expected-note {{consumed here}}
    _ = link.set(setting)  // expected-note {{consumed again here}}
}
