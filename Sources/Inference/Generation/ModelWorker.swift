// The child's side: `gleaner model worker`. One thread reads orders, another computes; both end with the farm, whose death closes the
// socket. What a file or llama.cpp does to this process (an assertion, a C++ exception, no memory) ends this process only.

internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

package enum ModelWorker {
    /// Serves the farm at the other end of the socket until that is closed, or nothing was asked for a while. Ends the process.
    /// - Parameter descriptor: the socket; standard input, as the farm starts it.
    package static func run(descriptor: Int32 = 0) -> Never {
        // Where memory runs out, this process is the one to go.
        try? "800".write(toFile: "/proc/self/oom_score_adj", atomically: false, encoding: .utf8)
        var kind = stat()
        guard fstat(descriptor, &kind) == 0, kind.st_mode & S_IFMT == S_IFSOCK else {
            FileHandle.standardError.write(Data("this command is started by gleaner itself: its input must be a socket\n".utf8))
            exit(2)
        }
        let socket = FrameSocket(descriptor)
        guard case .load(let load)? = socket.receive(WorkerOrder.self) else { exit(1) }
        let desk = WorkerDesk()
        let thread = Thread { compute(load, socket, desk) }
        thread.name = "model"
        thread.stackSize = 16 << 20
        thread.start()
        while true {
            if !socket.isReadable(within: load.idleSeconds), desk.isIdle { break }
            guard socket.isReadable(within: 0) else { continue }
            guard let order = socket.receive(WorkerOrder.self) else { break }
            desk.take(order)
        }
        // Not `exit`: that would free what the computing thread uses.
        _exit(0)
    }

    private static func compute(_ load: WorkerOrder.Load, _ socket: FrameSocket, _ desk: WorkerDesk) {
        func report(_ report: WorkerReport) { if (try? socket.send(report)) == nil { _exit(0) } }
        func fail(_ id: Int, _ error: InferenceError) { report(.failed(id: id, code: error.code.rawValue, message: error.message)) }
        do throws(InferenceError) {
            let start = ContinuousClock.now
            let file = try ModelFile(generating: load.path, contextTokens: load.contextTokens, freeMemory: Memory.free)
            let model = try GenerativeModel(file)
            var generator = try Generator(
                model, contextTokens: load.contextTokens, threads: load.threads, cancellation: desk.cancellation)
            report(
                .loaded(
                    ModelTraits(
                        contextTokens: generator.contextTokens, architecture: model.architecture, template: model.template.name,
                        loadSeconds: (ContinuousClock.now - start) / .seconds(1))))
            while true {
                switch desk.next() {
                case .count(let id, let texts): report(.counted(id: id, texts.map { model.tokens($0).count }))
                case .generate(let id, let order):
                    do throws(InferenceError) {
                        report(.done(id: id, try generator.generate(order) { report(.text(id: id, $0)) }))
                    } catch {
                        fail(id, error)
                    }
                case .load, .cancel: break
                }
                desk.done()
            }
        } catch {
            fail(0, error)
            _exit(0)
        }
    }
}

/// Orders on their way from the reading thread to the computing one.
private final class WorkerDesk: @unchecked Sendable {  // all mutable state is touched under `lock` only
    let cancellation = Cancellation()
    private let lock = NSCondition()
    private var orders: [WorkerOrder] = []
    private var current = 0
    /// Loading counts: it is not idleness.
    private var isWorking = true

    var isIdle: Bool {
        lock.lock()
        defer { lock.unlock() }
        return orders.isEmpty && !isWorking
    }

    func take(_ order: WorkerOrder) {
        lock.lock()
        defer { lock.unlock() }
        if case .cancel(let id) = order {
            // What has not begun yet still gets its answer, which is soon a cancelled one.
            if current == id { cancellation.cancel() } else { orders.removeAll { $0.id == id } }
            return
        }
        orders.append(order)
        lock.signal()
    }

    func next() -> WorkerOrder {
        lock.lock()
        defer { lock.unlock() }
        isWorking = false
        while orders.isEmpty { lock.wait() }
        let order = orders.removeFirst()
        isWorking = true
        current = order.id
        cancellation.reset()
        return order
    }

    func done() {
        lock.lock()
        current = 0
        lock.unlock()
    }
}

extension WorkerOrder {
    /// 0: no call.
    fileprivate var id: Int {
        switch self {
        case .count(let id, _), .generate(let id, _), .cancel(let id): id
        case .load: 0
        }
    }
}
