public import ByteStreams
internal import CLinuxIO

/// A thread of the operating system that is given one value for its own and gives it back when it is joined: nobody
/// else can touch the value meanwhile, and the compiler checks it. Dropping it waits for the thread to end.
@safe public struct OwnedThread<Owner: ~Copyable>: ~Copyable {
    private let thread: UInt64
    private let box: UnsafeMutablePointer<Owner>

    /// Starts `body` with `owner`. When this throws, `owner` was dropped.
    ///
    /// - Parameters:
    ///   - name: at most 15 characters, as shown by `top -H`.
    ///   - stackBytes: the size of the thread's stack.
    public init(
        named name: String, stackBytes: Int, owner: consuming sending Owner,
        body: @escaping @Sendable (inout Owner) -> Void
    ) throws(SystemError) {
        let box = UnsafeMutablePointer<Owner>.allocate(capacity: 1)
        unsafe box.initialize(to: owner)
        let start = ThreadStart { unsafe body(&box.pointee) }
        let context = unsafe Unmanaged.passRetained(start)
        var thread: UInt64 = 0
        let result = unsafe mp_thread_start(&thread, name, stackBytes, runThread, context.toOpaque())
        if result < 0 {
            unsafe context.release()
            unsafe box.deinitialize(count: 1)
            unsafe box.deallocate()
            throw SystemError(code: -result, attempt: "start the thread \(name)")
        }
        self.thread = thread
        unsafe self.box = box
    }

    deinit {
        _ = mp_thread_join(thread)
        unsafe box.deinitialize(count: 1)
        unsafe box.deallocate()
    }

    /// Waits until the body has returned and takes the value back.
    public consuming func join() -> Owner {
        _ = mp_thread_join(thread)
        let owner = unsafe box.move()
        unsafe box.deallocate()
        discard self
        return owner
    }
}

/// What a new thread runs. A class, so that a C function without generics can carry it.
@safe private final class ThreadStart {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

private func runThread(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().run()
}
