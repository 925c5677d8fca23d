import ArgumentParser
import DeviceDrivers

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the running session from a second terminal. Asks nothing.")
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let socket = Places.stopSocket(dataFolder: try places.dataFolder())
            do throws(StopRequestError) {
                print(try StopRequest.sendStop(path: socket))
            } catch {
                if case .noSession = error {
                    throw Failure(.notFound, "no session is running with this data folder")
                }
                throw Failure(.deviceUnavailable, "\(error)")
            }
        }
    }
}
