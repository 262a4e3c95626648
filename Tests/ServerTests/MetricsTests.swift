import Server
import Testing

@Suite struct MetricsTests {
    /// Each kind is written as Prometheus reads it.
    @Test func writes() {
        let text = Metric.text([
            Metric(
                "runs_total", "Runs.",
                .counter([.init(3, [.init("state", "done")]), .init(1.5, [.init("state", "failed"), .init("b", "")])])),
            Metric("queue", "Waiting\nvisits \\ \"all\".", .gauge([.init(-0.25)])),
            Metric(
                "wait_seconds", "",
                .histogram([.init(buckets: [.init(upTo: 0.5, 1), .init(upTo: 10, 2)], sum: 20.25, count: 3, [.init("h", "x")])])),
            Metric("none", "Nothing yet.", .gauge([])),
        ])
        #expect(
            text == """
                # HELP runs_total Runs.
                # TYPE runs_total counter
                runs_total{state="done"} 3
                runs_total{state="failed",b=""} 1.5
                # HELP queue Waiting\\nvisits \\\\ "all".
                # TYPE queue gauge
                queue -0.25
                # HELP wait_seconds \n# TYPE wait_seconds histogram
                wait_seconds_bucket{h="x",le="0.5"} 1
                wait_seconds_bucket{h="x",le="10"} 2
                wait_seconds_bucket{h="x",le="+Inf"} 3
                wait_seconds_sum{h="x"} 20.25
                wait_seconds_count{h="x"} 3
                # HELP none Nothing yet.
                # TYPE none gauge

                """)
    }

    /// They are served as Prometheus asks for them.
    @Test func serves() async throws {
        try await withServer([.metrics(.open) { [Metric("up", "Up.", .gauge([.init(1)]))] }]) { client async throws in
            let reply = try await client.send(path: "/metrics")
            #expect(reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8" && reply.body.hasSuffix("up 1\n"))
        }
    }

    /// No label can end its value or its line.
    @Test func escapesLabels() {
        let text = Metric.text([Metric("a", "b", .gauge([.init(1, [.init("host", "x\"} 1\nevil{y=\"\\")])]))])
        #expect(text.split(separator: "\n").last == #"a{host="x\"} 1\nevil{y=\"\\"} 1"#)
    }

    /// Numbers that are none have their words.
    @Test(arguments: [
        (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e300, "1e+300"), (0, "0"), (-0.0, "0"), (1e14, "100000000000000"),
    ])
    func writesNumbers(_ value: Double, _ expected: String) {
        #expect(Metric.text([Metric("a", "", .gauge([.init(value)]))]).hasSuffix("a \(expected)\n"))
    }

    /// A name that isn't one is made one.
    @Test(arguments: [("a-b.c", "a_b_c"), ("9a", "_a"), ("", "_"), ("aé", "a__")]) func namesAreNames(_ name: String, _ expected: String) {
        #expect(Metric.text([Metric(name, "", .gauge([.init(1, [.init(name, "")])]))]).hasSuffix("\(expected){\(expected)=\"\"} 1\n"))
    }
}
