internal import Documents

extension API {
    /// The document for people.
    func page(stylesheet: String?) -> HTML {
        let listed = endpoints.filter { !$0.isPage }
        var groups: [String] = []
        for endpoint in listed where !groups.contains(endpoint.group) { groups.append(endpoint.group) }
        var kinds = Problem.Kind.common
        for kind in listed.flatMap(\.problems) where !kinds.contains(kind) { kinds.append(kind) }
        let sections: [HTML] = groups.map { group in
            "<section><h2>\(group.isEmpty ? "Other" : group)</h2>\(listed.filter { $0.group == group }.map(\.article))</section>"
        }
        let rows: [HTML] = kinds.map {
            """
            <tr id=\("problem-" + $0.code)><td><code>\($0.code)</code></td><td>\($0.status)</td><td>\($0.title)</td>\
            <td>\($0.mayPass ? "yes" : "no")</td></tr>
            """
        }
        let link: HTML? = stylesheet.map { "<link rel=\"stylesheet\" href=\($0)>" }
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
            <title>\(title) API</title>\(link)</head><body><main>
            <h1>\(title) API \(version)</h1>
            <p>Send a key with each call: <code>Authorization: Bearer KEY</code>. The same as an OpenAPI document: \
            <a href="/openapi.json">/openapi.json</a>.</p>
            <table><caption>Scopes</caption><thead><tr><th>scope</th><th>may</th></tr></thead><tbody>
            <tr><td><code>submit</code></td><td>ask for runs; see and steer those that this key asked for</td></tr>
            <tr><td><code>read</code></td><td>see everything, change nothing</td></tr>
            <tr><td><code>admin</code></td><td>everything</td></tr></tbody></table>
            \(sections)
            <section><h2>Problems</h2><p>What goes wrong is told as problem details (RFC 9457). Programs decide by <code>code</code>.</p>
            <table><thead><tr><th>code</th><th>status</th><th>title</th><th>may succeed later</th></tr></thead>
            <tbody>\(rows)</tbody></table></section>
            </main></body></html>
            """
    }
}

extension Endpoint {
    fileprivate var article: HTML {
        let scopes = Scope.allCases.filter(access.scopes.contains).map(\.rawValue).joined(separator: ", ")
        let parameters =
            pathParameters.map { ($0.name, "path", true, $0.meaning, $0.schema) }
            + query.map { ($0.name, "query", $0.isRequired, $0.meaning, $0.schema) }
            + headers.map { ($0.name, "header", false, $0.meaning, $0.schema) }
        let rows: [HTML] = parameters.map { name, place, isRequired, meaning, schema in
            """
            <tr><td><code>\(name)</code></td><td>\(place)</td><td>\(isRequired ? "required" : "optional")</td><td>\(meaning)</td>\
            <td><code>\(schema.text())</code></td></tr>
            """
        }
        let table: HTML? =
            rows.isEmpty
            ? nil
            : """
            <table><thead><tr><th>name</th><th>in</th><th></th><th>meaning</th><th>schema</th></tr></thead><tbody>\(rows)</tbody></table>
            """
        let sent: HTML? = body.map { "<p>Body: \($0.type)</p><pre>\($0.schema.text(pretty: true))</pre>" }
        let answered: [HTML] = answers.map {
            "<li>\($0.status) \($0.meaning) \($0.contents.map(\.type).joined(separator: ", "))</li>"
        }
        let links: [HTML] = allProblems.map { "<li><a href=\("#problem-" + $0.code)>\($0.status) \($0.code)</a></li>" }
        let more: HTML? = about.isEmpty ? nil : "<p>\(about)</p>"
        return """
            <article id=\(method.rawValue.lowercased() + path)><h3><code>\(method.rawValue) \(path)</code></h3><p>\(summary). \
            Scope: \(scopes.isEmpty ? "none" : scopes).\(isIdempotent ? "" : " Sending it twice does it twice.")</p>\(more)\(table)\(sent)
            <ul>\(answered)\(links)</ul></article>

            """
    }
}
