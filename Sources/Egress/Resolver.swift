internal import NIOPosix
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Names to addresses that may be connected to.
///
/// `getaddrinfo` blocks and can't be interrupted, so it runs on a few threads of its own; who waits for it waits with a
/// deadline and leaves without it. Askers of the same name share one look-up. What is remembered is what the look-up said,
/// unchecked: the rules are applied at each use, so that runs with different rules can share a resolver.
package final class Resolver: Sendable {
    package struct Configuration: Sendable {
        /// How long one caller waits for a name. glibc alone would take up to half a minute with dead name servers.
        package var deadline: Duration = .seconds(10)
        /// How long to wait for a name that an upstream proxy will resolve for itself, and that is looked up only to be checked.
        package var proxyCheckDeadline: Duration = .seconds(2)
        /// `getaddrinfo` hides the records' own lifetimes; a minute is what browsers assume.
        package var lifetime: Duration = .seconds(60)
        /// Failures are asked again sooner, but not by each of a page's hundred sub-requests.
        package var failureLifetime: Duration = .seconds(5)
        /// Look-ups at once.
        package var threads = 8
        /// Names remembered; beyond it everything is forgotten.
        package var capacity = 4096
        package init() {}
    }

    package enum LookupFailure: Error, Sendable, Equatable {
        case notFound
        case temporary(String)
    }

    /// Blocks. The system's `getaddrinfo`, or what a test says.
    package typealias Lookup = @Sendable (_ host: String) -> Result<[IPAddress], LookupFailure>

    /// Where to connect for a site.
    package enum Destination: Sendable, Equatable {
        /// To one of these, in order of preference; never empty, each allowed by the rules.
        case addresses([IPAddress])
        /// The upstream proxy resolves the name.
        case name
    }

    private struct Entry {
        var result: Result<[IPAddress], LookupFailure>
        var end: ContinuousClock.Instant
    }

    private struct State {
        var cache: [String: Entry] = [:]
        /// Who waits for a look-up under way, by the name and a number of their own.
        var waiting: [String: [UInt64: CheckedContinuation<Result<[IPAddress], LookupFailure>?, Never>]] = [:]
        var lastNumber: UInt64 = 0
    }

    private let overrides: [String: [IPAddress]]
    private let configuration: Configuration
    private let lookup: Lookup
    private let threads: NIOThreadPool
    private let state = Mutex(State())

    package init(
        overrides: [HostOverride] = [], configuration: Configuration = Configuration(), lookup: @escaping Lookup = Resolver.system
    ) {
        self.overrides = Dictionary(grouping: overrides, by: \.host).mapValues { $0.map(\.address) }
        self.configuration = configuration
        self.lookup = lookup
        threads = NIOThreadPool(numberOfThreads: max(1, configuration.threads))
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    // MARK: Checked

    /// The addresses of `host` that `rules` allow at `port`.
    /// - Throws: `nameNotResolved`, `resolverTimedOut`, or `addressRefused` where none is allowed.
    package func addresses(of host: String, port: Int, rules: AddressRules) async throws(EgressError) -> [IPAddress] {
        try Self.allowed(await unchecked(host, within: configuration.deadline), host: host, port: port, rules: rules)
    }

    /// Where to connect for a site when leaving by `wayOut`; what each way promises is said there.
    package func destination(
        of host: String, port: Int, by wayOut: WayOut, rules: AddressRules
    ) async throws(EgressError) -> Destination {
        if let destination = try destinationAtOnce(of: host, port: port, by: wayOut, rules: rules) { return destination }
        guard wayOut.passesNames else { return .addresses(try await addresses(of: host, port: port, rules: rules)) }
        let found: [IPAddress]
        do { found = try await unchecked(host, within: configuration.proxyCheckDeadline) } catch { return .name }
        _ = try Self.allowed(found, host: host, port: port, rules: rules)
        return .name
    }

    /// The same where it needs no look-up: an address, an override, a name that was just looked up, one that is the proxy's matter. Else nil.
    /// A page's requests come by the dozen; a task for each would cost more than all else that is done with them.
    func destinationAtOnce(
        of host: String, port: Int, by wayOut: WayOut, rules: AddressRules
    ) throws(EgressError) -> Destination? {
        let name = HostName.normalized(host)
        if let block = rules.block(of: name) {
            throw EgressError(.hostBlocked, "\(host) is not asked: --block-host \(block)")
        }
        let isProxysMatter = wayOut.proxy?.scheme == .socks5h
        guard let found = known(name) ?? (isProxysMatter ? nil : remembered(name)) else { return isProxysMatter ? .name : nil }
        let allowed = try Self.allowed(found, host: host, port: port, rules: rules)
        return wayOut.passesNames ? .name : .addresses(allowed)
    }

    /// `rules`, widened for a start URL that a person typed: where it leads to loopback or a private address now, exactly that
    /// host and port are allowed. A name that can't be resolved widens nothing; the visit will say what is wrong with it.
    package func allowing(startHost host: String, port: Int, in rules: AddressRules) async -> AddressRules {
        guard let found = try? await unchecked(host, within: configuration.deadline) else { return rules }
        var rules = rules
        rules.allow(host: host, port: port, at: found)
        return rules
    }

    private static func allowed(
        _ found: [IPAddress], host: String, port: Int, rules: AddressRules
    ) throws(EgressError) -> [IPAddress] {
        var allowed: [IPAddress] = []
        var firstRefusal: AddressRefusal?
        for address in found {
            if let refusal = rules.refusal(of: address, port: port, host: host) {
                firstRefusal = firstRefusal ?? refusal
            } else {
                allowed.append(address)
            }
        }
        if allowed.isEmpty, let firstRefusal { throw EgressError(.addressRefused, firstRefusal.description, refusal: firstRefusal) }
        guard !allowed.isEmpty else { throw notFound(host) }
        return allowed
    }

    // MARK: Unchecked

    /// Addresses without a look-up: overrides, numbers, and the names of this machine, which no name server is asked for (RFC 6761 §6.3) and
    /// which a machine without a hosts file has too.
    private func known(_ normalized: String) -> [IPAddress]? {
        overrides[normalized] ?? HostName.literal(normalized).map { [$0] }
            ?? (HostName.isLocalhost(normalized) ? [IPAddress(v4: 0x7F00_0001), IPAddress(v6: 1)] : nil)
    }

    /// What a look-up found, while it may be used again.
    private func remembered(_ normalized: String) -> [IPAddress]? {
        state.withLock { state in
            guard let entry = state.cache[normalized], entry.end > .now, case .success(let found) = entry.result else { return nil }
            return found
        }
    }

    /// All addresses of a host, the resolver's order kept. For proxies, which the operator named, and before rules are applied.
    func unchecked(_ host: String, within deadline: Duration? = nil) async throws(EgressError) -> [IPAddress] {
        let name = HostName.normalized(host)
        if let known = known(name) { return known }
        guard !name.isEmpty, name.utf8.count <= 255, !name.utf8.contains(0) else { throw Self.notFound(host) }
        let deadline = deadline ?? configuration.deadline
        let result = await withTaskGroup(of: Result<[IPAddress], LookupFailure>?.self) { group in
            group.addTask { await self.wait(for: name) }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        switch result {
        case .success(let addresses)?: return addresses
        case .failure(.notFound)?: throw Self.notFound(host)
        case .failure(.temporary(let why))?: throw EgressError(.nameNotResolved, "\(host) can't be resolved at the moment: \(why)")
        case nil: throw EgressError(.resolverTimedOut, "the name server said nothing about \(host) within \(deadline)")
        }
    }

    private static func notFound(_ host: String) -> EgressError {
        EgressError(.nameNotResolved, "there is no host \(host); check the spelling")
    }

    /// nil when the task was cancelled, which is how the deadline ends it.
    private func wait(for name: String) async -> Result<[IPAddress], LookupFailure>? {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Next {
                    case answer(Result<[IPAddress], LookupFailure>?)
                    case lookUp
                    case wait
                }
                let next: Next = state.withLock { state in
                    if let entry = state.cache[name], entry.end > .now { return .answer(entry.result) }
                    // Cancelled before it got here: the handler below ran already and found nobody.
                    if Task.isCancelled { return .answer(nil) }
                    let isFirst = state.waiting[name] == nil
                    state.waiting[name, default: [:]][number] = continuation
                    return isFirst ? .lookUp : .wait
                }
                switch next {
                case .answer(let result): continuation.resume(returning: result)
                case .wait: break
                case .lookUp:
                    threads.submit { [weak self, lookup] shouldRun in
                        let result: Result<[IPAddress], LookupFailure> =
                            shouldRun == .active ? lookup(name) : .failure(.temporary("the resolver has ended"))
                        self?.finish(name, result)
                    }
                }
            }
        } onCancel: {
            // The look-up goes on and fills the cache; an empty list keeps it known as under way.
            let continuation = state.withLock { $0.waiting[name]?.removeValue(forKey: number) }
            continuation?.resume(returning: nil)
        }
    }

    private func finish(_ name: String, _ result: Result<[IPAddress], LookupFailure>) {
        let waiting = state.withLock { state in
            if state.cache.count >= configuration.capacity { state.cache.removeAll() }
            let lifetime = if case .success = result { configuration.lifetime } else { configuration.failureLifetime }
            state.cache[name] = Entry(result: result, end: .now + lifetime)
            return state.waiting.removeValue(forKey: name)
        }
        for continuation in (waiting ?? [:]).values { continuation.resume(returning: result) }
    }

    /// The system's resolver: hosts file, DNS, whatever nsswitch.conf says.
    package static let system: Lookup = { host in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        switch code {
        case 0: break
        case EAI_AGAIN, EAI_MEMORY, EAI_SYSTEM: return .failure(.temporary(String(cString: gai_strerror(code))))
        default: return .failure(.notFound)
        }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr, let found = IPAddress(address, length: Int(entry.pointee.ai_addrlen)),
                !addresses.contains(found)
            {
                addresses.append(found)
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}
