@main struct MotorpointSim { static func main() {} }
