/// The numbers that ScienceMode4 gives its commands (IFU, C). An acknowledgement is the command's number plus 1,
/// except the two that belong to no command.
public enum CommandNumber {
    public static var lowLevelInit: UInt16 { @_noLocks get { 0 } }
    public static var lowLevelChannelConfig: UInt16 { @_noLocks get { 2 } }
    public static var lowLevelStop: UInt16 { @_noLocks get { 4 } }
    public static var midLevelInit: UInt16 { @_noLocks get { 30 } }
    public static var midLevelUpdate: UInt16 { @_noLocks get { 32 } }
    public static var midLevelStop: UInt16 { @_noLocks get { 34 } }
    /// 36 in C and in both Python clients; one table of the IFU prints 37.
    public static var midLevelGetCurrentData: UInt16 { @_noLocks get { 36 } }
    public static var getDeviceID: UInt16 { @_noLocks get { 52 } }
    public static var reset: UInt16 { @_noLocks get { 58 } }
    public static var getStimStatus: UInt16 { @_noLocks get { 62 } }
    public static var getExtendedVersion: UInt16 { @_noLocks get { 68 } }

    /// From the device only: something is wrong that belongs to no command.
    public static var generalError: UInt16 { @_noLocks get { 66 } }
    /// From the device only: it does not know the command.
    public static var unknownCommand: UInt16 { @_noLocks get { 67 } }

    // In the C library but not in the IFU's list for the P24. Named so that a log can say what was asked; this wire
    // neither sends nor reads them.
    public static var getMainVersion: UInt16 { @_noLocks get { 50 } }
    public static var getBatteryStatus: UInt16 { @_noLocks get { 54 } }
    public static var setPower: UInt16 { @_noLocks get { 56 } }
    public static var getStimulatorVersion: UInt16 { @_noLocks get { 60 } }
    public static var getMainStatus: UInt16 { @_noLocks get { 64 } }

    /// The number of a command's acknowledgement.
    @_noLocks public static func acknowledgement(of command: UInt16) -> UInt16 { command &+ 1 }
}
