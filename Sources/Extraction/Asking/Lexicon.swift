/// What the words of a prompt do in its sentence.
enum Role: Sendable, Hashable {
    /// each, every
    case each
    /// all
    case all
    /// with, including: what follows are fields of what stands before
    case with
    case and
    /// of: what follows owns what stands before
    case of
    /// for, from, on: may introduce the entity
    case from
    /// the, a, its, their
    case article
    /// this: one record
    case this
    /// Says what to do, not what about: extract, please, give me
    case filler
    /// Asks: what, who, when
    case question
    /// as, in: a format follows
    case form
}

/// Words and what they mean, as data. English here, other languages in `Lexicon+Languages.swift`.
/// Keys are folded (`Token.key`); phrases are joined by a space.
struct Lexicon: Sendable {
    var roles: [String: Role] = [:]
    /// Type by the head word or the whole phrase of a field's name.
    var types: [String: FieldType] = [:]
    /// Plural nouns of a language without regular plurals in `s`, and inflected forms, to the form that names the field.
    var bases: [String: String] = [:]
    /// The head of a noun phrase is its last word (job title), not its first (titre du poste).
    var isHeadLast = true
    /// What a record's own name is called in this language.
    var naming = "name"
    /// Endings that decide the type of compounds (Eintrittspreis).
    var endings: [(ending: String, type: FieldType)] = []
    /// Words of the language that begin a condition.
    var conditions: Set<String> = []
    var usesUmlauts = false
    /// Words that tell the language from others.
    var marks: Set<String> = []

