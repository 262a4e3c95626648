import Discovery
import Store
import Visiting

/// Which templates of sites say the same without their scripts, as all processes of the store have seen.
actor StaticPages {
    private struct Site {
        var readAt: ContinuousClock.Instant
        var templates: [PageTemplate: StaticTrust]
    }

    /// Others may have seen a difference meanwhile.
    private static let freshFor = Duration.seconds(20)
    private static let sitesKept = 500

    private let store: Store
    private var sites: [String: Site] = [:]

    init(store: Store) { self.store = store }

    /// How pages of a template are to be had.
    func loading(of template: PageTemplate?) async -> Loading {
        guard let template else { return .rendered }
        return (await templates(of: template.host)[template] ?? StaticTrust()).loading(luck: .random(in: 0...1))
    }

    /// What a visit saw of one of them.
    func learn(of template: PageTemplate, isStatic: Bool) async {
        let agreed = try? await store.learnTemplate(of: template.host, path: template.path, asked: template.asked) {
            var trust = StaticTrust(agreed: $0)
            trust.learn(isStatic: isStatic)
            return trust.agreed
        }
        // What can't be written counts here as unknown: browsers find out.
        sites[template.host]?.templates[template] = StaticTrust(agreed: agreed ?? 0)
    }

    private func templates(of host: String) async -> [PageTemplate: StaticTrust] {
        if let site = sites[host], site.readAt.duration(to: .now) < StaticPages.freshFor { return site.templates }
        guard let stored = try? await store.templates(of: host) else { return [:] }
        if sites.count >= StaticPages.sitesKept { sites = [:] }
        let templates = Dictionary(
            stored.map { (PageTemplate(host: host, path: $0.path, asked: $0.asked), StaticTrust(agreed: $0.agreed)) }, uniquingKeysWith: { $1 })
        sites[host] = Site(readAt: .now, templates: templates)
        return templates
    }
}
