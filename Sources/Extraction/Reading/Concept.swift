/// Things that fields ask for under many names. The matcher learned with these lists; they are its eyes, not a vocabulary of prompts.
enum Concept: String, CaseIterable {
    case title, price, date, phone, fax, email, author, description, image, url, company, location, address, zip, state, country, count
    case geo, id, rating, ingredients, instructions, site, keywords, category, yield, time, hours, body

    struct Vocabulary {
        /// Words of a field that mean this.
        var triggers: Set<UInt64>
        /// Words of labels, attributes and keys that mean this.
        var synonyms: Set<UInt64>
        var types: [TextType]

        init(_ triggers: String, _ synonyms: String = "", _ types: [TextType] = []) {
            self.triggers = Vocabulary.stems(triggers)
            self.synonyms = Vocabulary.stems(synonyms)
            self.types = types
        }

        private static func stems(_ words: String) -> Set<UInt64> {
            Set(words.split(separator: " ").map { Words.hash(ofStem: Array($0.utf8)) })
        }
    }

    var vocabulary: Vocabulary { Concept.vocabularies[self] ?? Vocabulary("") }

    private static let vocabularies: [Concept: Vocabulary] = [
        .title: Vocabulary("title headline name model heading", "title headline name heading h1 productname"),
        .price: Vocabulary("price cost amount msrp", "price cost amount msrp saleprice ourprice offer", [.price, .number]),
        .date: Vocabulary(
            "date posted published datetime day", "date posted published datepublished pubdate time created publish", [.date, .hasDate]),
        .phone: Vocabulary("phone telephone tel mobile", "phone telephone tel call mobile ph p t", [.phone]),
        .fax: Vocabulary("fax"),
        .email: Vocabulary("email mail", "email mail mailto", [.email]),
        .author: Vocabulary("author authors writer byline by", "author authors byline writer by creator", [.name]),
        .description: Vocabulary(
            "description dek summary content about",
            "description desc summary excerpt about overview content deck dek subtitle", [.long, .middle]),
        .image: Vocabulary("image photo picture", "image img photo picture og thumbnail", [.url]),
        .url: Vocabulary("url link website", "url link href website", [.url]),
        .company: Vocabulary(
            "company organization employer manufacturer brand publisher agency",
            "company organization org employer hiring manufacturer brand make publisher"),
        .location: Vocabulary("location city place", "location city place address locality where"),
        .address: Vocabulary("address street", "address street adr streetaddress location"),
        .zip: Vocabulary("zip postal zipcode postcode", "zip postal postcode postalcode zipcode", [.zip, .number]),
        .state: Vocabulary("state region province", "state region province addressregion"),
        .country: Vocabulary("country"),
        .count: Vocabulary(
            "bedrooms bathrooms count parking comments votes views reviews",
            "bedrooms beds bed bathrooms baths bath parking comments votes views reviews", [.number, .numberWithUnit]),
        .geo: Vocabulary("latitude longitude", "latitude longitude lat lng lon geo", [.number]),
        .id: Vocabulary(
            "sku mpn gtin isbn reference id code upc",
            "sku mpn gtin isbn isbn13 reference ref id code upc item number no model", [.code, .number]),
        .rating: Vocabulary("rating"),
        .ingredients: Vocabulary("ingredients ingredient", "ingredients ingredient recipeingredient"),
        .instructions: Vocabulary(
            "instructions steps directions method",
            "instructions instruction steps step directions method preparation recipeinstructions", [.long, .middle]),
        .site: Vocabulary("site publisher", "site sitename publisher application"),
        .keywords: Vocabulary("keywords tags", "keywords tags keyword tag"),
        .category: Vocabulary("category genre type cuisine", "category genre type cuisine section food categories genres"),
        .yield: Vocabulary(
            "yield servings serves yields", "yield servings serves yields makes portions recipeyield", [.number, .numberWithUnit]),
        .time: Vocabulary("time duration", "time duration"),
        .hours: Vocabulary("hours"),
        .body: Vocabulary("body paragraphs article text", "body articlebody content text", [.long, .middle]),
    ]
}
