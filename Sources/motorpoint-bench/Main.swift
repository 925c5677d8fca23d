import Programs

@main enum Main {
    static func main() { TechnicianProgram.run() }
}
