import Foundation
import Testing

@testable import Inference

/// The matcher that belongs to the project, loaded once for all tests.
enum Bundled {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Inference/Models/matcher.gguf").path
    static let encoder = Result { () throws(InferenceError) in
        try TextEncoder(path: path, .init(threads: 2, identity: .matcher))
    }
}

@Suite struct TextEncoderTests {
    /// A field and a line as the matcher writes them.
    static let chunk: [Int32] = [101, 2, 3105, 2516, 102, 3, 4, 3026, 3992, 1006, 1049, 1013, 1042, 1013, 1040, 1007, 1010, 4068, 102]

    /// Vectors of four of the chunk's tokens by PyTorch, half-precision numbers in base64.
    static let expected: [(token: Int, vector: String)] = [
        (
            0,
            """
            ry2nLUo1rColIzAtQqTEMva2VLA8sAe1Fi3YLxSyrbQqNHEzOrVCMAe0zKv8sBapri0TLWm0ui9XLxa7ATf6MPirjjWvMrKwRaOmnXewJyA2tzA0+qp4
            qEQyzTJCMZyyRKdrtBGeViz5qKAxGDXZs7oujrFrr2aye6wWtTyzfbKtrAu0O7aCKxitDzSVLSGv77P+siM1Va1YM4wbaTQAsFSxCjTOrqm3STFrsL+w
            ArIJMbswmio5KKyoGiQMuBOncLHmqtwucEXisx4sliutqVi08bhPMMU3HbIntKI0Xa2AN0Y0YKJUtd81XLMEstSzoTQ0s7CrHDUEtRG8PSwuGpsxAqxt
            MEotKrDNLBI1EzarKAKxcbTEreGtQbQ5s/KuLzLGMIik3rCbNxkuMzngM8845DLJLHe0HLRLtP2x2zL7L+6307JaromvyqZmtDC1oKhQpSO1MTKIMfgy
            KC0VMcE0XabiLYYkdyvZLXk08DZTLJMlerQeMN22i65OtLo0jTSaLWEpOSirsbAtWLRIrs4x4pkdMxM3hrJ3oSUyPrXntAgxkrT2td0xf7LErnayhjAC
            KIGz+6/BMuesva99lMe0EyEysiQtfzBKNFmtLSznsK40bK78tLSuUiMutIuz4iywMIixzTROILGv2SztMJy03zgfsICwxC4NNhSw0jS8MhEo/yu5NPiw
            m7SDMCs0/LMKK+yo2bGKMfyzwDQdq+mqzqoCqD2tLaQMKs2ur7HesRe0B7DfMkUutqprNSywnbOPGxqtPyy/ntQuODAcNVEgIDEZstKpY6YYMLkuuzbw
            M242QjBNN9CroDKqtC+thjjCseMkmawsKsensy8uEkKyzTQNLLyzrSfnt82267KksEay3C+xr4eq3bRANCq0CzCHspswtaqwqBc4P60eM4Mwb5+cqiq5
            LCnIMMMxMLERKl04ArOjtBI06ahssdWywrRJLiEvwbLttT00XrFwstqyWjGsKf+p/iGhNX6zhC/ttkqoQrFFtfwzIbLssPYs
            """
        ),
        (
            2,
            """
            jrbXMNOwITPItZi01Dkosqazb7PMNkwrnyAkMii4CTRMqs82o6nMtHQy0K1FNwe19zRWMB20rTPZK9C44DG+q0Qx/DWCqwk7bbJBrUyy87HXLOK007Pj
            pcm1Ni5XNtSxCCPrr4Mw/KEdM2IwRjRIsX80M7HiLg+xBjXQLpyxC6Jur7opPbjvMP+3pLgOtDu0c6f0NR83k7iDNXOxmbByu4I1uLixtWIt9K/StR61
            JjIKOhEsFzPBuLc3RTHntQ0zZTQEObE5N7j5G8CqO6/Mtq8sejOVMNMxjqv1tDGzvjHguuM39jA7LnOqsipGuvc5MijiOFaXcTEIuFwpiDCqmU2w+qli
            tHMxsTrONV4sITrUKeM2Q7T+tfKruS1FMW61mLIrNqS4c6Z3tjWu5bF8NX4yWbRaLQi11rHoqkW3UjalsE6wcq7orrmpBbIxMrExMrBMsZO0GSlPpF8x
            uywINH41hTnYqFKm3TqwoSw3djNRKPot+DNute8whK0Kt9IwcjTmoeqs0bTFMKmvJaKlN2GwIKoEt7k0gbCYsIOxgi1POq6tQyjSth457Kw3t1W2lTc8
            MkK2hajZLMMx8DPwAH24gTGztJ6hKLOYLSGyN7LJNn46D7jZk3A2FbFgtzKxb7E5Lay5rTaXta80f7dMM0Ygkqt8tsi5wLFUqpS0mzRRNRKrnzHAtIO0
            HixgMFcuJjTttt2x37V4L8a0yp36sMeyN60XNCiybrQtNVIkvDUAtYK66bYBNJA4gK8NNa0tM6wVuRMqy65stMeniC66M7g5J6Aisyu1SDD7sik2RzoO
            tJAYj6bCOC+6zDiepdIwIzQtuVKrzKxxoXctoDq6FwyyXjOANR65gbBWskm4KLb4NMe0+LHkttQzUbV1OkGxkTmtMYSz/LMAIAU0tTV3Kb+wKLZ3nWY1
            866AIt6mzzOmtygwijXWtSY5FLU4MC22eyMgNNg0KS1opZi08DDdLDK1TK17rTUzYbBANlGzDKmXsmyzAbtTMqszhTSvtu4y
            """
        ),
        (
            5,
            """
            jqxXIbknkKCMs1AnCyhIMCiuISqNrBSol627KNkf9at2LZGlva8urbay6p6ANG+fWqyepWCpZSppMCQfiiSloN2goyrhpwKcbq3prUkk5C+ashqwHCik
            peWsVywMrrsoAq1crLWsHKjAKjImj5uGspIwKrLILIqlyqhBrdexr613srUhTq0rMN6rBi3QMICuWCJfonYjyag9K2uhMzFbrJ8y4y7XEaiscaprn/ar
            Tq37MO4s1CuZpuUoxirasdyk0aVZLKGplaySLZStQqJkLaOuJLG8LiQsqq1lsW2pcq0xp0Uy+a4asEUlTiKcsGisxygwJhEb5C+Er7st+iwvnCunny2f
            MEUkmK9bqqqrGyoJr6ivt6i6LCqxNSlgszQtjrDiL1OpWqofKq4xwC8srQww0iuuMIetMi85NAyvmioEKOaxNakfrHAkC6w2p2sk5qY+spSqMSs7sP+h
            saTmKaepDDDqrautoDGErB8gBi4trgkrhqqOKZysXqxesNIopaQ1sCesVbAeMPId0bJPn8YoGSxpHE6SKaoVsDUlA7Dvrx8kDq2VKQSozairqzCpFzFB
            p2KoKq4gqvarJasnCc+cuayeqn2olSkOLY4hq58morotiq0IqjwsEyx/IjKoBrCTreOpR6RCoTqpj7DcMAGs8imeIfioAbOwJwYwWKZBoWuuu6kvL70j
            ECzsK0cwDawbra8vJzUCMdIdWLG+Lcewq7GlIZ+q7KkqL64juSsMKxGf8K3IoNki/SmjKPqdHzDPrDUsFSnqojslATBiqBekfq7/qquvUSw/KcQxeKsU
            Jx0ryitFLqiqkCXwpBmqrSj2K6OsGigWKV+qoi7NF52ny63eJrespyw+scOs3amirF6hrLFTrOigUq8JK8OuP6TIHKOsLS9ELpqr9axUrP2sCa1QKDgs
            eCWzMwSprS58ryyif7F9L/CsMbI+LA42i6jeraYv6iI+rnUgvqrEp0qpyy8Jr/gt2SZsLCeZDy24mlsoo604qSssGqTTLUCl
            """
        ),
        (
            16,
            """
            GjkfsTedlqrDuhWxR7p3LBW4t7aHsN+4LbZMqzq2Yrh1qSe4BjQCuse0BTRINxC5MjmRr6U4fytXtGYtRTb6sqSwkTYCPSo4TLOOqaO0fy57tzowMrbU
            sTu0MjRKOfml0C1dslI0HzM8NC00RjU2KaSuVTQ/rUG1Cjbnsti4Cj74MOu12CfwNHY0BbiFODa797c/tl00DbVQrsgyLDAxvF22YCW4o5gzyrXzuRAw
            yyzMNAqtfy8FMn61ljBesO2wCbVtrbEu37FwNW4vnzElJUOwri2BuCo4ebals1YsCio1tSg7O7RuLpOkSLiXt2+0IKwZpwAyOzikuDevRa4AG4Uy7ywA
            r9Q8bLTQMDu0Njk8Le4zFbGHqs6toLU5tGmqcDZgNFywlDCxMhAsGjRkt4UzY7enNkY0NjxSMNGuCTd1shS2dzXkNqy0pia9s9C24jj1MmUhYDTvNH0z
            4jQaMcY6KaQYsRO3zLict241gTkOtHQ5gzb+s1m4ETZvtJqyLy4OuBS0zrP6MNKhYi27uUI4vyiUuJgt7bbgOIk16rDmtkw4F7ZbN8E8zq2LrbC5iK+S
            MLa84zD8tB2sYblvkfCt4rjiro26WjTSO6CrQjnkK+c45LpVqNYyFrLFskc2rDE5Ny25AjGUsRW6Mzc4OES2Oy/ntNEktSVpNze4U66urSes3TIwNX81
            jLUTKIg3vLnoNi4rSDxINqa2fLklsVm5ErjTNsotD6pPqig5NjJFtC6ubyw8tJEwHzVQrOEsKDQbr3YqHjmMOpaxKTWwroAqjqmutDc0tzjgst6ykSWk
            NBghAai/NO2xO7O4ulq1uDlHtGS2xjjrtUq1ZrUXGImhBDgutzmsoyXVs9ytdLM8tn84bbXJqEitX7ietf+1ja/kLBi0/rTjLyE0ry9oNJ+zEzSQOEox
            PTIwuie2VTjtpJwz9LouMMuxALUqsYS28rMnqVw1c6wAMlm247Iurt+2oCytq52sCbibMc8yYqhcNJa39rkHNxIwGKqcuVc3
            """
        ),
    ]