    static func words(_ text: String) -> [String] { text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init) }
    static func set(_ text: String) -> Set<String> { Set(words(text)) }
    static func phrases(_ text: String) -> Set<String> {
        Set(
            text.split(separator: ",").map {
                words(String($0)).joined(separator: " ")
            })
    }

    mutating func add(_ role: Role, _ text: String) { for word in Lexicon.words(text) { roles[word] = role } }
    mutating func add(_ type: FieldType, _ text: String) { for phrase in Lexicon.phrases(text) { types[phrase] = type } }

    static let english: Lexicon = {
        var it = Lexicon()
        it.add(.each, "each every")
        it.add(.all, "all any")
        it.add(.with, "with including incl include includes having containing showing featuring w")
        it.add(.and, "and & plus also then")
        it.add(.of, "of")
        it.add(.from, "for from on in across within at")
        it.add(.article, "the a an its their his her your our these those some both my full-list")
        it.add(.this, "this")
        it.add(
            .filler,
            """
            extract get scrape grab fetch collect pull find list show give provide return output retrieve gather capture parse crawl
            harvest fetch export download identify read take obtain compile build make create produce generate display print pick tell
            send want need needs require would like love please pls plz kindly can could you me us i im id ill we lets just now us hi
            hello hey thanks thank looking interested try help to so do should must here there see know have only-the out up as-follows
            following below namely specifically particular basically simply ok okay well um uh yo go through look visit open
            check extracting getting scraping collecting will gimme lemme wanna gonna u ur
            """)
        it.add(.question, "what who whom whose when where which how why")
        it.add(.form, "as into")

        it.add(
            .money,
            """
            price, cost, salary, fee, amount, wage, pay, rent, fare, budget, revenue, turnover, income, profit, tuition, compensation,
            subtotal, msrp, rrp, net worth, valuation, funding, bid, payment, premium, deposit, nightly rate, hourly rate, daily rate,
            room rate, day rate, monthly rate, market cap, market capitalization, balance, tax, earnings, charge, box office, donation,
            pledge, prize money, prize, bounty, mortgage, expense, investment, dividend, surcharge, price tag, pricing, postage,
            shipping, sale value, savings, gross, worth, grant, ticket, list, total due, price per night, spend, debt, loan, tip, line total, order total, grand total, total price, monthly, amount due, price range low, net income, cash, market value, contract value, deal value, order value, property value, estimated value, book value, stake, msrp price
            """)
        for word in ["list", "gross", "ticket", "total", "tip"] { it.types[word] = nil }
        it.add(
            .number,
            """
            rating, score, star, stars, count, quantity, qty, review, vote, upvote, downvote, like, view, download, point, rank, ranking,
            population, age, percentage, percent, page, bedroom, bathroom, bed, bath, room, seat, employee, follower, subscriber,
            attendance, mileage, sqft, year, calorie, kcal, serving, servings, yield, number, episode number, page number, jersey number,
            chapter number, season number, shirt number, squad number, temperature, humidity, capacity, credit, unit, goal, assist, win,
            loss, draw, gold, silver, bronze, total, ratio, volume, fork, square meter, square metre, square foot, square feet, sq ft, sqm,
            m2, latitude, longitude, lat, lng, lon, hit, click, impression, share, retweet, install, play, stream, citation, review count,
            medal, headcount, vacancy count, watcher, contributor count, issue count, reply count, comment count, odds, elevation,
            altitude, word count, horsepower, megapixels, position number, floor number, build year, founding year, release year, model
            year, birth year, publication year, vintage, abv, ibu, played, points, touchdown, rebound, steal, block, parking space,
            bedrooms, metacritic, discount percent, discount percentage, interest rate, growth rate, exchange rate, apr, apy, success rate,
            reviews, num, nr, years, months, weeks, days, games, matches, minutes, hours, appearances, rooms, units, seats, number of rooms, answer, reaction, view count, member, guest count, stargazer, average, magnitude, depth, lap, bpm
            """)
        for word in ["room", "unit", "seat", "block", "play", "share", "average", "depth", "unit price", "member", "stream", "answer"] {
            it.types[word] = nil
        }
        it.add(
            .date,
            """
            date, dates, deadline, published, posted, updated, released, created, modified, born, died, birthday, birthdate, due, expiry,
            expiration, datetime, timestamp, published on, posted on, published at, posted at, created at, updated at, last updated, last
            modified, last update, date posted, date published, date added, date listed, time posted, posting time, publication time,
            posted time, founded, established, date of birth, date and time, listed on, closing, dob, opening day, pubdate, published time, publish time, update time, created time, time published, available from, available since, start, end, term start, term end, begin, publish
            date, last seen, joined, expires, valid until, release, when, departure date, ended, started, starts, ends, day, updated on,
            date created, date updated, date modified, decision date, filed, submitted, last commit, launch, launched, start date, end date
            """)
        for word in ["release", "day", "launch", "closing", "due"] { it.types[word] = nil }
        it.add(
            .duration,
            """
            duration, length, runtime, run time, running time, cook time, cooking time, prep time, preparation time, total time, baking
            time, reading time, read time, travel time, waiting time, wait time, delivery time, lead time, time needed, playing time, play
            time, flight time, bake time, time required, active time, rest time, resting time, chill time, response time, processing time,
            journey time, flight duration, playtime, time to read, time to cook, ready in, commute time
            """)
        it.add(
            .url,
            """
            url, link, website, homepage, webpage, href, uri, permalink, hyperlink, web site, web page, web address, home page, site url,
            linkedin, twitter, facebook, instagram, github, youtube, linkedin profile, twitter profile, facebook page, github profile,
            twitter handle url, landing page, source url, tiktok, src, web link, weblink, pdf, linkedin page, detail page, apply here,
            video url, repo, profile page, product page, official site, company site
            """)
        for word in ["pdf", "repo"] { it.types[word] = nil }
        it.add(
            .image,
            """
            image, photo, picture, logo, thumbnail, avatar, icon, cover, headshot, portrait, poster, screenshot, img, pic, banner, image
            url, photo url, picture url, logo url, thumbnail url, avatar url, image link, photo link, picture link, poster url, icon url,
            cover url, image src, cover art, album art, artwork, cover image, thumb, photograph, profile photo, product shot, img url,
            image source, image address, logo link, photo src, headshot url, cover link, poster link, thumbnail link, img src, mugshot
            """)
        it.add(.email, "email, mail, email address, mail address, contact email, e mail, mailto, emailadress, e mail address")
        it.add(
            .phone,
            """
            phone, telephone, tel, mobile, cell, fax, phone number, telephone number, tel number, mobile number, cell number, fax number,
            contact number, hotline, whatsapp, cellphone, cell phone, mobile phone, phone no, tel no, contact phone, landline, whatsapp
            number, phone nr, phonenumber, telephone no, phone num, toll free number, call number, telefone
            """)
        it.types["call number"] = nil
        it.add(.address, "address, street address, mailing address, postal address, full address, office address, shipping address")
        it.add(
            .boolean,
            """
            in stock, available, on sale, sold out, out of stock, remote, verified, free shipping, free trial, open now, verified
            purchase, sponsored, featured, discounted, refundable, certified, organic, gluten free, vegan, vegetarian, wheelchair accessible,
            pet friendly, pets allowed, has parking, prime eligible, bestseller badge, still available, free delivery, open, active, fully
            booked, closed, remote friendly, remote possible, sale, furnished, dog friendly, kid friendly, family friendly, smoking allowed,
            parking available, breakfast included, free cancellation, halal, kosher, tax included, free wifi, has discount, instock,
            is remote, is new, availability status flag, open source, visa sponsorship, sign language, recyclable, waterproof, negotiable,
            answered, resolved, accepted, archived, deprecated, balcony, pinned, hybrid, online, sold
            """)
        for word in ["open", "sale", "online", "hybrid", "closed", "sold", "accepted"] { it.types[word] = nil }
        it.add(
            .list,
            """
            tags, ingredients, features, keywords, categories, genres, skills, requirements, benefits, languages, steps, instructions,
            directions, amenities, topics, allergens, highlights, qualifications, responsibilities, hashtags, perks, facilities, toppings,
            tracklist, cast, bullet points, key features, bullets, specialties, specialities, attributes, subjects, synonyms, toc,
            subtopics, pros, cons, tech stack, technologies, awards, materials, symptoms, side effects, prerequisites, labels, breadcrumbs,
            breadcrumb, starring, method steps, table of contents, tag list, ingredient list, specs, specifications, bullet list, variants,
            key takeaways, takeaways, learning objectives, learning outcomes, co authors, coauthors, tasks, duties, integrations
            """)
        it.marks = Lexicon.set(
            """
            the and of each every with for all from name price title list get extract page this what who how is are that in by link product
            products me rating address give
            """)
        return it
    }()
}

