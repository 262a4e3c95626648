package enum Runtime {
    /// Events about execution contexts; needed to speak to the documents of frames.
    package struct Enable: Command {
        package static let method = "Runtime.enable"
        package init() {}
    }
    package struct ExceptionDetails: Decodable, Sendable {
        package struct Thrown: Decodable, Sendable {
            package var className: String?
            package var description: String?
        }
        package var text: String
        package var exception: Thrown?
    }
    package struct Evaluated<Value: Decodable & Sendable>: Decodable, Sendable {
        package struct Object: Decodable, Sendable { package var value: Value? }
        package var result: Object
        package var exceptionDetails: ExceptionDetails?
    }
    package struct Evaluate<Value: Decodable & Sendable>: Command {
        package typealias Reply = Evaluated<Value>
        package static var method: String { "Runtime.evaluate" }
        package var expression: String
        package var uniqueContextId: String?
        package var awaitPromise = true
        package var returnByValue = true
        /// Nothing appears in the page's console or reaches its error handlers.
        package var silent = true
        /// The page's content security policy must not keep us from looking.
        package var allowUnsafeEvalBlockedByCSP = false
        package init(_ expression: String, in context: String? = nil, as: Value.Type = Value.self) {
            (self.expression, uniqueContextId) = (expression, context)
        }
    }
    /// Stops a script that never returns.
    package struct TerminateExecution: Command {
        package static let method = "Runtime.terminateExecution"
        package init() {}
    }
    package struct RunIfWaitingForDebugger: Command {
        package static let method = "Runtime.runIfWaitingForDebugger"
        package init() {}
    }

    package struct ExecutionContextCreated: Event {
        package static let method = "Runtime.executionContextCreated"
        package var id = 0
        package var uniqueId = ""
        package var frameId = ""
        /// The page's own world, not an isolated one.
        package var isDefault = false
        package init(params: inout JSONReader) throws {
            var event = Self()
            try params.object { key, json in
                guard key == "context" else { return try json.skip() }
                try json.object { key, json in
                    switch key {
                    case "id": event.id = try json.integer()
                    case "uniqueId": event.uniqueId = try json.string()
                    case "auxData":
                        try json.object { key, json in
                            switch key {
                            case "frameId": event.frameId = try json.stringIfAny() ?? ""
                            case "isDefault": event.isDefault = try json.bool()
                            default: try json.skip()
                            }
                        }
                    default: try json.skip()
                    }
                }
            }
            self = event
        }
        private init() {}
    }
    package struct ExecutionContextDestroyed: Event {
        package static let method = "Runtime.executionContextDestroyed"
        package var uniqueId: String
        package init(params: inout JSONReader) throws { uniqueId = try params.string(named: "executionContextUniqueId") }
    }
    package struct ExecutionContextsCleared: Event {
        package static let method = "Runtime.executionContextsCleared"
        package init(params: inout JSONReader) throws { try params.skip() }
    }
}