    /// Token vectors point where PyTorch's do, as far as eight bits a weight allow: with the weights as they are, and as this processor
    /// computes with them.
    @Test(arguments: [true, false]) func vectorsEqualPyTorch(_ isAsIs: Bool) async throws {
        let encoder = isAsIs ? try TextEncoder(path: Bundled.path, .init(threads: 1)) : try Bundled.encoder.get()
        let vectors = try await encoder.vectors(of: [Self.chunk])[0]
        #expect(vectors.width == 384)
        #expect(vectors.values.count == 384 * Self.chunk.count)
        for (token, encoded) in Self.expected {
            let bytes = try #require(Data(base64Encoded: encoded.replacingOccurrences(of: "\n", with: "")))
            let expected = stride(from: 0, to: bytes.count, by: 2).map { at in
                Float(Float16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8))
            }
            let found = Array(vectors.values[(token * 384)..<((token + 1) * 384)])
            #expect(cosine(found, expected) > 0.998)
        }
    }

    /// Widened weights are a whole model of the same architecture, there only as long as they are wanted; of what is no model there are none.
    @Test func weightsAreWidened() async throws {
        // By inode: another test's file may have the same number a moment later.
        func inode(_ path: String) -> ino_t? {
            var facts = stat()
            return stat(path, &facts) == 0 ? facts.st_ino : nil
        }
        var path = ""
        var widenedInode: ino_t?
        let (kinds, tensors) = try #require(
            WidenedWeights.with(Bundled.path) { widened -> (Set<UInt32>, Int)? in
                path = widened
                widenedInode = inode(widened)
                guard let header = try? ModelFile(path: widened, architecture: "bert").header else { return nil }
                return (Set(header.tensors.values.map(\.type)), header.tensors.count)
            })
        // 32-bit numbers, and the embeddings in Q8_0.
        #expect(kinds == [0, 8])
        #expect(tensors == 101)
        #expect(widenedInode != nil && inode(path) != widenedInode)
        #expect(WidenedWeights.with(#filePath) { $0 } == nil)
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        var (dot, aa, bb) = (Float(0), Float(0), Float(0))
        for (x, y) in zip(a, b) { (dot, aa, bb) = (dot + x * y, aa + x * x, bb + y * y) }
        return dot / (aa * bb).squareRoot()
    }

    /// Chunks computed side by side, and by callers at once, give the same numbers as each alone, in order.
    @Test func parallelEqualsAlone() async throws {
        let encoder = try Bundled.encoder.get()
        let chunks = (0..<6).map { number in Self.chunk + [Int32](repeating: Int32(2000 + number), count: 3 + number) }
        var alone: [[Float]] = []
        for chunk in chunks { alone.append(try await encoder.vectors(of: [chunk])[0].values) }
        async let first = encoder.vectors(of: chunks)
        async let second = encoder.vectors(of: chunks.reversed())
        #expect(try await first.map(\.values) == alone)
        #expect(try await second.map(\.values) == alone.reversed())
    }

    /// What is out of range is an error before llama.cpp would assert on it, and the encoder goes on afterwards.
    @Test(arguments: [[], [Int32](repeating: 2000, count: 385), [101, -1, 102], [101, 30522, 102]])
    func refusesWhatLlamaWouldAssertOn(_ chunk: [Int32]) async throws {
        let encoder = try Bundled.encoder.get()
        let error = await #expect(throws: InferenceError.self) { try await encoder.vectors(of: [Self.chunk, chunk, Self.chunk]) }
        #expect(error?.code == .badInput)
        #expect(try await encoder.vectors(of: [Self.chunk]).count == 1)
    }

    /// No chunks, no work.
    @Test func nothingInNothingOut() async throws {
        #expect(try await Bundled.encoder.get().vectors(of: []).isEmpty)
    }

    /// A cancelled task gets `cancelled`, its waiting chunks are dropped, and others are served.
    @Test func cancellation() async throws {
        let encoder = try TextEncoder(path: Bundled.path, .init(threads: 1))
        let long = [Int32](repeating: 2000, count: 384)
        let task = Task { try await encoder.vectors(of: Array(repeating: long, count: 2000)) }
        task.cancel()
        let error = await #expect(throws: InferenceError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await encoder.vectors(of: [[101, 102]]).count == 1)
    }

    /// A task that is cancelled before it asks gets `cancelled` too.
    @Test func cancelledBefore() async throws {
        let encoder = try Bundled.encoder.get()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await encoder.vectors(of: [Self.chunk])
        }
        task.cancel()
        let error = await #expect(throws: InferenceError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    /// The weights and numbers that ride in the file come out with their sizes.
    @Test func carriesTheHead() throws {
        let encoder = try Bundled.encoder.get()
        #expect(encoder.tensor(named: "wc.weight")?.shape == [384, 384])
        #expect(encoder.tensor(named: "s2.layers.1.rel.weight")?.shape == [6, 10])
        #expect(encoder.tensor(named: "none") == nil)
        #expect(encoder.integer(named: "matcher.max_tokens") == 384)
        #expect(encoder.integer(named: "matcher.field_tokens") == 12)
        #expect(encoder.strings(named: "matcher.pair_features")?.count == 21)
    }

    /// More positions than the model has, or no threads, are refused with the limits.
    @Test func refusesImpossibleSizes() {
        for configuration in [TextEncoder.Configuration(threads: 0), .init(maximumTokens: 513), .init(maximumTokens: 0)] {
            let error = #expect(throws: InferenceError.self) { try TextEncoder(path: Bundled.path, configuration) }
            #expect(error?.code == .badInput)
        }
    }

    /// The matrix product is the textbook's, for widths that are no multiple of anything, and sizes that don't fit are an error.
    @Test(arguments: [(1, 1, 1), (3, 2, 5), (62, 384, 7), (21, 48, 33), (384, 1, 2), (33, 33, 1)])
    func matrixProduct(_ width: Int, _ outputs: Int, _ count: Int) throws {
        let weights = (0..<(outputs * width)).map { Float($0 % 7) - 3 }
        let rows = (0..<(count * width)).map { Float($0 % 5) - 2 }
        let product = try MatrixProduct.rows(rows, count: count, times: weights, outputs: outputs)
        var expected: [Float] = []
        for row in 0..<count {
            for output in 0..<outputs {
                expected.append((0..<width).reduce(0) { $0 + rows[row * width + $1] * weights[output * width + $1] })
            }
        }
        #expect(product == expected)
        #expect(throws: InferenceError.self) { try MatrixProduct.rows(rows + [1], count: count, times: weights, outputs: outputs) }
    }
}