// MARK: - English beyond roles and types

extension Lexicon {
    /// Names for types, as people write them in brackets, after a colon or after "as".
    static let typeNames: [String: FieldType] = {
        var out: [String: FieldType] = [:]
        for (type, text) in [
            (.text, "text, string, str, varchar, char, txt, plain text, free text, words, tekst, texte, texto, testo, chaine"),
            (
                .number,
                """
                number, int, integer, float, numeric, decimal, double, num, digits, numerical, a number, number only, numbers, numeric value,
                nombre, zahl, nummer, getal, liczba, numero, count, whole number, long, percent, percentage
                """
            ),
            (.money, "money, currency, price, monetary, amount, cash, geld, monetary amount, currency amount"),
            (.date, "date, datetime, timestamp, time stamp, day, iso date, date time, datum, fecha, iso8601, iso 8601, data, iso"),
            (.duration, "duration, timespan, time span, interval, dauer"),
            (.url, "url, link, uri, href, hyperlink, absolute url, web address, full url, absolute link"),
            (.image, "image, picture, photo, img, image url, photo url"),
            (.email, "email, mail, email address"),
            (.phone, "phone, telephone, tel, phone number"),
            (.address, "address, postal address"),
            (
                .boolean,
                """
                boolean, bool, yes no, true false, y n, yes or no, true or false, flag, ja nein, oui non, si no, 0 1, yesno, t f, sim nao,
                tak nie, ja nee, ja nej
                """
            ),
            (
                .list,
                """
                list, array, multiple, list of strings, array of strings, string array, lists, several, multiple values, list of text, liste,
                lista, comma separated, comma separated list, bullet list, can be multiple, multi, a list, one or more, plural, many, lijst
                """
            ),
        ] as [(FieldType, String)] {
            for phrase in phrases(text) { out[phrase] = type }
        }
        return out
    }()

