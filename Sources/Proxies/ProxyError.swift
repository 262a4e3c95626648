/// Why something about proxies that a person wrote can't be read; that person has to change it. Safe to log: no logins.
package struct ProxyError: Error, Hashable, CustomStringConvertible {
    package enum Place: Sendable, Hashable {
        /// Of a text, from 1.
        case line(Int)
        /// Of a JSON array, from 1.
        case entry(Int)
    }

    /// nil where there was one thing only.
    package var place: Place?
    package var problem: String

    package init(_ problem: String, at place: Place? = nil) {
        self.problem = problem
        self.place = place
    }

    package var description: String {
        switch place {
        case .line(let number): "line \(number): \(problem)"
        case .entry(let number): "entry \(number): \(problem)"
        case nil: problem
        }
    }
}
