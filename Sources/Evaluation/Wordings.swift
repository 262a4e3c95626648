// What the field names of known sets mean, in the words that a person would use. The matcher was measured with these; a name without an
// entry is asked as it stands, with spaces for "_".

enum Wordings {
    /// Field name → wording, by set. Fields of these sets that are not listed are not asked: their labels are no text of the page
    /// (currencies as codes, stock as "InStock", first words of a body).
    static let bySet: [String: [String: String]] = [
        "contacts": [
            "org": "organization", "per": "person name", "func": "job title", "tel": "telephone", "fax": "fax", "email": "email",
            "street": "street address", "city": "city", "state": "state", "zipcode": "zip code", "country": "country",
            "hours": "opening hours",
        ],
        "recipes": [
            "title": "title", "author": "author", "yields": "servings yield", "description": "description", "site_name": "site name",
            "category": "category", "cuisine": "cuisine", "ingredients": "ingredients", "instructions_list": "instructions",
            "keywords": "keywords",
        ],
        "articles": ["title": "title", "date": "publication date", "authors": "authors", "body_paragraphs": "body paragraphs"],
        "articles_meta": [
            "title": "title", "author": "author", "date_published": "date published", "dek": "sub-headline (dek)",
            "lead_image_url": "lead image url",
        ],
        "products": ["price": "price", "sku": "sku", "brand": "brand", "gtin": "gtin", "mpn": "mpn"],
        "realestate": [
            "country": "country", "title": "title", "price_string": "price", "count_bedrooms": "bedrooms", "count_bathrooms": "bathrooms",
            "latitude": "latitude", "longitude": "longitude", "reference": "reference", "postal_code": "postal code", "city": "city",
            "region": "region", "address_string": "address", "property_type": "property type", "description": "description",
            "main_image_url": "main image url", "constructed_area": "constructed area", "agent_name": "agent name",
            "agent_company": "agent company", "year_construction": "year of construction",
        ],
    ]

    /// Fields that hold many values, by set.
    static let lists: [String: Set<String>] = [
        "recipes": ["ingredients", "instructions_list", "keywords"],
        "articles": ["authors", "body_paragraphs"],
        "contacts": Set(bySet["contacts", default: [:]].keys),
    ]

    /// Sets whose lists of labels are values of which any will do.
    static let setsOfAlternatives: Set<String> = ["swde", "products", "bananalyzer", "bananalyzer_synth"]

    /// Sets where an empty label says that the page has no such value; elsewhere it says nothing.
    static let setsThatSayAbsence: Set<String> = ["swde", "bananalyzer", "bananalyzer_synth"]

    /// Labels that state what an annotator concluded, not what stands on the page.
    static let unscored: [String: Set<String>] = ["bananalyzer": ["role"]]
}
