// What a document says about itself: is it still going to change?
//
// The network is watched from outside (`PageWatch`). What can only be seen from inside is told by this script, which runs before any script
// of each document and wraps the few functions through which work is put off: timers, frames, idle callbacks, promises of slow interfaces,
// messages. It gives one function under a random name that can't be replaced: a promise of "quiet", or of what is waited for. One question
// decides, without a fixed pause: a page that put nothing off is quiet at once.
//
// What counts:
// - a one-shot timer of at most two seconds, an animation frame, an idle callback, until it has run;
// - something that repeats (an interval, or the same function put off again and again) for its first 1.2 seconds while it changes the page,
//   and after that only as long as the page grows: a ticker that rewrites a number must not hold us, a typewriter must;
// - promises of crypto, caches, databases, decoding, modules of WebAssembly; messages to workers without an answer, for 1.5 seconds;
// - fonts that load, animations and transitions that end within 2.5 seconds, a document that is still being written;
// - and for 25 milliseconds and two frames after the last of these, since handlers run then.
//
// The page is not trusted. Everything that the script needs was taken before the page could change it; whatever the page does, it can at
// worst make us look too early or wait until the limit, which is kept outside.

enum WatchScript {
    /// - Parameter name: a JavaScript identifier that no page guesses.
    static func source(name: String) -> String { parts.joined(separator: name) }

    private static let parts = body.split(separator: "$NAME")

    /// Evaluates to "quiet" or what is waited for, and the number of elements: "0|123" or "1 timer|123".
    ///
    /// - Parameters:
    ///   - limit: milliseconds after which the answer comes whatever it is.
    ///   - sinceNetwork: milliseconds since a request of the page ended after its load event, or -1.
    ///   - unwatched: milliseconds to wait where the script is not there: a frame's first empty document never has it, and a Chromium that
    ///     doesn't know something that the script needs must not make us look at once.
    static func question(name: String, limit: Int, sinceNetwork: Int, unwatched: Int) -> String {
        """
        typeof globalThis['\(name)']==='function'?globalThis['\(name)'](\(limit),\(sinceNetwork))\
        :\(unwatched > 0 ? "new Promise(r=>setTimeout(()=>r('|0'),\(min(unwatched, limit))))" : "'|0'")
        """
    }

