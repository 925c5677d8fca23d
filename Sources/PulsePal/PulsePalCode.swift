/// Voltages on the wire are codes of a 16-bit converter over ±10 V: output = code / 65,536 · 20 V - 10 V, so that
/// 32,768 is exactly 0 V and one step 0.305 mV (`pulsepal.md` 3.3).
///
/// The public clients round each voltage by itself, which makes a symmetric pulse unequal by one step (+2 V is 39,321,
/// -2 V 26,214). Here both phases come from one number of steps.
public enum PulsePalCode {
    /// 0 V.
    public static var zero: UInt16 { @_noLocks get { 32_768 } }
    /// The most steps to either side: 9.9997 V.
    public static var mostSteps: UInt16 { @_noLocks get { 32_767 } }

    /// The code `steps` above 0 V; nothing above 32,767 steps.
    @_noLocks public static func above(_ steps: UInt16) -> UInt16? {
        steps <= mostSteps ? zero + steps : nil
    }

    /// The code `steps` below 0 V; nothing above 32,767 steps, so that each code has its mirror image.
    @_noLocks public static func below(_ steps: UInt16) -> UInt16? {
        steps <= mostSteps ? zero - steps : nil
    }

    /// Steps from 0 V, signed: -32,768 to 32,767.
    @_noLocks public static func steps(of code: UInt16) -> Int32 { Int32(code) - 32_768 }

    /// The output in microvolts, rounded toward 0.
    @_noLocks public static func microvolts(of code: UInt16) -> Int32 {
        Int32(Int64(steps(of: code)) * 10_000_000 / 32_768)
    }
}
