import Egress
import Testing

@Suite struct AddressTests {
    /// Each special block is known by its first and last address, and what embeds an IPv4 address is what that one is.
    @Test(arguments: [
        ("127.0.0.1", AddressKind.loopback), ("127.255.255.255", .loopback), ("126.255.255.255", .global), ("128.0.0.0", .global),
        ("10.0.0.0", .private), ("10.255.255.255", .private), ("11.0.0.0", .global), ("172.15.255.255", .global),
        ("172.16.0.0", .private), ("172.31.255.255", .private), ("172.32.0.0", .global), ("192.168.0.0", .private),
        ("192.168.255.255", .private), ("192.169.0.0", .global), ("169.254.0.1", .linkLocal), ("169.254.169.254", .metadata),
        ("169.254.170.2", .metadata), ("168.63.129.16", .metadata), ("100.100.100.200", .metadata), ("100.64.0.0", .carrierShared),
        ("100.127.255.255", .carrierShared), ("100.128.0.0", .global), ("0.0.0.0", .unspecified), ("0.1.2.3", .unspecified),
        ("224.0.0.1", .multicast), ("239.255.255.255", .multicast), ("240.0.0.1", .reserved), ("255.255.255.255", .broadcast),
        ("192.0.2.1", .documentation), ("198.51.100.1", .documentation), ("203.0.113.255", .documentation), ("198.18.0.1", .reserved),
        ("198.20.0.0", .global), ("192.0.0.8", .reserved), ("192.88.99.1", .reserved), ("8.8.8.8", .global), ("1.1.1.1", .global),
        ("::", .unspecified), ("::1", .loopback), ("::2", .unspecified), ("::7f00:1", .loopback), ("::808:808", .reserved),
        ("::ffff:127.0.0.1", .loopback), ("::ffff:10.1.2.3", .private), ("::ffff:8.8.8.8", .global), ("::ffff:0:127.0.0.1", .loopback),
        ("64:ff9b::7f00:1", .loopback), ("64:ff9b::a9fe:a9fe", .metadata), ("64:ff9b::808:808", .global), ("64:ff9b:1::808:808", .private),
        ("2002:7f00:1::", .loopback), ("2002:a00:1::1", .private), ("2002:808:808::1", .global), ("2001:0:808:808::1", .reserved),
        ("fc00::1", .private), ("fdff::1", .private), ("fd00:ec2::254", .metadata), ("fe80::1", .linkLocal), ("febf::1", .linkLocal),
        ("fec0::1", .private), ("ff02::1", .multicast), ("2001:db8::1", .documentation), ("3fff::1", .documentation),
        ("2001:4860:4860::8888", .global), ("2606:4700::1111", .global), ("2606:4700::5efe:7f00:1", .loopback),
        ("2606:4700::200:5efe:a00:1", .private), ("4000::1", .reserved), ("100::1", .reserved), ("5f00::1", .reserved),
    ])
    func kinds(text: String, kind: AddressKind) throws {
        let address = try #require(IPAddress(text))
        #expect(address.kind == kind)
        #expect((AddressRules.publicOnly.refusal(of: address, port: 80, host: text) == nil) == (kind == .global))
    }

