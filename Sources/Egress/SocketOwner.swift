#if canImport(Glibc)
    internal import Glibc

    /// Whose a local socket is. Asked of the kernel by netlink (sock_diag(7)): one short question, whatever number of sockets there is.
    enum SocketOwner {
        /// Of the socket on this machine whose own end is `from` and which is connected to `to`, both ports of 127.0.0.1. Nil where the kernel
        /// doesn't say, as in some sandboxes.
        static func user(from: UInt16, to: UInt16) -> UInt32? {
            let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), sockDiag)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var patience = timeval(tv_sec: 0, tv_usec: 100_000)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            let question = question(from: from, to: to)
            guard send(descriptor, question, question.count, 0) == question.count else { return nil }
            var answer = [UInt8](repeating: 0, count: 512)
            let count = recv(descriptor, &answer, answer.count, 0)
            // nlmsghdr: length, type, flags, sequence, port; then inet_diag_msg, whose uid stands at byte 64.
            guard count >= 16 + 68, answer.number(at: 4, of: UInt16.self) == byFamily else { return nil }
            return answer.number(at: 16 + 64, of: UInt32.self)
        }

        // Of linux/netlink.h, linux/sock_diag.h and linux/tcp.h, whose macros Swift doesn't import.
        private static let sockDiag: Int32 = 4
        private static let byFamily: UInt16 = 20
        private static let request: UInt16 = 1

        /// nlmsghdr and inet_diag_req_v2: one TCP socket, found by its four numbers.
        private static func question(from: UInt16, to: UInt16) -> [UInt8] {
            var bytes: [UInt8] = []
            func add<Number: FixedWidthInteger>(_ number: Number) { withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) } }
            func addLoopback() {
                bytes += [127, 0, 0, 1]
                bytes += [UInt8](repeating: 0, count: 12)
            }
            add(UInt32(72))
            add(byFamily)
            add(request)
            add(UInt32(1))
            add(UInt32(0))
            bytes += [UInt8(AF_INET), UInt8(IPPROTO_TCP), 0, 0]
            add(UInt32.max)  // in any state
            add(from.bigEndian)
            add(to.bigEndian)
            addLoopback()
            addLoopback()
            add(UInt32(0))  // any interface
            add(UInt64.max)  // no cookie
            return bytes
        }
    }

    extension [UInt8] {
        fileprivate func number<Number: FixedWidthInteger>(at offset: Int, of type: Number.Type) -> Number {
            withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
        }
    }
#else
    enum SocketOwner {
        static func user(from: UInt16, to: UInt16) -> UInt32? { nil }
    }
#endif
