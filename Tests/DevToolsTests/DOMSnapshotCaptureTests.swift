@testable import DevTools
import Testing

struct DOMSnapshotCaptureTests {
    private let reply = #"""
        {"id":1,"result":{"documents":[{"documentURL":0,"title":1,"baseURL":0,"contentLanguage":-1,"encodingName":2,"publicId":-1,
        "nodes":{"parentIndex":[-1,0,1,2],"nodeType":[9,1,1,3],"shadowRootType":{"index":[],"value":[]},"nodeName":[3,4,5,6],
        "nodeValue":[-1,-1,-1,7],"backendNodeId":[10,11,12,13],"attributes":[[],[8,9],[],[]],"inputValue":{"index":[2],"value":[9]},
        "contentDocumentIndex":{"index":[],"value":[]},"optionSelected":{"index":[2]}},
        "layout":{"nodeIndex":[1,3],"styles":[[9],[]],"bounds":[[0,0,100.5,20],[8,8,50,10]],"text":[-1,7],"stackingContexts":{"index":[0]}},
        "textBoxes":{"layoutIndex":[],"bounds":[],"start":[],"length":[]},"scrollOffsetX":0,"scrollOffsetY":12.5,"contentWidth":800,
        "contentHeight":600}],"strings":["http:\/\/x\/","T","UTF-8","#document","HTML","BODY","#text","hi","lang","en"]},"sessionId":"S"}
        """#

    /// Every array that is used comes out, styles padded where a box has none.
    @Test func read() throws {
        let snapshot = try DOMSnapshotCapture(reply: Array(reply.utf8))
        let document = try #require(snapshot.documents.first)
        #expect(snapshot[document.url] == "http://x/")
        #expect(snapshot[-1] == "" && snapshot[99] == "")
        #expect(document.parentIndex == [-1, 0, 1, 2])
        #expect(document.attributes == [8, 9] && document.attributeStart == [0, 0, 2, 2, 2])
        #expect(document.inputValue == [2: 9])
        #expect(document.optionSelected == [2])
        #expect(document.bounds == [0, 0, 100.5, 20, 8, 8, 50, 10])
        #expect(snapshot.styleCount == 1 && document.styles == [9, -1])
        #expect(document.scrollY == 12.5)
    }

    /// Arrays that contradict each other are refused, and so is a reply that is a refusal.
    @Test(arguments: [
        (#""parentIndex":[-1,0,1,2]"#, #""parentIndex":[-1,0,1]"#), (#""parentIndex":[-1,0,1,2]"#, #""parentIndex":[-1,0,1,3]"#),
        (#""nodeIndex":[1,3]"#, #""nodeIndex":[1,4]"#), (#""result""#, #""error""#),
    ])
    func contradictions(old: String, new: String) throws {
        let broken = reply.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
        #expect(broken != reply)
        #expect(throws: DevToolsError.self) { try DOMSnapshotCapture(reply: Array(broken.utf8)) }
    }

    /// A frame in another process is put below its element, with its own strings.
    @Test func attach() throws {
        var outer = try DOMSnapshotCapture(reply: Array(reply.utf8))
        let inner = outer
        outer.attach(inner, toFrame: 12)
        #expect(outer.documents.count == 2)
        #expect(outer.documents[0].contentDocument == [2: 1])
        #expect(outer[outer.documents[1].nodeName[2]] == "BODY")
        #expect(outer[outer.documents[1].nodeValue[0]] == "")
        outer.attach(inner, toFrame: 999)
        #expect(outer.documents.count == 2)
    }
}
