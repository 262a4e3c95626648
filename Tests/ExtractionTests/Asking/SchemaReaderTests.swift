import Documents
import Extraction
import Testing

@Suite struct SchemaReaderTests {
    /// Objects, arrays, formats, enums, required and descriptions become fields.
    @Test func readsASchema() throws {
        let request = try SchemaReader.read(
            """
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["name"],
             "properties": {
               "name": {"type": "string", "description": "what it is called", "minLength": 2},
               "price": {"type": "object", "properties": {"amount": {"type": "string"}, "currency": {"type": ["string", "null"]}}},
               "rating": {"type": ["number", "null"], "minimum": 0, "maximum": 5},
               "reviews": {"type": "integer"},
               "link": {"type": "string", "format": "uri"}, "logo": {"type": "string", "format": "uri"},
               "since": {"type": "string", "format": "date"}, "takes": {"type": "string", "format": "duration"},
               "mail": {"type": "string", "format": "email"}, "open": {"type": "boolean"},
               "state": {"enum": ["new", "used"]}, "kind": {"const": "book"},
               "tags": {"type": "array", "items": {"type": "string"}},
               "seller": {"$ref": "#/$defs/seller"},
               "offers": {"type": "array", "items": {"$ref": "#/$defs/seller"}, "maxItems": 3},
               "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null, "title": "A note"}},
             "$defs": {"seller": {"type": "object", "properties": {"name": {"type": "string"}, "city": {"type": "string"}}}}}
            """)
        #expect(!request.many && request.isManyStated && request.wrapper == nil)
        #expect(
            FieldsLine.text(
                of: ExtractionRequest(
                    many: false,
                    fields: request.fields.map {
                        var field = $0
                        field.description = nil
                        return field
                    }))
                == "one: name, price:money, rating:number, reviews:number, link:url, logo:image, since:date, takes:duration, mail:email, open:boolean, state, kind, tags:[text], seller:{name, city}, offers:[name, city], note"
        )
        #expect(request.fields[0].isRequired && request.fields[0].description == "what it is called")
        #expect(request.fields[2].limits.maximum == 5)
        #expect(request.fields[3].limits.isInteger)
        #expect(request.fields[10].choices == ["new", "used"])
        #expect(request.fields[15].description == "A note")
    }

    /// An array of objects is many, also as the only property of an object, whose name is kept.
    @Test(arguments: [
        (#"{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}"#, true, nil),
        (
            #"{"type":"object","properties":{"jobs":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}}}"#,
            true, "jobs"
        ),
        (#"{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}}}}"#, false, nil),
        (#"{"properties":{"a":{"type":"string"}}}"#, false, nil),
        (##"{"$ref":"#/definitions/J","definitions":{"J":{"type":"array","items":{"properties":{"a":{"type":"string"}}}}}}"##, true, nil),
    ])
    func tellsOneFromMany(schema: String, many: Bool, wrapper: String?) throws {
        let request = try SchemaReader.read(schema)
        #expect(request.many == many)
        #expect(request.wrapper == wrapper)
    }

    /// Properties without the object around them are understood, with the types people invent.
    @Test func readsABarePropertyMap() throws {
        let request = try SchemaReader.read(#"{"url": {"type": "url"}, "phone": {"type": "phone_number"}, "pay": {"type": "currency"}}"#)
        #expect(request.fields.map(\.type) == [.url, .phone, .money])
        #expect(!request.isManyStated)
    }

    /// What isn't supported is named by its place.
    @Test(arguments: [
        (#"{"type":"object","properties":{"x":{"oneOf":[{"type":"string"},{"type":"number"}]}}}"#, "#/properties/x/oneOf"),
        (#"{"type":"object","properties":{"x":{"anyOf":[{"type":"string"},{"type":"number"}]}}}"#, "#/properties/x/anyOf"),
        (#"{"type":"object","properties":{"x":{"allOf":[{"type":"string"},{"minLength":1}]}}}"#, "#/properties/x/allOf"),
        (#"{"type":"object","properties":{"x":{"not":{"type":"string"}}}}"#, "#/properties/x/not"),
        (#"{"type":"object","properties":{"a/b":{"type":"string","pattern":"^x"}}}"#, "#/properties/a~1b/pattern"),
        (#"{"type":"object","properties":{"x":true}}"#, "#/properties/x"),
        (#"{"type":"object","properties":{"x":{"type":["string","number"]}}}"#, "#/properties/x/type"),
        (#"{"type":"object","properties":{"x":{"enum":[1,2]}}}"#, "#/properties/x/enum"),
        (#"{"type":"object","properties":{"x":{"$ref":"other.json"}}}"#, "#/properties/x/$ref"),
        (
            #"{"type":"object","properties":{"x":{"type":"object","additionalProperties":{"type":"string"}}}}"#,
            "#/properties/x/additionalProperties"
        ),
        (#"{"type":"array","items":{"type":"string"}}"#, "#/items"),
        (#"{"type":"string"}"#, "#/type"),
        (##"{"type":"object","properties":{"x":{"$ref":"#"}}}"##, "#/properties/x/$ref"),
        (
            ##"{"type":"object","properties":{"x":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
            "#/$defs/b/$ref"
        ),
        (
            ##"{"type":"object","properties":{"x":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}}}}}"##,
            "#/$defs/n/properties/n/$ref"
        ),
    ])
    func namesWhatIsNotSupported(schema: String, pointer: String) {
        do {
            _ = try SchemaReader.read(schema)
            Issue.record("\(schema) was read")
        } catch {
            #expect(error.code == .schemaNotSupported)
            #expect(error.pointer == pointer, "\(error)")
            #expect(error.message.contains(pointer))
        }
    }

    /// What is no schema at all is told with its place, down to line and column for broken JSON.
    @Test(arguments: [
        ("{\n  \"type\": \"object\",\n  oops\n}", "line 3, column 3"), ("[]", "#"),
        (#"{"type":"object","properties":{}}"#, "no properties"),
        (#"{"type":"object"}"#, "no properties"), (#"{"type":"array"}"#, "no items"),
        (#"{"type":"object","required":["y"],"properties":{"x":{"type":"string"}}}"#, "\"y\" is required"),
        (#"{"type":"object","properties":{"x":{"type":"money"}}}"#, "#/properties/x/type"),
        (##"{"type":"object","properties":{"x":{"$ref":"#/$defs/none"}}}"##, "leads nowhere"),
        (#"{"type":"object","properties":{"x":{"type":"number","minimum":"a"}}}"#, "#/properties/x/minimum"), ("", "ends too early"),
    ])
    func namesWhatIsWrong(schema: String, words: String) {
        do {
            _ = try SchemaReader.read(schema)
            Issue.record("\(schema) was read")
        } catch {
            #expect(error.message.contains(words), "\(error)")
        }
    }

    /// References that double at each level end with an error instead of filling the memory.
    @Test func refusesSchemasThatGrow() {
        var definitions: [String] = []
        for level in 0..<30 {
            definitions.append(
                "\"l\(level)\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/l\(level + 1)\"},\"b\":{\"$ref\":\"#/$defs/l\(level + 1)\"}}}"
            )
        }
        definitions.append("\"l30\":{\"type\":\"string\"}")
        let schema = "{\"$ref\":\"#/$defs/l0\",\"$defs\":{" + definitions.joined(separator: ",") + "}}"
        #expect(throws: AskError.self) { try SchemaReader.read(schema) }
    }

    /// Bounds outlive the form in which requests are stored.
    @Test func storesBounds() throws {
        let request = try SchemaReader.read(
            #"{"type":"object","properties":{"n":{"type":"integer","minimum":1,"exclusiveMaximum":6},"t":{"type":"array","items":{"type":"string"},"maxItems":3,"uniqueItems":true}}}"#
        )
        for field in request.fields { #expect(Field.Limits(json: try #require(field.json["limits"])) == field.limits) }
    }

    /// Records are checked against types, required values, choices and bounds, each violation at its pointer.
    @Test func checksRecords() throws {
        let request = try SchemaReader.read(
            """
            {"type": "object", "required": ["name", "offers"], "additionalProperties": false, "properties": {
              "name": {"type": "string", "maxLength": 4}, "state": {"enum": ["new", "used"]}, "stars": {"type": "integer", "minimum": 1, "exclusiveMaximum": 6},
              "offers": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["price"], "properties": {"price": {"format": "money", "type": "object"}}}}}}
            """)
        func violations(_ text: String) throws -> [String] {
            RecordCheck.violations(of: try JSON(parsing: text), in: request).map(\.path)
        }
        #expect(try violations(#"{"name":"a","state":"new","stars":5,"offers":[{"price":{"amount":"1.50","currency":"EUR"}}]}"#).isEmpty)
        #expect(try violations(#"{"name":null,"offers":[]}"#) == ["/name", "/offers"])
        #expect(
            try violations(#"{"name":"abcde","state":"old","stars":6,"offers":[{"price":null}],"more":1}"#) == [
                "/name", "/state", "/stars", "/offers/0/price", "/more",
            ])
        #expect(try violations(#"{"name":"a","stars":1.5,"offers":[{"price":{"amount":1}}]}"#) == ["/stars", "/offers/0/price"])
        #expect(try violations(#"[]"#) == [""])
    }
}
