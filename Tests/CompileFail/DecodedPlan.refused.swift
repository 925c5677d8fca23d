// Decoding a plan, a dose or a table of limits would be forging one.
import SafetyKernel

func decoded<Value: Decodable>(_ type: Value.Type) {}
// expected-note@-1 5 {{where 'Value' = }}

func forge() {
    decoded(AuthorizedPlan.self)
    // expected-error@-1 {{requires that 'AuthorizedPlan' conform to 'Decodable'}}
    decoded(AuthorizedChannel.self)
    // expected-error@-1 {{requires that 'AuthorizedChannel' conform to 'Decodable'}}
    decoded(AuthorizedDose.self)
    // expected-error@-1 {{requires that 'AuthorizedDose' conform to 'Decodable'}}
    decoded(LimitTable.self)
    // expected-error@-1 {{requires that 'LimitTable' conform to 'Decodable'}}
    decoded(Limit.self)
    // expected-error@-1 {{requires that 'Limit' conform to 'Decodable'}}
}