    /// Things that records are about: what a plural of them means is many records, and what their own name is called.
    /// A nil naming: no such field is added ("each row").
    static let entities: [String: String?] = {
        var out: [String: String?] = [:]
        for word in set(
            """
            product item hotel restaurant company person employee speaker member player team store shop laptop phone car vehicle property
            doctor lawyer agent author artist band actor museum school university college hospital clinic branch location office
            department category brand seller vendor startup business event conference concert festival venue recipe dish drink cocktail
            exhibitor sponsor partner client customer candidate politician senator professor teacher student researcher staff developer
            maintainer contributor repository repo package library tool app game plugin extension plan tier room wine beer coffee tea
            stock coin token fund etf plant animal species park trail beach attraction tour trip cruise airline airport station
            device gadget camera tv monitor printer shoe dress shirt toy book-club charity foundation institution agency
            organization organisation contact people service course-provider trainer coach driver rider horse club league mountain river
            lake planet star satellite building tower bridge castle church cafe bar pub bakery supermarket pharmacy dentist gym salon
            warehouse factory supplier manufacturer distributor dealer apartment-complex retailer judge attorney physician therapist
            nurse colleague founder investor director executive exec leader chef host hostel resort campground campsite villa dog cat
            pet puppy breed medicine drug ingredient-brand element material color font theme template channel podcast community forum
            subreddit tournament race stage lift slope exhibition exhibit program programme degree major scholarship internship-program
            fellowship bank card account municipality village faculty lab institute ship boat motorcycle bike bicycle tent backpack
            watch headphone keyboard mouse tablet smartphone console appliance fridge sofa chair table-lamp lamp mattress perfume
            project pizza burger sandwich starter dessert entree appetizer meal voucher coupon
            """)
        { out[word] = "name" }
        for word in set(
            """
            book movie film article post story paper publication job position posting vacancy opening role offer internship video song
            episode thread question topic document report news talk lecture session webinar course lesson class announcement ad advert
            advertisement listing-title issue ticket-title bill law regulation case opinion press-release release blog workshop seminar
            album single track magazine journal thesis study tutorial guide show series painting artwork photo-essay newsletter
            tender grant opportunity deal page-title result
            """)
        { out[word] = "title" }
        for word in set(
            """
            row record entry result listing flight apartment house home rental flat condo review comment transaction match fixture game
            ticket one thing link element line card offering object order invoice purchase sale bid auction departure arrival connection
            train bus score rating price unit reading measurement quote-request testimonial rate estate real-estate villa-rental
            """)
        { out[word] = .some(nil) }
        for word in ["result", "deal"] { out[word] = .some(nil) }
        out["game"] = "name"
        out["home"] = .some(nil)
        return out
    }()

    /// Nouns that name a whole record and are at the same time its field ("each country with its capital").
    static let selves: Set<String> = set(
        """
        quote question headline ingredient country city state word term headword definition step price link url email image photo title name
        question-text symbol ticker keyword tag heading subject phrase street region province capital language section chapter year
        date role-name username hashtag isbn sku rank address phone number
        """)

    /// Nouns that say nothing about what is asked for.
    static let generic: Set<String> = set(
        """
        data info information detail details everything anything something stuff thing things content contents item-data page pages site
        website webpage websites html text-content field fields column columns key keys attribute attributes property-list value values
        following result-set table list lists array json csv xml markdown excel spreadsheet sheet object objects output format dataset record
        records row rows entries entry results listing listings it them one ones all each insights facts useful important relevant
        available-info world there everyone guys magic job-done job stuffs bunch set total-list schema url-list web whole entire
        pairs tuples triples dictionary dict database overview one-by-one summary-table file tabular form structured json-object main
        """
    ).subtracting(["job", "main", "entries", "listing", "listings", "results"])

    /// Work we don't do; a prompt that begins with one of them is not understood.
    static let otherWork: Set<String> = set(
        """
        summarize summarise translate write rewrite explain describe analyze analyse compare predict recommend suggest sing draw paint
        compose imagine pretend roleplay ignore hack delete remove login log click buy order book-me calculate solve debug code answer
        paraphrase classify poem joke tell-me-about criticize critique brainstorm draft proofread improve fix refactor draw
        zusammenfassen ubersetze ubersetzen resume traduis traduire traduce traducir resumen resumir riassumi traduci resuma traduza vertaal
        samenvatten przetlumacz stresc oversatt sammanfatta schreibe ecris escribe scrivi escreva
        """)

    /// Adjectives that choose records ("remote jobs"). Longest first when read.
    static let choosing: Set<String> = phrases(
        """
        remote, in stock, discounted, sold out, on sale, vegan, vegetarian, gluten free, full time, part time, upcoming, free, paid, used,
        second hand, refurbished, open source, senior, junior, entry level, active, live, past, featured, sponsored, verified, unread,
        unsold, available, halal, kosher, organic, local, foreign, female, male, pet friendly, furnished, new, freelance, hybrid,
        permanent, temporary, out of stock, non stop, nonstop, direct, future, recent, trending, cheap, expensive, five star, four star,
        5 star, 4 star, 3 star, best selling, bestselling, highly rated, top rated, reduced, clearance, unfurnished, retired, onsite, on site
        """)
    /// Of those, the ones that only say what kind of list it is.
    static let ordering: Set<String> = set(
        "latest newest recent top best cheapest most popular first last trending featured current new main oldest biggest largest")

