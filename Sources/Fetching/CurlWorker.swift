internal import CCurl
internal import Foundation
internal import Synchronization

/// One thread, one multi handle, all transfers: connections and TLS sessions are shared, and no pool thread ever blocks.
///
/// Other threads only put commands into the inbox and wake the thread. The thread alone touches curl and finishes transfers,
/// so that each is finished exactly once.
final class CurlWorker: @unchecked Sendable {
    private enum Command {
        case start(Transfer)
        case cancel(UInt64)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
        /// nil once the thread has cleaned up; waking it then would touch freed memory.
        var multi: UnsafeMutableRawPointer?
        var whenStopped: [CheckedContinuation<Void, Never>] = []
    }

    private static let isReady = gleaner_curl_global() == CURLE_OK

    private let inbox: Mutex<Inbox>

    /// nil where curl can't be initialised.
    init?() {
        guard Self.isReady, let multi = curl_multi_init() else { return nil }
        gleaner_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64)
        gleaner_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8)
        inbox = Mutex(Inbox(multi: multi))
        let thread = Thread { [self] in run() }
        thread.name = "gleaner-curl"
        thread.start()
    }

    func start(_ transfer: Transfer) {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isStopping, let multi = inbox.multi else { return false }
            inbox.commands.append(.start(transfer))
            curl_multi_wakeup(multi)
            return true
        }
        if !isTaken { transfer.finish(.failure(Self.stopped(transfer))) }
    }

    func cancel(_ number: UInt64) {
        inbox.withLock { inbox in
            guard let multi = inbox.multi else { return }
            inbox.commands.append(.cancel(number))
            curl_multi_wakeup(multi)
        }
    }

    /// Breaks everything off; the thread ends.
    func stop() {
        inbox.withLock { inbox in
            inbox.isStopping = true
            if let multi = inbox.multi { curl_multi_wakeup(multi) }
        }
    }

    /// Returns once the thread is done with curl.
    func stopped() async {
        await withCheckedContinuation { continuation in
            let isStopped = inbox.withLock { inbox in
                if inbox.multi != nil { inbox.whenStopped.append(continuation) }
                return inbox.multi == nil
            }
            if isStopped { continuation.resume() }
        }
    }

    private static func stopped(_ transfer: Transfer) -> FetchError {
        FetchError(.stopped, "\(transfer.order.url): fetching has ended")
    }

    // MARK: The thread

    private func run() {
        // curl leaves SIGPIPE alone with NOSIGNAL, and OpenSSL writes without MSG_NOSIGNAL.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        guard let multi = inbox.withLock({ $0.multi }) else { return }
        var transfers: [UInt64: (transfer: Transfer, easy: UnsafeMutableRawPointer)] = [:]
        func end(_ number: UInt64, _ result: (Transfer) -> Result<Transfer.Outcome, FetchError>) {
            guard let (transfer, easy) = transfers.removeValue(forKey: number) else { return }
            curl_multi_remove_handle(multi, easy)
            let result = result(transfer)
            transfer.cleanUp()
            transfer.finish(result)
        }

        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands.removeAll() }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands {
                switch command {
                case .cancel(let number): end(number) { .failure(Self.cancelled($0)) }
                case .start(let transfer):
                    if transfer.isCancelled.load(ordering: .acquiring) {
                        transfer.finish(.failure(Self.cancelled(transfer)))
                    } else if let easy = transfer.prepared(), curl_multi_add_handle(multi, easy) == CURLM_OK {
                        transfers[transfer.number] = (transfer, easy)
                    } else {
                        transfer.finish(.failure(FetchError(.broken, "\(transfer.order.url): curl can't begin, out of memory")))
                    }
                }
            }
            if isStopping { break }

            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var left: Int32 = 0
            while let message = curl_multi_info_read(multi, &left) {
                guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
                let code = message.pointee.data.result
                if let number = transfers.first(where: { $0.value.easy == easy })?.key { end(number) { $0.outcome(code) } }
            }
            // Woken by commands, by sockets and by curl's own timers; the bound is a safety net.
            curl_multi_poll(multi, nil, 0, 10_000, nil)
        }

        for number in Array(transfers.keys) { end(number) { .failure(Self.stopped($0)) } }
        let waiting = inbox.withLock { inbox in
            inbox.multi = nil
            // Between the last look into the inbox and now, nothing was added: `isStopping` was set.
            return inbox.whenStopped
        }
        curl_multi_cleanup(multi)
        for continuation in waiting { continuation.resume() }
    }

    private static func cancelled(_ transfer: Transfer) -> FetchError {
        FetchError(.cancelled, "\(transfer.order.url): cancelled")
    }
}
