package import Documents
package import Store
import Extraction

/// Every value of a run checked again against the stored snapshots, by code that knows nothing of how it was found.
package struct RunVerification: Sendable {
    package struct Fault: Sendable {
        package var url: String
        package var record: Int
        package var path: String
        package var reason: String
    }

    /// Values whose text stands in the snapshot where the evidence says and from whose text the value follows.
    package var proven = 0
    package var refuted = 0
    /// Values whose snapshot was removed or can't be read: never called true.
    package var unverifiable = 0
    package var faults: [Fault] = []

    package init(_ run: RunRow, in store: Store) async throws {
        for visit in try await store.visits(of: run.number) {
            let records = try await store.records(of: visit.number)
            guard !records.isEmpty else { continue }
            let (document, trouble) = await RunVerification.document(of: visit, in: store)
            let base = document?.base
            for (number, record) in records.enumerated() {
                let body = (try? JSON(parsing: record.body)) ?? .null
                for leaf in (try? JSON(parsing: record.evidence))?.array ?? [] {
                    let path = leaf["path"]?.string ?? ""
                    func fault(_ reason: String) { faults.append(Fault(url: visit.url, record: number, path: path, reason: reason)) }
                    guard let document, let base else {
                        unverifiable += 1
                        fault(trouble)
                        continue
                    }
                    guard let evidence = Evidence(json: leaf) else {
                        refuted += 1
                        fault("its evidence is not readable")
                        continue
                    }
                    if body.at(pointer: path) != evidence.value {
                        refuted += 1
                        fault("the record says \(body.at(pointer: path)?.description ?? "nothing"), its evidence \(evidence.value)")
                    } else if let reason = evidence.fault(in: document, resolve: { URLIdentity.resolve(base, $0) }) {
                        refuted += 1
                        fault(reason)
                    } else {
                        proven += 1
                    }
                }
            }
        }
    }

    private static func document(of visit: VisitRow, in store: Store) async -> (Document?, trouble: String) {
        guard let hash = visit.snapshot else { return (nil, "no snapshot was stored for this page") }
        do {
            guard let bytes = try await store.snapshot(hash) else { return (nil, "its snapshot \(hash.prefix(12))… was removed") }
            return (try Snapshot.decode(bytes, expecting: hash), "")
        } catch {
            return (nil, "its snapshot can't be read (\(error))")
        }
    }

    package var json: JSON {
        .of(
            ("proven", .integer(proven)), ("refuted", .integer(refuted)), ("unverifiable", .integer(unverifiable)),
            (
                "faults",
                .array(
                    faults.map {
                        .of(("url", .string($0.url)), ("record", .integer($0.record)), ("path", .string($0.path)), ("reason", .string($0.reason)))
                    })
            ))
    }
}
