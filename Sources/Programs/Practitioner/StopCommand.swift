import ArgumentParser
import DeviceDrivers

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the running session from a second terminal. Asks nothing.")
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let folder = try places.dataFolder()
            var problem = Failure(
                .notFound,
                "no session is running with the data folder \(folder), as far as can be seen from here. If current "
                    + "flows, PRESS THE PATIENT'S BUTTON; else name the session's own folder with --data")
            for socket in Places.stopSockets(dataFolder: folder) {
                do throws(StopRequestError) {
                    return print(try StopRequest.sendStop(path: socket))
                } catch {
                    if case .noSession = error { continue }
                    problem = Failure(.deviceUnavailable, "\(error)")
                }
            }
            throw problem
        }
    }
}
