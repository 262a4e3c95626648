import DevTools
import Testing

@testable import Fleet

struct PageWatchTests {
    /// A page that was left may still report: its fault is not one of the visit's own document.
    @Test func faultOfThePageBefore() throws {
        var watch = PageWatch(mainFrame: "F")
        watch.begin(.init())
        try watch.commit("old", unreachable: "http://gone.example/")
        try watch.ask("new", "http://a.example/")
        try watch.commit("new")
        #expect(watch.fault != nil)
        watch.confirm(loader: "new")
        #expect(watch.fault == nil)
        #expect(watch.trail.map(\.loaderId) == ["new"])
    }

    /// The same where the visit's own document has not committed yet: the answer to the order may come first.
    @Test func faultOfThePageBeforeTheCommit() throws {
        var watch = PageWatch(mainFrame: "F")
        watch.begin(.init())
        try watch.commit("old", unreachable: "http://gone.example/")
        try watch.ask("new", "http://a.example/")
        watch.confirm(loader: "new")
        #expect(watch.fault == nil && watch.trail.isEmpty)
        try watch.commit("new")
        #expect(watch.fault == nil && watch.trail.map(\.loaderId) == ["new"])
    }

    /// What the visit's own document brought stays, and so does the fault of a document to which that one went.
    @Test(arguments: [["new"], ["old", "new"], ["new", "next"], ["old", "new", "next"]])
    func faultOfTheVisit(commits: [String]) throws {
        var watch = PageWatch(mainFrame: "F")
        watch.begin(.init())
        for loader in commits.dropLast() { try watch.commit(loader) }
        try watch.commit(commits.last ?? "", unreachable: "http://gone.example/")
        watch.confirm(loader: "new")
        #expect(watch.fault == .failed(net: "ERR_FAILED", url: "http://gone.example/"))
    }

    /// A tab that crashed is lost whatever document it was asked for.
    @Test func crashStays() throws {
        var watch = PageWatch(mainFrame: "F")
        watch.begin(.init())
        watch.crashed()
        watch.confirm(loader: "new")
        #expect(watch.fault == .crashed)
    }
}

extension PageWatch {
    fileprivate mutating func ask(_ loader: String, _ url: String) throws {
        let json = #"{"requestId":"\#(loader)","loaderId":"\#(loader)","frameId":"F","type":"Document","request":{"url":"\#(url)","method":"GET"}}"#
        sent(try JSONReader.read(Array(json.utf8)) { try Network.RequestWillBeSent(params: &$0) }, at: .now)
    }

    fileprivate mutating func commit(_ loader: String, unreachable: String? = nil) throws {
        let error = unreachable.map { #","unreachableUrl":"\#($0)""# } ?? ""
        let json = #"{"frame":{"id":"F","loaderId":"\#(loader)","url":"http://a.example/"\#(error)}}"#
        navigated(try JSONReader.read(Array(json.utf8)) { try Page.FrameNavigated(params: &$0) }, at: .now)
    }
}