    private static let body = #"""
        (() => {
        "use strict";
        const W = globalThis, D = document;
        if (Object.getOwnPropertyDescriptor(W, "$NAME")) return;
        const LONGEST = 2000, REPEATS = 1200, ANSWER = 1500, AFTER = 25, ENDING = 2500;
        const { apply, construct, get: reflectGet } = Reflect, define = Object.defineProperty, P = Promise, PX = Proxy, WM = WeakMap;
        const method = f => (self, ...args) => apply(f, self, args);
        const then = method(P.prototype.then), wget = method(WM.prototype.get), wset = method(WM.prototype.set);
        const listen = method(EventTarget.prototype.addEventListener);
        const clock = method(performance.now), now = () => clock(performance);
        const rawTimeout = W.setTimeout, rawFrame = W.requestAnimationFrame;
        const later = (f, ms) => apply(rawTimeout, W, [f, ms]), frame = f => apply(rawFrame, W, [f]);
        const animations = D.getAnimations && method(D.getAnimations);
        const fontSet = D.fonts, fontStatus = fontSet && Object.getOwnPropertyDescriptor(Object.getPrototypeOf(fontSet), "status");
        const isFontLoading = () => fontStatus && fontStatus.get && apply(fontStatus.get, fontSet, []) === "loading";
        const readyState = Object.getOwnPropertyDescriptor(Document.prototype, "readyState").get;
        const allElements = method(Document.prototype.getElementsByTagName);

        const held = { __proto__: null };
        const intervals = { __proto__: null };
        let touched = false, last = 0, changes = 0, growth = 0, small = 0, fontSince = 0;
        const stamp = () => { touched = true; last = now(); };
        const hold = (kind, ms) => {
          let open = true;
          held[kind] = (held[kind] || 0) + 1;
          const release = () => { if (open) { open = false; held[kind]--; stamp(); } };
          touched = true;
          if (ms !== undefined) later(release, ms);
          return release;
        };
        const nothing = () => {};
        const proxied = (owner, name, handler) => {
          const d = owner && Object.getOwnPropertyDescriptor(owner, name);
          if (!d || typeof d.value !== "function" || !d.configurable) return;
          handler.__proto__ = null;
          d.value = new PX(d.value, handler);
          define(owner, name, d);
        };

        // Work put off by functions. The same function again and again is a repetition and counts only so long.
        const repeats = new WM();
        const counts = f => {
          let r = wget(repeats, f);
          if (!r || r.growth !== growth) {
            r = { __proto__: null, n: 0, born: r ? r.born : now(), seen: changes, idle: 0, growth };
            wset(repeats, f, r);
          }
          r.n++;
          if (r.seen === changes) r.idle++; else { r.idle = 0; r.seen = changes; }
          return r.n <= 3 || (now() - r.born < REPEATS && r.idle < 3);
        };
        const running = (f, release) => function () { try { return apply(f, this, arguments); } finally { release(); } };
        const once = (name, cancel, kind, pause) => {
          const open = { __proto__: null };
          proxied(W, name, { apply(target, self, args) {
            const f = args[0];
            if (typeof f !== "function") {
              const id = apply(target, self, args);
              const ms = +args[1] || 0;
              if (f !== undefined && pause && ms <= LONGEST) open[id] = hold(kind, ms + 5);
              return id;
            }
            if (pause && !((+args[1] || 0) <= LONGEST)) return apply(target, self, args);
            const release = counts(f) ? hold(kind) : nothing;
            let id;
            args[0] = running(f, () => { delete open[id]; release(); });
            try { id = apply(target, self, args); } catch (e) { release(); throw e; }
            open[id] = release;
            return id;
          } });
          proxied(W, cancel, { apply(target, self, args) {
            const release = open[args[0]];
            if (release) { delete open[args[0]]; release(); }
            return apply(target, self, args);
          } });
        };
        // clearTimeout clears intervals too and the other way round, so both look into both tables.
        once("setTimeout", "clearTimeout", "timer", true);
        once("requestAnimationFrame", "cancelAnimationFrame", "frame", false);
        once("requestIdleCallback", "cancelIdleCallback", "idle callback", false);
        proxied(W, "setInterval", { apply(target, self, args) {
          const f = args[0], period = +args[1] || 0;
          if (typeof f !== "function" || period > 1000) return apply(target, self, args);
          const entry = { __proto__: null, born: now(), seen: changes, idle: 0, grown: growth, grownAt: 0 };
          touched = true;
          args[0] = function () {
            if (entry.seen === changes) entry.idle++; else { entry.idle = 0; entry.seen = changes; }
            if (entry.grown !== growth) { entry.grown = growth; entry.grownAt = now(); }
            return apply(f, this, arguments);
          };
          const id = apply(target, self, args);
          intervals[id] = entry;
          return id;
        } });
        const forget = { apply(target, self, args) {
          if (intervals[args[0]]) { delete intervals[args[0]]; stamp(); }
          return apply(target, self, args);
        } };
        proxied(W, "clearInterval", { ...forget });
        proxied(W, "clearTimeout", { ...forget });

        // Work that answers by a promise.
        const promised = (owner, names, kind) => {
          if (owner) for (let i = 0; i < names.length; i++) proxied(owner, names[i], { apply(target, self, args) {
            const result = apply(target, self, args);
            if (result instanceof P) { const release = hold(kind, 5000); then(result, release, release); }
            return result;
          } });
        };
        const of = name => W[name] && W[name].prototype;
        promised(of("SubtleCrypto"), ["encrypt", "decrypt", "sign", "verify", "digest", "generateKey", "deriveKey", "deriveBits",
          "importKey", "exportKey", "wrapKey", "unwrapKey"], "computation");
        promised(of("CacheStorage"), ["match", "has", "open", "delete", "keys"], "cache");
        promised(of("Cache"), ["match", "matchAll", "add", "addAll", "put", "delete", "keys"], "cache");
        promised(W.WebAssembly, ["compile", "compileStreaming", "instantiate", "instantiateStreaming"], "module");
        promised(W, ["createImageBitmap"], "image");
        promised(of("Blob"), ["arrayBuffer", "text", "bytes"], "file");
        promised(of("HTMLImageElement"), ["decode"], "image");
        promised(of("ServiceWorkerContainer"), ["register"], "service worker");
        promised(of("LockManager"), ["request"], "lock");
        promised(of("StorageManager"), ["getDirectory", "estimate"], "file");
        promised(of("FileSystemDirectoryHandle"), ["getFileHandle", "getDirectoryHandle"], "file");
        promised(of("FileSystemFileHandle"), ["getFile", "createWritable"], "file");
        promised(of("Scheduler"), ["postTask"], "task");
        // Requests are watched from outside, which knows a long poll from an answer; here only their ends count.
        const ending = (owner, names) => {
          if (owner) for (let i = 0; i < names.length; i++) proxied(owner, names[i], { apply(target, self, args) {
            const result = apply(target, self, args);
            stamp();
            if (result instanceof P) then(result, stamp, stamp);
            return result;
          } });
        };
        ending(W, ["fetch"]);
        ending(of("Response"), ["arrayBuffer", "blob", "formData", "json", "text", "bytes"]);
        ending(of("ReadableStreamDefaultReader"), ["read"]);

        // Databases answer by events.
        const requested = (owner, names) => {
          if (owner) for (let i = 0; i < names.length; i++) proxied(owner, names[i], { apply(target, self, args) {
            const request = apply(target, self, args);
            const release = hold("database", 3000);
            try { listen(request, "success", release); listen(request, "error", release); } catch { release(); }
            return request;
          } });
        };
        requested(of("IDBFactory"), ["open", "deleteDatabase"]);
        requested(of("IDBObjectStore"), ["add", "put", "get", "getAll", "getKey", "count", "delete", "clear", "openCursor",
          "openKeyCursor"]);
        requested(of("IDBIndex"), ["get", "getAll", "getKey", "count", "openCursor"]);
        const noted = (owner, names) => {
          if (owner) for (let i = 0; i < names.length; i++) proxied(owner, names[i], { apply(target, self, args) {
            stamp();
            return apply(target, self, args);
          } });
        };
        noted(of("IDBCursor"), ["continue", "advance"]);
        noted(of("MessagePort"), ["postMessage"]);
        noted(of("BroadcastChannel"), ["postMessage"]);
        noted(of("XMLHttpRequest"), ["send"]);
        noted(W, ["postMessage"]);
        noted(of("History"), ["pushState", "replaceState"]);
        noted(of("FileReader"), ["readAsText", "readAsArrayBuffer", "readAsDataURL"]);

        // Workers owe an answer to the last message, and their first message.
        const workers = new WM();
        const awaited = port => {
          const state = { __proto__: null, release: hold("worker", ANSWER) };
          wset(workers, port, state);
          listen(port, "message", () => { stamp(); state.release(); });
          listen(port, "error", () => state.release());
        };
        proxied(W, "Worker", { construct(target, args, as) {
          const worker = construct(target, args, as);
          awaited(worker);
          return worker;
        } });
        proxied(W, "SharedWorker", { construct(target, args, as) {
          const worker = construct(target, args, as);
          try { awaited(worker.port); } catch {}
          return worker;
        } });
        proxied(of("Worker"), "postMessage", { apply(target, self, args) {
          const result = apply(target, self, args), state = wget(workers, self);
          if (state) { state.release(); state.release = hold("worker", ANSWER); }
          return result;
        } });
        proxied(of("Worker"), "terminate", { apply(target, self, args) {
          const state = wget(workers, self);
          if (state) state.release();
          return apply(target, self, args);
        } });
        const heard = name => proxied(W, name, { construct(target, args, as) {
          const source = construct(target, args, as);
          try { listen(source, "message", stamp); listen(source, "open", stamp); } catch {}
          stamp();
          return source;
        } });
        heard("BroadcastChannel"); heard("EventSource"); heard("WebSocket");
        // Observers call back a frame later.
        const observing = name => proxied(W, name, { construct(target, args, as) {
          const f = args[0];
          if (typeof f === "function") args[0] = function () { stamp(); return apply(f, this, arguments); };
          stamp();
          return construct(target, args, as);
        } });
        observing("IntersectionObserver"); observing("ResizeObserver");
        noted(of("IntersectionObserver"), ["observe"]);
        noted(of("ResizeObserver"), ["observe"]);
        proxied(Document.prototype, "startViewTransition", { apply(target, self, args) {
          const release = hold("view transition", 3000), t = apply(target, self, args);
          try { then(t.updateCallbackDone, release, release); } catch { release(); }
          return t;
        } });
        listen(W, "message", stamp);
        listen(D, "toggle", stamp, true);

        // Changes of the tree. Growth is more text or elements than before; the rest counts a few times only.
        const size = list => {
          let n = 0;
          for (let i = 0; i < list.length && i < 50; i++) {
            const node = list[i];
            n += node.nodeType === 1 ? 8 + node.childElementCount : node.length || 0;
          }
          return n;
        };
        const look = records => {
          changes++;
          let more = records.length > 200 ? 1 : 0;
          for (let i = 0; i < records.length && !more; i++) {
            const r = records[i];
            if (r.type === "characterData") { if ((r.target.length || 0) > (r.oldValue || "").length + 1) more = 1; }
            else if (size(r.addedNodes) > size(r.removedNodes) + 1) more = 1;
          }
          if (more) { growth++; stamp(); } else if (small++ < 20) stamp();
        };
        const Observer = W.MutationObserver, observe = method(Observer.prototype.observe);
        const eye = new Observer(look), what = { childList: true, characterData: true, characterDataOldValue: true, subtree: true };
        if (apply(readyState, D, []) === "loading") listen(D, "DOMContentLoaded", () => observe(eye, D, what)); else observe(eye, D, what);
        proxied(Element.prototype, "attachShadow", { apply(target, self, args) {
          const root = apply(target, self, args);
          try { observe(eye, root, what); } catch {}
          return root;
        } });

        const waiting = t => {
          let why = "";
          const add = text => { why += (why ? ", " : "") + text; };
          if (apply(readyState, D, []) !== "complete") add("the document is still being written");
          for (const kind in held) if (held[kind] > 0) add(held[kind] + " " + kind);
          for (const id in intervals) {
            const e = intervals[id];
            if ((t - e.born < REPEATS && e.idle < 3) || (e.grownAt && t - e.grownAt < 300)) { add("an interval"); break; }
          }
          if (isFontLoading()) { fontSince = fontSince || t; if (t - fontSince < 3000) add("fonts"); }
          if (!why && animations) {
            try {
              const list = animations(D);
              for (let i = 0; i < list.length && i < 500; i++) {
                const a = list[i];
                if (a.playState !== "running" || !a.effect) continue;
                const end = a.effect.getComputedTiming().endTime, left = end - (a.currentTime || 0);
                if (left > 0 && left <= ENDING) { add("an animation"); touched = true; last = t; break; }
              }
            } catch {}
          }
          return why;
        };
        const quiet = (limit, sinceNetwork) => new P(resolve => {
          const begun = now(), end = begun + limit;
          if (sinceNetwork >= 0) { touched = true; last = last > begun - sinceNetwork ? last : begun - sinceNetwork; }
          let frames = 0, counted = -1, asked = false;
          const step = () => { asked = false; frames++; };
          const answer = why => { let n = 0; try { n = allElements(D, "*").length; } catch {} resolve(why + "|" + n); };
          const look = () => {
            const t = now(), why = waiting(t);
            if (!why && !touched) return answer("");
            if (counted !== last) { counted = last; frames = 0; }
            // Frames may not come at all in a tab that nobody draws; a tenth of a second stands for them then.
            if (!why && t - last >= AFTER && (frames >= 2 || t - last >= 100 + AFTER)) return answer("");
            if (t >= end) return answer(why || "the page keeps changing");
            if (!asked) { asked = true; frame(step); }
            later(look, why ? 20 : 8);
          };
          look();
        });
        define(W, "$NAME", { value: quiet, enumerable: false, configurable: false, writable: false });
        })();
        """#
}
