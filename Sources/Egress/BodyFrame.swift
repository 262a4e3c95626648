internal import NIOCore

/// Tells how many of the bytes that come belong to a message's body. It never changes them.
struct BodyFrame: Equatable {
    private enum State: Equatable {
        case complete
        case length(Int)
        case untilClose
        // Chunked, RFC 9112 §7.1: each case is what comes next.
        case chunkSize(value: Int, digits: Int)
        case chunkExtension
        case chunkSizeLineFeed
        case chunkData(Int)
        case chunkEnd(feeds: Int)
        case trailer(lineLength: Int)
        case trailerLineFeed(lineLength: Int)
        case broken
    }

    private var state: State
    /// Of the current chunk; kept beside the state while its line ends.
    private var chunk = 0
    private var lineBytes = 0

    static let none = Self(state: .complete)
    static let untilClose = Self(state: .untilClose)
    static let chunked = Self(state: .chunkSize(value: 0, digits: 0))
    static func length(_ count: Int) -> Self { Self(state: count == 0 ? .complete : .length(count)) }

    private init(state: State) { self.state = state }

    var isComplete: Bool { state == .complete }
    var endsWithConnection: Bool { state == .untilClose }
    /// The chunks can't be followed any more; where the body ends is unknown.
    var isBroken: Bool { state == .broken }

    /// - Returns: how many of the buffer's readable bytes, from the first, belong to the body; all of them once it is broken.
    mutating func take(from buffer: ByteBuffer) -> Int {
        let view = buffer.readableBytesView
        let total = view.count
        var taken = 0
        while taken < total {
            switch state {
            case .complete: return taken
            case .untilClose, .broken: return total
            case .length(let left):
                let count = min(left, total - taken)
                taken += count
                state = count == left ? .complete : .length(left - count)
            case .chunkData(let left):
                let count = min(left, total - taken)
                taken += count
                state = count == left ? .chunkEnd(feeds: 0) : .chunkData(left - count)
            default:
                step(view[view.startIndex + taken])
                taken += 1
            }
        }
        return taken
    }

    private mutating func step(_ byte: UInt8) {
        lineBytes += 1
        if lineBytes > 16384 {
            state = .broken
            return
        }
        switch (state, byte) {
        case (.chunkSize(let value, let digits), _):
            if let digit = Self.hexadecimal(byte), digits < 15 {
                state = .chunkSize(value: value << 4 | digit, digits: digits + 1)
            } else if digits > 0, byte == 13 {
                chunk = value
                state = .chunkSizeLineFeed
            } else if digits > 0, byte == UInt8(ascii: ";") || byte == 32 || byte == 9 {
                chunk = value
                state = .chunkExtension
            } else {
                state = .broken
            }
        case (.chunkExtension, 13): state = .chunkSizeLineFeed
        case (.chunkExtension, 10): state = .broken
        case (.chunkExtension, _): break
        case (.chunkSizeLineFeed, 10):
            lineBytes = 0
            state = chunk == 0 ? .trailer(lineLength: 0) : .chunkData(chunk)
        case (.chunkEnd(0), 13): state = .chunkEnd(feeds: 1)
        case (.chunkEnd(1), 10):
            lineBytes = 0
            state = .chunkSize(value: 0, digits: 0)
        case (.trailer(let length), 13): state = .trailerLineFeed(lineLength: length)
        case (.trailer, 10): state = .broken
        case (.trailer(let length), _): state = .trailer(lineLength: length + 1)
        case (.trailerLineFeed(let length), 10): state = length == 0 ? .complete : .trailer(lineLength: 0)
        default: state = .broken
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x37
        case 0x61...0x66: Int(byte) - 0x57
        default: nil
        }
    }
}