    /// An address is only what the standards' one spelling says; the rest is for the resolver.
    @Test(arguments: ["", "127.1", "0x7f.0.0.1", "[::1]", "::1%lo", "1.2.3.4.5", "1.2.3.256", " 1.2.3.4", "localhost", "1.2.3.4\u{0}"])
    func notAnAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test(arguments: ["1.2.3.4", "::1", "2001:db8::ff00:42:8329", "fe80::1"])
    func describesItselfAsRead(text: String) { #expect(IPAddress(text)?.description == text) }

    /// Values of `--allow-address`, and what they allow.
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", 80, true), ("127.0.0.1", "127.0.0.2", 80, false), ("127.0.0.1:8080", "127.0.0.1", 8080, true),
        ("127.0.0.1:8080", "127.0.0.1", 8081, false), ("10.0.0.0/8", "10.200.1.1", 1, true), ("10.0.0.0/9", "10.128.0.0", 1, false),
        ("192.168.0.0/16:8000-8999", "192.168.7.7", 8999, true), ("192.168.0.0/16:8000-8999", "192.168.7.7", 9000, false),
        ("0.0.0.0/0", "127.0.0.1", 443, true), ("0.0.0.0/0", "::1", 443, false), ("::1", "::1", 80, true),
        ("[::1]:443", "::1", 443, true), ("[::1]:443", "::1", 80, false), ("[fd00::/8]:443", "fd12::1", 443, true),
        ("[fd00::]/8:443", "fd12::1", 443, true), ("fd00::/8", "fc00::1", 443, false), ("::/0", "fe80::1", 1, true),
        ("127.0.0.1/32", "::ffff:127.0.0.1", 80, true), ("169.254.169.254:80", "169.254.169.254", 80, true),
    ])
    func blocks(text: String, address: String, port: Int, allowed: Bool) throws {
        let rules = AddressRules(allowing: [try AddressBlock(text)])
        #expect((rules.refusal(of: try #require(IPAddress(address)), port: port, host: "any.test") == nil) == allowed)
    }

    /// What can't be read is named, with the option.
    @Test(arguments: [
        "", "localhost", "10.0.0.0/33", "10.0.0.1/8", "::1/129", "[::1", "[::1]x", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:90-80",
        "127.0.0.1:80-", "127.0.0.1:-80", "127.0.0.1:+80", "10.0.0.0/", "10.0.0.0/ 8", "127.1", "[::1/64]/64:80", "127.0.0.1:80:90",
    ])
    func unreadableBlock(text: String) throws {
        let error = try #require(throws: EgressError.self) { try AddressBlock(text) }
        #expect(error.code == .invalidOption)
        #expect(error.message.contains("--allow-address \(text.debugDescription)"))
    }

    /// A typed start URL allows its host at its port, by that name and at loopback or private addresses alone.
    @Test func startURL() throws {
        let (loopback, metadata) = (try #require(IPAddress("127.0.0.1")), try #require(IPAddress("169.254.169.254")))
        var rules = AddressRules.publicOnly
        rules.allow(host: "LOCALHOST", port: 8080, at: [loopback, metadata])
        #expect(rules.refusal(of: loopback, port: 8080, host: "localhost") == nil)
        #expect(rules.refusal(of: loopback, port: 8080, host: "localhost.") == nil)
        #expect(rules.refusal(of: loopback, port: 8081, host: "localhost") != nil)
        #expect(rules.refusal(of: loopback, port: 8080, host: "rebind.test") != nil)
        #expect(rules.refusal(of: metadata, port: 8080, host: "localhost")?.kind == .metadata)
    }

    /// The refusal tells what the address is and how to allow it; what it proposes does allow it.
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1 is a loopback address; allow it with --allow-address 127.0.0.1/32:8080"),
        ("shop.test", "10.0.0.7", "shop.test leads to 10.0.0.7, a private address; allow it with --allow-address 10.0.0.7/32:8080"),
        ("[::1]", "::1", "::1 is a loopback address; allow it with --allow-address [::1]/128:8080"),
    ])
    func refusalText(host: String, address: String, text: String) throws {
        let address = try #require(IPAddress(address))
        let refusal = try #require(AddressRules.publicOnly.refusal(of: address, port: 8080, host: host))
        #expect(refusal.description == text)
        let proposal = try AddressBlock(String(try #require(text.split(separator: " ").last)))
        #expect(AddressRules(allowing: [proposal]).refusal(of: address, port: 8080, host: host) == nil)
    }

    /// Values of `--resolve`.
    @Test(arguments: [("shop.test:127.0.0.1", "shop.test", "127.0.0.1"), ("Shop.Test:::1", "shop.test", "::1"), ("a:[::1]", "a", "::1")])
    func overrides(text: String, host: String, address: String) throws {
        #expect(try HostOverride(text) == HostOverride(host: host, address: try #require(IPAddress(address))))
    }

    @Test(arguments: ["", "shop.test", "shop.test:", ":127.0.0.1", "shop.test:nowhere", "shop.test:80:127.0.0.1", "a b:127.0.0.1"])
    func unreadableOverride(text: String) { #expect(throws: EgressError.self) { try HostOverride(text) } }

    /// Values of `--proxy`.
    @Test(arguments: [
        ("http://proxy.test:3128", UpstreamProxy(scheme: .http, host: "proxy.test", port: 3128)),
        ("proxy.test", UpstreamProxy(scheme: .http, host: "proxy.test", port: 80)),
        ("SOCKS5://u:p%40ss@[::1]:9050/", UpstreamProxy(scheme: .socks5, host: "::1", port: 9050, login: .init(user: "u", password: "p@ss"))),
        ("socks5h://u@h", UpstreamProxy(scheme: .socks5h, host: "h", port: 1080, login: .init(user: "u", password: ""))),
        ("https://h", UpstreamProxy(scheme: .https, host: "h", port: 443)),
    ])
    func proxies(text: String, proxy: UpstreamProxy) throws { #expect(try UpstreamProxy(text) == proxy) }

    /// Neither a fault in the value nor a description ever shows the password.
    @Test(arguments: ["ftp://u:secret@h", "http://u:secret@h:99999", "http://u:secret@", "http://u:secret%zz@h", "http://u:secret%0A@h"])
    func unreadableProxy(text: String) throws {
        let error = try #require(throws: EgressError.self) { try UpstreamProxy(text) }
        #expect(!error.description.contains("secret"))
    }

    @Test func hidesThePassword() throws {
        let way = WayOut.proxy(try UpstreamProxy("http://u:secret@h:1"))
        var dumped = ""
        dump(way, to: &dumped)
        for text in ["\(way)", String(reflecting: way), dumped] {
            #expect(!text.contains("secret"))
            #expect(text.contains("http://***@h:1"))
        }
    }
}
