// swift-tools-version: 6.2
// The map of the modules, and what each may know, is Sources/README.md.
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "gleaner",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "gleaner", targets: ["gleaner"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries. `pkgConfig` brings -I and -l; where it is absent the module map's `link` does.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CGumbo", pkgConfig: "gumbo", providers: [.apt(["libgumbo-dev"])]),
        .systemLibrary(name: "CLlama", pkgConfig: "llama"),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "CUchardet", pkgConfig: "uchardet", providers: [.apt(["libuchardet-dev"])]),
        .systemLibrary(name: "CWebSockets", providers: [.apt(["libwebsockets-dev"])]),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "DevTools", dependencies: ["CWebSockets"], swiftSettings: strict),
        .target(name: "Fleet", dependencies: ["DevTools", "CProcess", logging], swiftSettings: strict),
        .target(name: "Egress", dependencies: [logging] + nio, swiftSettings: strict),
        .target(name: "Fetching", dependencies: ["Egress", "CCurl"], swiftSettings: strict),
        .target(name: "Politeness", swiftSettings: strict),
        .target(name: "Discovery", dependencies: ["Documents", "CXML2", "CZlib"], swiftSettings: strict),
        .target(
            name: "Crawling", dependencies: ["Discovery", "Documents", "Extraction", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(name: "Changes", dependencies: ["Documents"], swiftSettings: strict),
        .target(name: "Webhooks", dependencies: [crypto], swiftSettings: strict),
        .target(name: "Proxies", dependencies: ["Egress"], swiftSettings: strict),
        .target(name: "Secrets", dependencies: [crypto], swiftSettings: strict),
        .target(name: "Documents", dependencies: ["CXML2", "CGumbo", "CUchardet", "CZlib", crypto], swiftSettings: strict),
        .target(name: "Inference", dependencies: ["CLlama", "CProcess", crypto], exclude: ["Models"], swiftSettings: strict),
        .target(
            name: "Extraction", dependencies: ["Documents"], exclude: ["Listing/Models"], swiftSettings: strict),
        .target(name: "Evaluation", dependencies: ["Documents", "Extraction"], swiftSettings: strict),
        .target(
            name: "Store", dependencies: ["CPostgres", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: strict),
        .target(
            name: "Visiting",
            dependencies: [
                "Politeness", "Fleet", "DevTools", "Egress", "Fetching", "Documents", "Extraction", "Discovery", "Crawling", logging,
            ],
            swiftSettings: strict),
        .target(name: "Cron", swiftSettings: strict),
        .target(name: "Scheduling", dependencies: ["Store", "Visiting", "Politeness", logging], swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "Documents", crypto, logging, .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "gleaner",
            dependencies: [
                "DevTools", "Fleet", "Egress", "Fetching", "Politeness", "Documents", "Inference", "Extraction", "Evaluation",
                "Store", "Visiting", "Scheduling", "Cron", "Proxies", "Secrets", "Discovery", "Crawling", "Changes", "Webhooks",
                "Server", logging, .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // One of the two clients that deploy/bench/render compares.
        .executableTarget(
            name: "render-bench", dependencies: ["Fleet", "Egress", "Documents", "Visiting", logging],
            path: "deploy/bench/render/client", swiftSettings: strict),

        // The client of deploy/bench/matcher, which is compared with PyTorch.
        .executableTarget(
            name: "matcher-bench", dependencies: ["Inference", "Documents", "Extraction"], path: "deploy/bench/matcher/client",
            swiftSettings: strict),

        // The client of deploy/bench/robots.
        .executableTarget(name: "robots-bench", dependencies: ["Politeness"], path: "deploy/bench/robots/client", swiftSettings: strict),

        // The client of deploy/bench/queue.
        .executableTarget(name: "queue-bench", dependencies: ["Store"], path: "deploy/bench/queue/client", swiftSettings: strict),

        // Shared by the tests: a real HTTP site on loopback, temporary folders, paths to material that may be absent.
        .target(name: "TestMaterial", path: "Tests/TestMaterial", swiftSettings: strict),
        .target(
            name: "GleanerTesting", dependencies: [.product(name: "Hummingbird", package: "hummingbird"), logging],
            path: "Tests/GleanerTesting", swiftSettings: strict),
        .testTarget(name: "DevToolsTests", dependencies: ["DevTools"], swiftSettings: strict),
        .testTarget(name: "FleetTests", dependencies: ["Fleet", "DevTools", "GleanerTesting", "TestMaterial"], swiftSettings: strict),
        .testTarget(name: "EgressTests", dependencies: ["Egress", "TestMaterial", logging] + nio, swiftSettings: strict),
        .testTarget(name: "FetchingTests", dependencies: ["Fetching", "Egress", "GleanerTesting", "TestMaterial", logging], swiftSettings: strict),
        .testTarget(name: "PolitenessTests", dependencies: ["Politeness", "Documents", "TestMaterial"], swiftSettings: strict),
        .testTarget(name: "DocumentsTests", dependencies: ["Documents", "TestMaterial"], swiftSettings: strict),
        // The child process of tests that generate text.
        .executableTarget(name: "model-worker", dependencies: ["Inference"], path: "Tests/ModelWorker", swiftSettings: strict),
        .testTarget(
            name: "InferenceTests", dependencies: ["Inference", "Fetching", "Egress", "model-worker", "TestMaterial"] + nio,
            swiftSettings: strict),
        .testTarget(
            name: "ExtractionTests", dependencies: ["Extraction", "Documents", "Inference", "model-worker", "TestMaterial"],
            exclude: ["Asking/Prompts"], swiftSettings: strict),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "Extraction", "Documents", "TestMaterial"], swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["gleaner", "Documents", "Webhooks", "GleanerTesting", "TestMaterial"], swiftSettings: strict),
        .testTarget(
            name: "VisitingTests",
            dependencies: ["Visiting", "Extraction", "Egress", "Fetching", "Fleet", "GleanerTesting", "TestMaterial", logging] + nio, swiftSettings: strict),
        .testTarget(
            name: "DiscoveryTests", dependencies: ["Discovery", "Documents", "CZlib", "TestMaterial"], swiftSettings: strict),
        .testTarget(name: "ChangesTests", dependencies: ["Changes", "Documents"], swiftSettings: strict),
        .testTarget(name: "WebhooksTests", dependencies: ["Webhooks"], swiftSettings: strict),
        .testTarget(name: "CrawlingTests", dependencies: ["Crawling", "Discovery", "Documents"], swiftSettings: strict),
        .testTarget(name: "ProxiesTests", dependencies: ["Proxies", "Egress"], swiftSettings: strict),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets", "TestMaterial", crypto], swiftSettings: strict),
        .testTarget(name: "CronTests", dependencies: ["Cron", "TestMaterial"], swiftSettings: strict),
        .testTarget(name: "SchedulingTests", dependencies: ["Scheduling", "Store", "Visiting", "Politeness", "TestMaterial"], swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Documents", logging, .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(name: "StoreTests", dependencies: ["Store", "TestMaterial"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
