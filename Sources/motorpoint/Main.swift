@main struct Motorpoint { static func main() {} }
