import Documents

/// The JSON Schema of what `extract --format json` writes.
enum AnswerSchema {
    static var json: JSON { (try? JSON(parsing: text)) ?? .null }

    private static let text = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "Answer of gleaner extract",
          "type": "object",
          "required": ["run", "status", "request", "pages"],
          "properties": {
            "run": {"type": "string", "pattern": "^run_[0-9a-f]{32}$"},
            "status": {"enum": ["open", "completed", "partial", "failed", "skipped"]},
            "request": {
              "description": "What was understood.",
              "type": ["object", "null"],
              "required": ["many", "filter", "fields"],
              "properties": {
                "many": {"type": "boolean"},
                "filter": {"type": ["object", "null"]},
                "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}}
              }
            },
            "pages": {"type": "array", "items": {"$ref": "#/$defs/page"}}
          },
          "$defs": {
            "field": {
              "type": "object",
              "required": ["name", "type"],
              "properties": {
                "name": {"type": "string"},
                "type": {"enum": ["text", "number", "money", "date", "duration", "url", "image", "email", "phone", "address", "boolean", "list", "object"]},
                "items": {"type": "string"},
                "description": {"type": "string"},
                "required": {"type": "boolean"},
                "choices": {"type": "array", "items": {"type": "string"}},
                "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}}
              }
            },
            "page": {
              "type": "object",
              "required": ["url", "finalURL", "status", "reason", "code", "snapshot", "records", "evidence", "incomplete", "next", "cost"],
              "properties": {
                "id": {"description": "Of the visit, for gleaner runs requeue --visit.", "type": "string"},
                "url": {"type": "string"},
                "finalURL": {"description": "After redirects.", "type": ["string", "null"]},
                "status": {"enum": ["open", "completed", "partial", "failed", "skipped"]},
                "reason": {"description": "One sentence, unless completed.", "type": ["string", "null"]},
                "code": {"description": "A stable word for the reason.", "type": ["string", "null"]},
                "snapshot": {"description": "SHA-256 of the stored page.", "type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
                "records": {"description": "Objects with the fields of the request, in its order; what was not found is null.", "type": "array"},
                "evidence": {"type": "array", "items": {"$ref": "#/$defs/evidence"}},
                "incomplete": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["path", "reason"],
                    "properties": {
                      "path": {"description": "/record/field, or empty for the page.", "type": "string"},
                      "reason": {"type": "string"}
                    }
                  }
                },
                "next": {"description": "The next page of the same list.", "type": ["string", "null"]},
                "robots": {"type": ["object", "null"]},
                "proxy": {"description": "Which proxy of a pool served it.", "type": "string"},
                "loading": {
                  "description": "In a browser, in a browser and compared with the document alone, or the document alone.",
                  "enum": ["rendered", "compared", "fetched"]
                },
                "cost": {"type": "object"},
                "explanation": {"description": "With --explain.", "type": ["object", "null"]},
                "tries": {"description": "Tries before the last one, where there were any: when, and why each was not the last.", "type": "array"}
              }
            },
            "evidence": {
              "type": "object",
              "required": ["record", "path", "value", "text", "node", "start", "end", "box", "method", "score", "transform"],
              "properties": {
                "record": {"type": "integer", "minimum": 0},
                "path": {"description": "RFC 6901 pointer of the leaf in its record.", "type": "string", "pattern": "^/"},
                "value": {"description": "The leaf's value."},
                "text": {"description": "Exactly what stands there.", "type": "string"},
                "node": {"description": "Child indices from the document, with #shadow and #frame steps.", "type": "string", "minLength": 1},
                "start": {"description": "Unicode scalars into the node's visible text, the attribute, or the JSON text at pointer.", "type": "integer", "minimum": 0},
                "end": {"type": "integer", "minimum": 0},
                "attribute": {"type": "string"},
                "pointer": {"type": "string"},
                "box": {"description": "x, y, width, height in CSS pixels.", "type": ["array", "null"], "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
                "folded": {"description": "There, and true, where the page shows it only after its reader opens the part it is in (an accordion, a tab).", "const": true},
                "method": {"enum": ["structured", "label", "matcher", "list", "model"]},
                "score": {"type": "number", "minimum": 0, "maximum": 1},
                "transform": {"description": "The function from text to value.", "type": "string"}
              }
            }
          }
        }
        """
}
