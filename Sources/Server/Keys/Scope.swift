/// What a key may do.
package enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Ask for runs, and see and steer those that it asked for; not those of others.
    case submit
    /// See everything; change nothing.
    case read
    /// Everything.
    case admin
}

/// What a route asks of who calls it.
package enum Access: Sendable, Hashable, CaseIterable {
    /// Nothing, not even a key.
    case open
    /// To submit.
    case submit
    /// To read. A key that may only submit gets what it submitted itself: the handler goes by `Caller.sees`.
    case readOrOwn
    case read
    case admin

    /// Any one of these will do.
    package var scopes: Set<Scope> {
        switch self {
        case .open: []
        case .submit: [.submit, .admin]
        case .readOrOwn: [.submit, .read, .admin]
        case .read: [.read, .admin]
        case .admin: [.admin]
        }
    }
}

/// Who calls.
package struct Caller: Sendable, Hashable {
    package enum Way: Sendable, Hashable {
        case bearer
        /// The console's cookie.
        case session(Session)
        /// Nobody made a key yet, and the call comes from this machine.
        case local
    }

    package enum Reach: Sendable, Hashable {
        case everything
        /// What the key of this id submitted.
        case own(String)
    }

    /// The key's id; "local" without a key. For logs, audit and the rate limit.
    package var id: String
    package var scopes: Set<Scope>
    package var way: Way

    package init(id: String, scopes: Set<Scope>, way: Way) {
        self.id = id
        self.scopes = scopes
        self.way = way
    }

    package static let local = Caller(id: "local", scopes: Set(Scope.allCases), way: .local)

    package var sees: Reach { scopes.isDisjoint(with: [.read, .admin]) ? .own(id) : .everything }

    package func may(_ access: Access) -> Bool { access == .open || !scopes.isDisjoint(with: access.scopes) }
}
