// What actions ask of the page's main document. Everything runs in one expression, so that nothing of ours stays in the page.

enum ActionScript {
    /// The element that a selector means: CSS, also into open shadow trees; "text=Load more": the smallest visible one with these words.
    private static let find = """
        const deep = (root, selector) => {
          const found = root.querySelector(selector);
          if (found) return found;
          for (const host of root.querySelectorAll("*")) {
            const inside = host.shadowRoot && deep(host.shadowRoot, selector);
            if (inside) return inside;
          }
          return null;
        };
        const shown = e => {
          const box = e.getBoundingClientRect();
          return box.width > 0 && box.height > 0 && getComputedStyle(e).visibility !== "hidden";
        };
        const words = text => text.replace(/\\s+/g, " ").trim().toLowerCase();
        const byText = text => {
          let best = null;
          for (const e of document.body ? document.body.querySelectorAll("*") : []) {
            if (["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE"].includes(e.tagName)) continue;
            const said = words(e.tagName === "INPUT" ? e.value || "" : e.innerText || "");
            if (!said.includes(text) || !shown(e)) continue;
            if (!best || best.contains(e) || said.length < words(best.innerText || best.value || "").length) best = e;
          }
          return best;
        };
        const find = selector => selector.startsWith("text=") ? byText(words(selector.slice(5))) : deep(document, selector);
        """

    /// Answers "!" and why not, or what `use` answers, once the element is there, can be seen, rests, is enabled and lies uncovered.
    /// - Parameters:
    ///   - isPressed: it must be what a click at its middle would meet.
    ///   - milliseconds: how long that is waited for.
    static func when(ready selector: String, isPressed: Bool, milliseconds: Int, use: String) -> String {
        """
        (async () => {
          \(find)
          const end = performance.now() + \(milliseconds);
          let why = "nothing matches it", last = null;
          for (;;) {
            let e;
            try { e = find(\(quoted(selector))); } catch { return "?"; }
            if (e) {
              e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
              const box = e.getBoundingClientRect();
              const x = box.x + box.width / 2, y = box.y + box.height / 2;
              const rests = last && last.x === box.x && last.y === box.y && last.width === box.width && last.height === box.height;
              last = box;
              if (!shown(e)) why = "it can't be seen";
              else if (e.matches(":disabled") || e.closest("[aria-disabled=true]")) why = "it is disabled";
              else if (!rests) why = "it moves";
              else {
                let over = document.elementFromPoint(x, y);
                while (over && over.shadowRoot && over !== e) {
                  const inside = over.shadowRoot.elementFromPoint(x, y);
                  if (!inside || inside === over) break;
                  over = inside;
                }
                const label = over && over.closest("label");
                if (!\(isPressed) || over === e || (over && e.contains(over)) || (label && label.control === e)) return (\(use))(e, x, y);
                why = over ? "<" + over.tagName.toLowerCase() + (over.id ? " id=" + over.id : "") + "> lies over it" : "it lies outside of the window";
              }
            }
            if (performance.now() >= end) return "!" + why;
            await new Promise(resolve => setTimeout(resolve, 30));
          }
        })()
        """
    }

    /// Where to press.
    static let middle = "(e, x, y) => x + ' ' + y"

    /// Puts the focus there; answers "set" where the value could be set at once, which fields for dates, colours and ranges want.
    static func focus(setting text: String?) -> String {
        """
        e => {
          e.focus();
          const text = \(text.map(quoted) ?? "null");
          if (text === null) {
            if (e.setSelectionRange) try { e.setSelectionRange(e.value.length, e.value.length); } catch {}
            return "focused";
          }
          if (e.tagName === "INPUT" && ["date", "time", "month", "week", "datetime-local", "color", "range"].includes(e.type)) {
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(e, text);
            e.dispatchEvent(new Event("input", {bubbles: true}));
            e.dispatchEvent(new Event("change", {bubbles: true}));
            return e.value === text ? "set" : "!the field does not take this value";
          }
          if (e.isContentEditable) getSelection().selectAllChildren(e);
          else if (e.select) e.select();
          else return "!it is no field";
          return e.readOnly ? "!it can't be changed" : "focused";
        }
        """
    }

    static func choose(_ option: String) -> String {
        """
        e => {
          if (e.tagName !== "SELECT") return "!it is no <select>";
          const wanted = words(\(quoted(option)));
          const option = [...e.options].find(o => words(o.label || o.text) === wanted || o.value === \(quoted(option)));
          if (!option) return "!it has no such option; it has " + [...e.options].slice(0, 10).map(o => o.text.trim()).join(", ");
          if (option.disabled) return "!that option is disabled";
          option.selected = true;
          e.dispatchEvent(new Event("input", {bubbles: true}));
          e.dispatchEvent(new Event("change", {bubbles: true}));
          return "chosen";
        }
        """
    }

    /// "there" or "gone": whether there is something to press, at this moment.
    static func isThere(_ selector: String) -> String {
        """
        (() => {
          \(find)
          try { const e = find(\(quoted(selector))); return e && shown(e) && !e.matches(":disabled") ? "there" : "gone"; } catch { return "?"; }
        })()
        """
    }

    static func scroll(by pixels: Int) -> String { "(scrollBy({top: \(pixels), behavior: 'instant'}), 'scrolled')" }

    /// To the end of the page and of what scrolls within it; answers how much there is by now.
    static let scrollToEnd = """
        (() => {
          let size = 0;
          for (const e of document.querySelectorAll("*")) {
            if (e.scrollHeight <= e.clientHeight + 10 || e.clientHeight < 100) continue;
            if (e !== document.scrollingElement && !/auto|scroll/.test(getComputedStyle(e).overflowY)) continue;
            e.scrollTop = e.scrollHeight;
            size += e.scrollHeight;
          }
          scrollTo({top: document.documentElement.scrollHeight, behavior: "instant"});
          return size + " " + document.querySelectorAll("*").length;
        })()
        """

    /// "there" once the page shows these words, else "!".
    static func text(_ text: String, milliseconds: Int) -> String {
        """
        (async () => {
          const words = text => text.replace(/\\s+/g, " ").trim().toLowerCase();
          const end = performance.now() + \(milliseconds), wanted = words(\(quoted(text)));
          for (;;) {
            if (document.body && words(document.body.innerText).includes(wanted)) return "there";
            if (performance.now() >= end) return "!the page does not say so";
            await new Promise(resolve => setTimeout(resolve, 50));
          }
        })()
        """
    }

    /// A string of JavaScript; JSON is one, but for two separators of lines and what ends a script.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 32 || scalar == "\u{2028}" || scalar == "\u{2029}" || scalar == "<":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
