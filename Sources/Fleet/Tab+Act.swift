// Actions: each waits until it can be done, is done as a person would, and the page comes to rest again before the next.

import DevTools

extension Tab {
    /// How long one action waits for its element; those that only wait do as long as the page may take.
    private static let patience = Duration.seconds(10)
    /// How often, and after which pauses, it is looked whether more comes of scrolling.
    private static let looks = 5
    private static let pause = Duration.milliseconds(300)

    func act(_ action: PageAction, in request: PageRequest, until end: Clock.Instant) async throws(FleetError) {
        switch action {
        case .click(let selector): try await click(selector, action, request, end)
        case .clickWhile(let selector, let limit):
            for _ in 0..<limit {
                let answer = try await ask(ActionScript.isThere(selector), action, request, end)
                if answer == "?" { throw invalid(selector) }
                guard answer == "there" else { return }
                try await click(selector, action, request, end)
                _ = try await settle(request, until: end)
            }
        case .hover(let selector):
            let (x, y) = try await middle(of: selector, action, request, end)
            try await send(Input.DispatchMouseEvent(.mouseMoved, x: x, y: y), request)
        case .fill(let selector, let text):
            let use = ActionScript.focus(setting: text)
            guard try await ready(selector, isPressed: false, use, action, request, end) != "set" else { return }
            if text.isEmpty { try await press(Key("Delete"), request) } else { try await send(Input.InsertText(text), request) }
        case .type(let selector, let text):
            _ = try await ready(selector, isPressed: false, ActionScript.focus(setting: nil), action, request, end)
            for character in text {
                if let key = character == "\n" ? Key("Enter") : character == " " ? Key("Space") : Key(String(character)) {
                    try await press(key, request)
                } else {
                    try await send(Input.InsertText(String(character)), request)
                }
            }
        case .select(let selector, let option):
            _ = try await ready(selector, isPressed: false, ActionScript.choose(option), action, request, end)
        case .press(let key): try await press(Key(key), request)
        case .scroll(let pixels): _ = try await ask(ActionScript.scroll(by: pixels), action, request, end)
        case .scrollTo(let selector): _ = try await ready(selector, isPressed: false, ActionScript.middle, action, request, end)
        case .scrollToEnd(let limit):
            var before = ""
            for _ in 0..<limit {
                var size = try await ask(ActionScript.scrollToEnd, action, request, end)
                // Some pages look only now and then where one has scrolled to.
                for _ in 0..<Tab.looks where size == before {
                    do { try await Task.sleep(for: Tab.pause) } catch { throw FleetError(.cancelled, "\(request.url): cancelled") }
                    _ = try await settle(request, until: end)
                    size = try await ask(ActionScript.scrollToEnd, action, request, end)
                }
                guard size != before else { return }
                before = size
                _ = try await settle(request, until: end)
            }
        case .wait(let pause):
            guard Clock.now + pause < end else { throw failed(action, request, "there is not so much time left for the page") }
            do { try await Task.sleep(for: pause) } catch { throw FleetError(.cancelled, "\(request.url): cancelled") }
        case .waitFor(let selector):
            _ = try await ready(selector, isPressed: false, ActionScript.middle, action, request, end, patience: Clock.now.duration(to: end))
        case .waitForText(let text):
            let answer = try await ask(ActionScript.text(text, milliseconds: left(end, .seconds(3600))), action, request, end)
            if answer.hasPrefix("!") { throw failed(action, request, String(answer.dropFirst())) }
        }
    }

    // MARK: Elements

    private func click(_ selector: String, _ action: PageAction, _ request: PageRequest, _ end: Clock.Instant) async throws(FleetError) {
        let (x, y) = try await middle(of: selector, action, request, end)
        for kind in [Input.DispatchMouseEvent.Kind.mouseMoved, .mousePressed, .mouseReleased] {
            try await send(Input.DispatchMouseEvent(kind, x: x, y: y), request)
        }
    }

