import Testing

@testable import Store

@Suite struct TemplateTests {
    /// Each process counts on from what the others saw, for the same template and the same question alone.
    @Test(arguments: Engine.available) func counting(engine: Engine) async throws {
        try await withStore(engine) { store in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await store.learnTemplate(of: "a.example", path: "/item/*", asked: "x") { $0 + 1 } } }
                var seen: Set<Int> = []
                for try await agreed in group { seen.insert(agreed) }
                #expect(seen == Set(1...8))
            }
            #expect(try await store.learnTemplate(of: "a.example", path: "/item/*", asked: "y") { $0 - 3 } == -3)
            let templates = try await store.templates(of: "a.example")
            #expect(Set(templates.map { "\($0.path) \($0.asked) \($0.agreed)" }) == ["/item/* x 8", "/item/* y -3"])
            #expect(try await store.templates(of: "b.example").isEmpty)
        }
    }
}
