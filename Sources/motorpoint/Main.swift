import Programs

@main enum Main {
    static func main() { PractitionerProgram.run() }
}
