import DeviceDrivers

/// Where `motorpoint stop` comes in from a second terminal.
enum StopDoor {
    static func open(
        _ places: PlaceOptions, stop: @escaping @Sendable () -> Void, status: @escaping @Sendable () -> String
    ) throws -> StopListener {
        let socket = Places.stopSocket(dataFolder: try places.dataFolder())
        do throws(StopListenerError) {
            return try StopListener(at: socket, stop: stop, status: status)
        } catch {
            if case .inUse = error { throw Failure(.deviceUnavailable, "\(error); end that one first") }
            throw Failure(
                .noPermission,
                "`motorpoint stop` could not reach this session: \(error). Unset XDG_RUNTIME_DIR, or let it name a "
                    + "folder of this user. Nothing was armed")
        }
    }

    /// Opens it and closes it again: what stands in the way is said before anybody answers forty questions.
    static func tryOut(_ places: PlaceOptions) throws { _ = try open(places, stop: {}, status: { "checklist" }) }
}