    private func middle(
        of selector: String, _ action: PageAction, _ request: PageRequest, _ end: Clock.Instant
    ) async throws(FleetError) -> (Double, Double) {
        let answer = try await ready(selector, isPressed: true, ActionScript.middle, action, request, end)
        let numbers = answer.split(separator: " ").compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == 2 else { throw failed(action, request, "the page does not say where it is") }
        return (numbers[0], numbers[1])
    }

    private func ready(
        _ selector: String, isPressed: Bool, _ use: String, _ action: PageAction, _ request: PageRequest, _ end: Clock.Instant,
        patience: Duration = Tab.patience
    ) async throws(FleetError) -> String {
        let script = ActionScript.when(ready: selector, isPressed: isPressed, milliseconds: left(end, patience), use: use)
        let answer = try await ask(script, action, request, end)
        if answer == "?" { throw invalid(selector) }
        if answer.hasPrefix("!") { throw failed(action, request, String(answer.dropFirst().prefix(300))) }
        return answer
    }

    private func ask(
        _ script: String, _ action: PageAction, _ request: PageRequest, _ end: Clock.Instant
    ) async throws(FleetError) -> String {
        guard let frame = watch.frames.values.first(where: { $0.frameId == watch.mainFrame }) else {
            throw failed(action, request, "the page has gone")
        }
        let limit = max(Clock.now.duration(to: end), .zero) + .seconds(3)
        switch await answer(script, in: frame, within: limit) {
        case .success(let text): return text
        case .failure(let error):
            if error.code == .cancelled { throw FleetError(.cancelled, "\(request.url): cancelled") }
            if error.code == .disconnected { throw FleetError(error, doing: "acting on \(request.url)") }
            throw failed(action, request, error.code == .deadline ? "the page's scripts don't let go" : "the page went elsewhere meanwhile")
        }
    }

    private func press(_ key: Key?, _ request: PageRequest) async throws(FleetError) {
        guard let key else { return }
        let kind: Input.DispatchKeyEvent.Kind = key.text == nil ? .rawKeyDown : .keyDown
        for kind in [kind, .keyUp] {
            let event = Input.DispatchKeyEvent(
                kind, key: key.key == "Space" ? " " : key.key, code: key.code, virtualKey: key.virtualKey, text: kind == .keyUp ? nil : key.text,
                modifiers: key.modifiers)
            try await send(event, request)
        }
    }

    private func send(_ command: some Command, _ request: PageRequest) async throws(FleetError) {
        do {
            _ = try await client.send(command, session: session, within: .seconds(5))
        } catch {
            throw FleetError(error, doing: "acting on \(request.url)")
        }
    }

    private func left(_ end: Clock.Instant, _ most: Duration) -> Int {
        max(100, min(Clock.now.duration(to: end), most).milliseconds)
    }

    // MARK: Faults

    private func failed(_ action: PageAction, _ request: PageRequest, _ why: String) -> FleetError {
        FleetError(.actionFailed, "\(request.url): \(action): \(why)")
    }

    private func invalid(_ selector: String) -> FleetError {
        FleetError(.selectorInvalid, "\"\(selector)\" is not a CSS selector; try it in a browser's console with document.querySelector")
    }
}

extension PageAction: CustomStringConvertible {
    package var description: String {
        // As it can be read again.
        func quoted(_ text: String) -> String { "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
        return switch self {
        case .click(let selector): "click \(quoted(selector))"
        case .clickWhile(let selector, let limit): "click-while \(quoted(selector)) \(limit)"
        case .hover(let selector): "hover \(quoted(selector))"
        case .fill(let selector, let text): "fill \(quoted(selector)) \(quoted(text))"
        case .type(let selector, let text): "type \(quoted(selector)) \(quoted(text))"
        case .select(let selector, let option): "select \(quoted(selector)) \(quoted(option))"
        case .press(let key): "press \(key)"
        case .scroll(let pixels): "scroll \(pixels)"
        case .scrollTo(let selector): "scroll \(quoted(selector))"
        case .scrollToEnd(let limit): "scroll-to-end \(limit)"
        case .wait(let pause): "wait \(pause.milliseconds)ms"
        case .waitFor(let selector): "wait-for \(quoted(selector))"
        case .waitForText(let text): "wait-for-text \(quoted(text))"
        }
    }
}
