internal import Hummingbird

/// A metric of Prometheus' text format 0.0.4.
package struct Metric: Sendable, Hashable {
    package typealias Labels = [Label]

    package struct Label: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Sample: Sendable, Hashable {
        package var labels: Labels
        package var value: Double

        package init(_ value: Double, _ labels: Labels = []) {
            self.value = value
            self.labels = labels
        }
    }

    package struct Histogram: Sendable, Hashable {
        package struct Bucket: Sendable, Hashable {
            /// Inclusive.
            package var upperBound: Double
            /// Observations up to the bound, those of the smaller buckets too.
            package var count: Int

            package init(upTo upperBound: Double, _ count: Int) {
                self.upperBound = upperBound
                self.count = count
            }
        }

        package var labels: Labels
        /// In the order of their bounds, without the one for infinity.
        package var buckets: [Bucket]
        package var sum: Double
        package var count: Int

        package init(buckets: [Bucket], sum: Double, count: Int, _ labels: Labels = []) {
            self.labels = labels
            self.buckets = buckets
            self.sum = sum
            self.count = count
        }
    }

    package enum Values: Sendable, Hashable {
        /// Its name ends in `_total`.
        case counter([Sample])
        case gauge([Sample])
        case histogram([Histogram])
    }

    package var name: String
    package var help: String
    package var values: Values

    package init(_ name: String, _ help: String, _ values: Values) {
        self.name = name
        self.help = help
        self.values = values
    }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package static func text(_ metrics: [Metric]) -> String {
        var out = ""
        for metric in metrics { metric.write(into: &out) }
        return out
    }

    private func write(into out: inout String) {
        let name = Metric.name(name)
        func line(_ suffix: String, _ labels: Labels, _ value: String) {
            let pairs = labels.map { "\(Metric.name($0.name))=\"\(Metric.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
            out += name + suffix + (pairs.isEmpty ? "" : "{\(pairs)}") + " " + value + "\n"
        }
        func head(_ type: String) { out += "# HELP \(name) \(Metric.escaped(help, quotes: false))\n# TYPE \(name) \(type)\n" }
        switch values {
        case .counter(let samples):
            head("counter")
            for sample in samples { line("", sample.labels, Metric.number(sample.value)) }
        case .gauge(let samples):
            head("gauge")
            for sample in samples { line("", sample.labels, Metric.number(sample.value)) }
        case .histogram(let histograms):
            head("histogram")
            for histogram in histograms {
                for bucket in histogram.buckets {
                    line("_bucket", histogram.labels + [Label("le", Metric.number(bucket.upperBound))], String(bucket.count))
                }
                line("_bucket", histogram.labels + [Label("le", "+Inf")], String(histogram.count))
                line("_sum", histogram.labels, Metric.number(histogram.sum))
                line("_count", histogram.labels, String(histogram.count))
            }
        }
    }

    /// What no name may hold becomes "_".
    private static func name(_ text: String) -> String {
        let bytes = text.utf8.enumerated().map { index, byte in
            (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 || (index > 0 && (48...57).contains(byte)) ? byte : 95
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": out.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: out.append(contentsOf: "\\\"".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}

extension Endpoint {
    /// What Prometheus scrapes.
    package static func metrics(_ access: Access, _ values: @escaping @Sendable () async throws -> [Metric]) -> Endpoint {
        Endpoint(
            .get, "/metrics", access, group: "Operation", "Metrics for Prometheus",
            answers: [Answer(200, "The text format 0.0.4.", [.init("text/plain")])]
        ) { _ in .text(Metric.text(try await values()), type: Metric.contentType) }
    }
}
