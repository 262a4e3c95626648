/// How a page is had.
package enum Loading: String, Sendable {
    /// In a browser.
    case rendered
    /// In a browser; what the document says without its scripts is compared with the page.
    case compared
    /// The document alone, without a browser.
    case fetched
}

/// Which pages of a run are opened in a browser.
package enum Rendering: String, Sendable, CaseIterable {
    case always, never
    /// Those of templates that are not known to say the same without one.
    case auto
}

/// What is known of the pages of one template: do they say the same without their scripts?
///
/// Two that did in a row are enough to do without a browser; then one in twenty is looked at in both ways again, and the first that differs ends
/// it at once.
package struct StaticTrust: Sendable, Equatable {
    /// Pages in a row that said the same; below 0, what has to be made good first.
    package private(set) var agreed: Int

    package init(agreed: Int = 0) { self.agreed = min(max(agreed, StaticTrust.worst), StaticTrust.best) }

    private static let enough = 2
    private static let doubt = 3
    private static let worst = -30
    private static let best = 1_000

    /// - Parameter luck: in 0...1, evenly.
    package func loading(luck: Double) -> Loading {
        if agreed >= StaticTrust.enough { return luck < 0.05 ? .compared : .fetched }
        // Templates that differed time and again are looked at now and then.
        return agreed <= -3 * StaticTrust.doubt && luck >= 0.05 ? .rendered : .compared
    }

    package mutating func learn(isStatic: Bool) {
        self = StaticTrust(agreed: isStatic ? agreed + 1 : min(agreed, 0) - StaticTrust.doubt)
    }
}
