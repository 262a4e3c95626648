/// How the visits of a pool are spread over its proxies, as text `round-robin,sticky=host,fail-open`.
package struct ProxyPolicy: Sendable, Hashable {
    package enum Strategy: String, Sendable, Hashable, CaseIterable {
        /// The one that rested longest.
        case roundRobin = "round-robin"
        /// The one with the fewest visits under way.
        case leastUsed = "least-used"
        /// Drawn, by weight.
        case random
    }

    /// What keeps its proxy. Where the strategy is `random`, keys are spread by weight, else evenly.
    package enum Stickiness: String, Sendable, Hashable, CaseIterable {
        case none
        case run
        case host
        /// Visits without a session are not sticky.
        case session
    }

    package var strategy = Strategy.roundRobin
    package var stickiness = Stickiness.none
    /// Without a proxy that can be used, visits go out directly and show this machine's own address. Otherwise they wait.
    package var failOpen = false

    package init() {}
}

extension ProxyPolicy: CustomStringConvertible {
    /// Parts may stand in any order, each at most once.
    package init(_ text: String) throws(ProxyError) {
        self.init()
        var seen: Set<String> = []
        func once(_ what: String) throws(ProxyError) {
            guard seen.insert(what).inserted else { throw ProxyError("a proxy policy says its \(what) once") }
        }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.lowercased().filter { !$0.isWhitespace }
            if let strategy = Strategy(rawValue: word) {
                try once("strategy")
                self.strategy = strategy
            } else if word.hasPrefix("sticky="), let stickiness = Stickiness(rawValue: String(word.dropFirst(7))) {
                try once("stickiness")
                self.stickiness = stickiness
            } else if word == "fail-open" || word == "fail-closed" {
                try once("fail-open or fail-closed")
                failOpen = word == "fail-open"
            } else {
                let shown = part.count > 80 ? part.prefix(80) + "…" : part
                throw ProxyError(
                    "\"\(shown)\" is no part of a proxy policy; it has round-robin, least-used or random;"
                        + " sticky=run, host, session or none; fail-open or fail-closed")
            }
        }
    }

    /// As it is read; what is as usual is left out, but for the strategy.
    package var description: String {
        strategy.rawValue + (stickiness == .none ? "" : ",sticky=\(stickiness.rawValue)") + (failOpen ? ",fail-open" : "")
    }
}
