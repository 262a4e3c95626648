@testable import DevTools
import Testing

struct LedgerTests {
    private let start = ContinuousClock.now

    private func call(_ name: String, session: String? = nil, after seconds: Int) -> Ledger<String>.Call {
        .init(waiter: name, method: "Page.enable", session: session, deadline: start + .seconds(seconds))
    }

    /// A call leaves by the first of reply, deadline and the end of its session, and only once.
    @Test func once() {
        var ledger = Ledger<String>()
        let a = ledger.makeID()
        let b = ledger.makeID()
        let c = ledger.makeID()
        #expect(ledger.wait(a, call("a", after: 1)) == nil)
        #expect(ledger.wait(b, call("b", after: 2)) == nil)
        #expect(ledger.wait(c, call("c", session: "S", after: 3)) == nil)
        #expect(ledger.take(a)?.waiter == "a")
        #expect(ledger.take(a) == nil)
        #expect(ledger.takeOverdue(at: start + .milliseconds(1999)).isEmpty)
        #expect(ledger.takeOverdue(at: start + .seconds(2)).map(\.waiter) == ["b"])
        #expect(ledger.end(session: "S").calls.map(\.waiter) == ["c"])
        #expect(ledger.takeOverdue(at: start + .seconds(60)).isEmpty)
        #expect(ledger.waiting == 0)
    }

    /// After the connection has closed, what waited is handed out once and nothing can wait any more.
    @Test func closed() {
        var ledger = Ledger<String>()
        let id = ledger.makeID()
        _ = ledger.wait(id, call("a", after: 1))
        _ = ledger.listen(to: ["Page.x", "Page.y"], session: nil, .init(received: { _, _ in }, ended: {}))
        let gone = ledger.close(DevToolsError(.disconnected, "gone"))
        #expect(gone.calls.map(\.waiter) == ["a"])
        #expect(gone.listeners.count == 1)
        #expect(ledger.wait(ledger.makeID(), call("b", after: 1))?.code == .disconnected)
        #expect(ledger.close(DevToolsError(.disconnected, "again")).calls.isEmpty)
        #expect(ledger.listen(to: ["Page.x"], session: nil, .init(received: { _, _ in }, ended: {})) == nil)
    }

    /// Listeners hear their session's events only, and none after they stopped.
    @Test func listeners() {
        var ledger = Ledger<String>()
        let listener = Ledger<String>.Listener(received: { _, _ in }, ended: {})
        let token = ledger.listen(to: ["Page.x"], session: "S", listener)
        #expect(ledger.listeners(to: .init(session: "S", method: "Page.x")).count == 1)
        #expect(ledger.listeners(to: .init(session: nil, method: "Page.x")).isEmpty)
        #expect(ledger.listeners(to: .init(session: "S", method: "Page.y")).isEmpty)
        if let token { ledger.unlisten(token, to: ["Page.x"], session: "S") }
        #expect(ledger.listeners(to: .init(session: "S", method: "Page.x")).isEmpty)
    }
}

struct EnvelopeTests {
    /// Where a message goes is read from its two ends.
    @Test(arguments: [
        (#"{"id":7,"result":{}}"#, Envelope.reply(id: 7)),
        (#"{"id":12,"result":{"a":1},"sessionId":"AB"}"#, .reply(id: 12)),
        (#"{"method":"Page.x","params":{},"sessionId":"AB12"}"#, .event(method: "Page.x", session: "AB12")),
        (#"{"method":"Target.y","params":{"sessionId":"NO"}}"#, .event(method: "Target.y", session: nil)),
        (#"{"method":"Target.y","params":{"a":1,"sessionId":"NO"}}"#, .event(method: "Target.y", session: nil)),
    ])
    func route(json: String, envelope: Envelope) { #expect(Envelope(Array(json.utf8)) == envelope) }

    /// What is no message of the protocol goes nowhere.
    @Test(arguments: ["", "{}", "[]", #"{"id":x}"#, "garbage"])
    func garbage(json: String) { #expect(Envelope(Array(json.utf8)) == nil) }
}
