/// What a person writes down about a crawl, read from YAML: where it starts, how far it goes, what is taken from which pages, where it ends
/// up. Values only: whether a pattern, a prompt or a condition can be used is for those to say who use it.
///
/// Texts may name variables of the environment, which are filled in: `${NAME}`; `$$` is a dollar. Secrets can so stay out of files, but are
/// in these values: they are not for logs.
package struct CrawlFile: Sendable, Equatable {
    /// Bytes of a file, and of all its texts with variables filled in.
    package static let limit = 1_000_000

    /// `name`: runs of the same name are compared with each other. 1 to 100 letters of ASCII, digits, "-", "_" and ".", the first a letter or a
    /// digit.
    package var name: String?
    /// `start`: one address or a list, http or https; never empty.
    package var start: [String] = []
    /// `scope`: how far links are followed from where it starts.
    package var scope = Scope.host
    /// `include`: where there are any, a page must match one of these patterns.
    package var include: [String] = []
    /// `exclude`: a page must match none of these.
    package var exclude: [String] = []
    /// `depth`: links from a start, 0 to 1000; nil is without limit.
    package var depth: Int?
    /// `sitemaps`: whether sites' own lists of pages are used.
    package var sitemaps = Sitemaps.include
    /// `nofollow`: what is made of links with rel=nofollow.
    package var nofollow = Nofollow.obey
    /// `seed`: of the order of pages, 0 or more; the same seed gives the same order.
    package var seed: Int64?
    /// `recrawl`: what is asked for that an earlier run of this name has had.
    package var recrawl = Recrawl.all
    /// `limits`: the first that is reached ends the run.
    package var limits = Limits()
    /// `extract`: the first entry whose patterns match a page counts for it.
    package var extract: [Extract] = []
    /// `page`: how a page is visited.
    package var page = Page()
    /// `output`: where records go.
    package var output = Output()
    /// `on-change`: who is told when a run found something else than the one before.
    package var onChange: OnChange?

    package enum Scope: String, Sendable, CaseIterable {
        /// The start pages alone.
        case page
        /// What lies below them.
        case prefix
        /// Their host and port.
        case host
        /// Everything under their registrable domain.
        case domain
        case any
    }

    package enum Sitemaps: String, Sendable, CaseIterable {
        /// Their pages are visited beside those that links lead to.
        case include
        /// Their pages are visited, and no links are followed.
        case only
        /// They aren't asked for.
        case skip
    }

    package enum Nofollow: String, Sendable, CaseIterable {
        case obey, ignore
    }

    package enum Recrawl: String, Sendable, CaseIterable {
        case all
        /// Only pages that changed since the last run of this name.
        case changed
    }

    package enum Render: String, Sendable, CaseIterable {
        case always, never
        /// Until the pages of a template have twice said the same without a browser.
        case auto
    }

    /// What is nil is not limited.
    package struct Limits: Sendable, Equatable {
        /// `pages`: pages visited.
        package var pages: Int64?
        /// `errors`: pages that failed.
        package var errors: Int64?
        /// `bytes`: bytes loaded.
        package var bytes: Int64?
        /// `time`: from the submission on.
        package var time: Duration?
        /// `browser`: how long pages were open, added up.
        package var browser: Duration?
        /// `tokens`: read and written by models.
        package var tokens: Int64?
    }

    /// What is taken from some of the pages.
    package struct Extract: Sendable, Equatable {
        /// `urls`: patterns; empty where the entry is for all pages.
        package var urls: [String] = []
        package var request: Request
        /// `many`: true for many records a page, false for one; nil leaves it to the request.
        package var many: Bool?

        package enum Request: Sendable, Equatable {
            /// `prompt`: in plain language.
            case prompt(String)
            /// `fields`: a line of names and types, "name, email:email".
            case fields(String)
            /// `schema`: the path of a JSON Schema, relative to the crawl file.
            case schema(String)
            /// `skip: true`: pages are visited for their links alone.
            case nothing
        }
    }

    package struct Page: Sendable, Equatable {
        /// `wait-for`: a CSS selector; the page is taken when it is there.
        package var waitFor: String?
        /// `actions`: done with each page before it is read, as lines.
        package var actions: [String] = []
        /// `timeout`: for one page, up to an hour.
        package var timeout: Duration?
        /// `render`: which pages are opened in a browser.
        package var render: Render?
        /// `proxy`: an address or the name of a pool. It may hold a login.
        package var proxy: String?
        /// `model`: the language model that reads pages.
        package var model: String?
        /// `resolve`: HOST:ADDRESS each.
        package var resolve: [String] = []
        /// `allow-address`: private addresses that may be reached, CIDR[:PORT[-PORT]] each.
        package var allowAddress: [String] = []
        /// `block-hosts`: not asked, nor what is below them.
        package var blockHosts: [String] = []
        /// `bytes`: that a page may load in all.
        package var bytes: Int64?
    }

    package struct Output: Sendable, Equatable {
        /// `file`: as it was written; who knows the crawl file's folder resolves it.
        package var file: String?
        /// `format`: or else by the file's ending; nil only where there is no file either.
        package var format: Format?
        /// `evidence`: each value with the place it was read from.
        package var evidence = false

        package enum Format: String, Sendable, CaseIterable {
            case ndjson, csv, json, sqlite

            static func ofEnding(_ ending: some StringProtocol) -> Format? {
                switch ending.lowercased() {
                case "ndjson", "jsonl": .ndjson
                case "csv": .csv
                case "json": .json
                case "sqlite", "sqlite3", "db": .sqlite
                default: nil
                }
            }
        }
    }

    /// At least one of `webhook` and `command` is there.
    package struct OnChange: Sendable, Equatable {
        /// `when`: conditions; where there are none, any change counts.
        package var when: [String] = []
        /// `webhook`: an http or https address that is told.
        package var webhook: String?
        /// `secret-env`: the variable of the environment that holds the webhook's secret.
        package var secretEnv: String?
        /// `command`: a program and its arguments; no shell reads them.
        package var command: [String] = []
    }
}