    /// Words that begin a condition after a noun.
    static let conditionStarts: Set<String> = set(
        """
        under over below above less more cheaper fewer greater higher lower larger smaller older younger newer between costing priced
        rated posted published released dated listed-since added updated created located based that which who whose where only except
        excluding without not under before after since until by near within around from in at starting ending happening taking offering
        written directed made produced sold available tagged named called matching about made-by up exceeding made-in for longer shorter
        earlier later during because no worth
        """)

    /// Words after which nothing but the place of the data follows ("on this page").
    static let placeNouns: Set<String> = set(
        """
        page pages site website webpage homepage table list listing screen section results front catalog catalogue above below here following
        document directory url link html webpage's store's results-page sidebar grid feed category-page json csv shop overview web index
        """)

    static let units: Set<String> = set(
        """
        m eur usd gbp chf euro euros dollar dollars pound pounds sek nok dkk pln zl zloty cad aud jpy yen inr rupees cents minutes minute min
        mins hours hour hrs seconds secs days km km2 m2 sqm sqft meters metres miles kg grams g lb lbs cm mm inches celsius fahrenheit gb tb mb
        percent bucks k brl real reais kr kronor huf czk mph kmh mpg watt watts inch feet ft acres hectares ha years months weeks stars square
        """)
    static let durationUnits: Set<String> = set("minutes minute min mins hours hour hrs seconds secs minuten stunden minuti minutos")
    static let currencies: [String: String] = [
        "eur": "EUR", "euro": "EUR", "euros": "EUR", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "gbp": "GBP",
        "pound": "GBP", "pounds": "GBP", "chf": "CHF", "sek": "SEK", "kronor": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN",
        "zl": "PLN", "zloty": "PLN", "zlotych": "PLN", "cad": "CAD", "aud": "AUD", "jpy": "JPY", "yen": "JPY", "inr": "INR",
        "rupees": "INR", "brl": "BRL", "reais": "BRL", "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN",
    ]

    /// Nouns in `s` that are no plurals, or whose plural is the name of the field.
    static let steady: Set<String> = set(
        """
        address status news series species business class hours details sales notes basis bus gas lens pass press process access analysis
        price-s odds stats statistics diagnosis gps sms ios css cms always yes this its his us is was as plus less success progress express
        business fitness wellness illness address canvas atlas campus bonus virus census consensus genus corpus focus locus syllabus
        apparatus nexus abacus radius servings terms conditions cons pros mathematics physics economics politics logistics electronics goods
        headquarters premises savings earnings proceeds thanks remarks kudos whereabouts sqs sex tax awareness witness mattress dress
        boss loss cross glass grass brass mass kiss miss bliss illness fortress compress congress ceo's sous chassis thesis hypothesis crisis
        oasis emphasis synopsis parenthesis means corps debris opening-hours followers-s measurements dimensions coordinates specs text-s
        standings contents logistics maps alias bias comments-s
        """)

    /// Words that are no slips of the field words they resemble.
    static let lookalikes: Set<String> = set(
        """
        county action auction casting resort statute stature statue beard trial trail marital martial prince principle causal casual patent
        patient lesson costume custom tutor route factor contract context contest amount account source salaries locale ration ratio
        notion motion caption option portion mission versions prices prize prices pricey dateline titled label labels level levers stages
        tables table times tiers steps strategy branch brunch grant grants grade grades rates raters lines links likes lifts lists cities
        states starts status stats sites sides sizes names games teams terms items images pages stage range orange change charge angle
        model modal motel medal metal rental mental dental local focal vocal total quota quote quotes queue value valve volume column
        colon cover clover plane planet plans plates place palace police policy party parts parks prank brand brands bands blend board
        boards broad bread tread trend trade trades train trains drain brain grain print points joints pints paint paints
        """)

    /// Common slips of the shortest words, which edit distance must not touch.
    static let slips: [String: String] = [
        "teh": "the", "adn": "and", "nad": "and", "hte": "the", "fro": "for", "evry": "every", "eahc": "each", "wiht": "with",
        "wtih": "with", "fo": "of", "al": "all", "nmae": "name", "naem": "name", "lsit": "list", "lnik": "link", "pirce": "price",
        "prcie": "price", "pice": "price", "titel": "titel", "tilte": "title", "adress": "address", "addres": "address",
        "adresses": "addresses", "emial": "email", "e-mial": "email", "fone": "phone", "phne": "phone", "thier": "their", "ther": "their",
        "descripton": "description", "desciption": "description", "recieve": "receive", "jsut": "just", "plase": "please",
        "pleae": "please", "pelase": "please", "rateing": "rating", "raiting": "rating", "wich": "which", "loaction": "location",
    ]
}
