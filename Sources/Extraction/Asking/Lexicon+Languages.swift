/// Plain lists in other languages: the words that hold a sentence together, and the nouns that tell a type. A language is
/// recognised by its words; names stay in the language. What English has (links, e-mail) is understood in each of them.
extension Lexicon {
    static let german: Lexicon = {
        var it = Lexicon()
        it.add(.each, "jedes jede jeden jeder jedem je")
        it.add(.all, "alle alles aller allen saemtliche samtliche samtlicher")
        it.add(.with, "mit inklusive inkl samt einschliesslich sowie-mit nebst")
        it.add(.and, "und sowie plus")
        it.add(.of, "von des der vom")
        it.add(.from, "fur von aus auf bei zu zum zur im in")
        it.add(.article, "das die der den dem des ein eine einen einer eines ihre ihren ihrem ihr sein seine seinen deren dessen dazu")
        it.add(.this, "dieses diese dieser diesem diesen")
        it.add(
            .filler,
            """
            zeige zeig gib liste hole hol extrahiere finde suche bitte ich mir uns mochte brauche will wir benotige nenne sammle lade such
            extrahieren auflisten finden anzeigen ausgeben gerne hallo danke hatte kannst du konntest mal einfach aufzahlen haben holen
            jeweils sind es gibt folgende folgenden folgendes ist betragt hoch lautet heisst auslesen lies erfasse erstelle
            """)
        it.add(.question, "was wer wie wo wann welche welches welcher welchen wieviel wieviele")
        it.add(.form, "als")
        it.add(
            .money,
            "preis, gehalt, kosten, gebuhr, miete, betrag, lohn, umsatz, kaltmiete, warmmiete, eintritt, kaution, streichpreis, verdienst, uvp, provision, honorar"
        )
        it.add(
            .number,
            """
            bewertung, note, anzahl, zimmer, sterne, menge, bewertungen, jahr, baujahr, alter, punkte, seiten, zimmerzahl, seitenzahl, platz,
            rang, kilometerstand, einwohner, tore, erscheinungsjahr, quadratmeter, ps, portionen, aufrufe, nummer, leistung, kalorien, wohnflache
            """)
        it.types["nummer"] = nil
        it.types["leistung"] = nil
        it.types["platz"] = nil
        it.types["wohnflache"] = nil
        it.add(
            .date,
            "datum, termin, frist, erscheinungsdatum, geburtsdatum, geburtstag, veroffentlicht, bewerbungsfrist, beginn, ende, veroffentlichung, startdatum, bewerbungsschluss"
        )
        it.add(
            .duration,
            "dauer, zubereitungszeit, laufzeit, kochzeit, spieldauer, lange, fahrzeit, lieferzeit, backzeit, lesezeit, gehzeit, spielzeit, arbeitszeit"
        )
        it.types["arbeitszeit"] = nil
        it.types["lange"] = nil
        it.add(.url, "link, webseite, website, homepage, internetseite, url, internetadresse, webadresse")
        it.add(.image, "bild, foto, logo, bild url, vorschaubild, titelbild, produktbild")
        it.add(.email, "email, mail, emailadresse, mailadresse, e mail adresse, email adresse")
        it.add(.phone, "telefon, telefonnummer, handynummer, fax, tel, mobilnummer, faxnummer, rufnummer, handy")
        it.add(.address, "adresse, anschrift, postanschrift")
        it.add(
            .boolean, "verfugbar, lieferbar, auf lager, vorratig, ausverkauft, haustiere erlaubt, moblierte, mobliert, homeoffice, vegan")
        it.add(
            .list,
            "zutaten, schritte, merkmale, schlagworte, tags, autoren, zubereitungsschritte, sprachen, kategorien, ausstattung, eigenschaften, stichworte, anforderungen, bilder, allergene, themen"
        )
        it.add(
            .text, "uhrzeit, startzeit, anfangszeit, ankunftszeit, abfahrtszeit, abfahrt, jahreszeit, beginnzeit, endzeit, verwaltungszeit")
        it.endings = [
            ("preis", .money), ("gehalt", .money), ("kosten", .money), ("gebuhr", .money), ("miete", .money), ("betrag", .money),
            ("datum", .date), ("frist", .date), ("termin", .date), ("zeit", .duration), ("dauer", .duration), ("bild", .image),
            ("foto", .image), ("link", .url), ("telefonnummer", .phone), ("handynummer", .phone), ("adresse", .address),
            ("anzahl", .number), ("bewertung", .number), ("jahr", .number), ("zahl", .number), ("website", .url), ("seite", .url),
        ]
        it.bases = [
            "preise": "preis", "namen": "name", "links": "link", "bilder": "bild", "fotos": "foto", "orte": "ort", "gehalter": "gehalt",
            "bewertungen": "bewertung", "adressen": "adresse", "telefonnummern": "telefonnummer", "uberschriften": "uberschrift",
            "preisen": "preis", "bildern": "bild", "daten": "datum", "schlagzeilen": "schlagzeile", "firmen": "firma", "orten": "ort",
            "produktnamen": "produktname", "stadte": "stadt", "marken": "marke", "beschreibungen": "beschreibung", "titeln": "titel",
            "autoren": "autor", "kategorien": "kategorie", "emailadressen": "emailadresse",
        ]
        it.conditions = Lexicon.set(
            "unter uber ab bis nach vor seit weniger mehr gunstiger billiger nur ohne zwischen in bei aus im teurer mindestens hochstens maximal ausser die-unter welche am um"
        )
        it.usesUmlauts = true
        it.marks = Lexicon.set(
            "mit und alle jedes jede jeden preis titel ort gehalt bitte wie ist des von der die das fur welche liste name zutaten datum adresse telefonnummer bewertung autor aller jeder bild firma verfugbarkeit beschreibung"
        )
        return it
    }()

    static let french: Lexicon = {
        var it = Lexicon()
        it.isHeadLast = false
        it.naming = "nom"
        it.add(.each, "chaque")
        it.add(.all, "tous toutes tout toute")
        it.add(.with, "avec incluant comprenant contenant ainsi-que y-compris")
        it.add(.and, "et ainsi")
        it.add(.of, "de du des d")
        it.add(.from, "pour dans sur parmi")
        it.add(.article, "le la les l un une leur leurs son sa ses")
        it.add(.this, "ce cet cette ces")
        it.add(
            .filler,
            "liste lister extraire extrais extrayez donne donnez moi affiche trouve recupere recuperer recuperez svp je veux voudrais merci bonjour montre s il te plait vous obtenir cherche besoin ai nous faut que est sont y a suivants suivantes lister"
        )
        it.add(.question, "quel quelle quels quelles qui quand ou combien")
        it.add(.form, "en")
        it.add(
            .money, "prix, salaire, cout, tarif, loyer, montant, frais, remuneration, cotisation, budget, chiffre d affaires, honoraires")
        it.add(
            .number,
            "note, nombre, quantite, evaluation, annee, surface, pieces, etoiles, avis, age, classement, kilometrage, nombre d avis, portions, pages, vues, rang, chambres, population, score, superficie"
        )
        it.types["surface"] = nil
        it.types["superficie"] = nil
        it.add(.date, "date, echeance, publie, date limite, publication, naissance")
        it.types["publication"] = nil
        it.add(.duration, "duree, temps, temps de cuisson, temps de preparation")
        it.add(.url, "lien, url, site, site web, site internet, page web")
        it.add(.image, "image, photo, logo, vignette, affiche")
        it.add(.email, "email, courriel, mail, adresse email, adresse mail, adresse electronique, adresse e mail")
        it.add(.phone, "telephone, numero de telephone, tel, fax, portable, mobile")
        it.add(.address, "adresse, adresse postale")
        it.add(.boolean, "disponible, en stock, en promotion, epuise, teletravail")
        it.add(
            .list,
            "ingredients, etapes, etiquettes, caracteristiques, mots cles, auteurs, langues, competences, categories, allergenes, genres, avantages"
        )
        it.bases = [
            "noms": "nom", "titres": "titre", "liens": "lien", "notes": "note", "images": "image", "photos": "photo", "dates": "date",
            "adresses": "adresse", "auteurs": "auteur", "salaires": "salaire", "villes": "ville", "descriptions": "description",
            "marques": "marque", "numeros": "numero", "entreprises": "entreprise", "tarifs": "tarif", "lieux": "lieu",
        ]
        it.conditions = Lexicon.set(
            "a en moins plus sous dont qui publies publiees apres avant depuis entre sans uniquement seulement sauf situes situees pres chez superieur inferieur"
        )
        it.marks = Lexicon.set(
            "le la les de du des et avec chaque tous toutes titre prix note nom lien adresse auteur pour quel quelle est ce cette lieu salaire moi donne un une avis duree description entreprise ville"
        )
        return it
    }()

    static let spanish: Lexicon = {
        var it = Lexicon()
        it.isHeadLast = false
        it.naming = "nombre"
        it.add(.each, "cada")
        it.add(.all, "todos todas todo toda")
        it.add(.with, "con incluyendo incluido")
        it.add(.and, "y e ademas")
        it.add(.of, "de del")
        it.add(.from, "para en por")
        it.add(.article, "el la los las un una unos unas su sus")
        it.add(.this, "este esta esto estos estas")
        it.add(
            .filler,
            "lista listar extrae extraer extraiga dame muestra muestrame encuentra obten obtener quiero necesito por favor hola gracias me busca saca recopila puedes listado es son cual-es hay que las-siguientes siguientes quisiera devuelve"
        )
        it.add(.question, "cual cuales quien cuando donde cuanto cuantos cuantas que")
        it.add(.form, "como")
        it.add(.money, "precio, salario, coste, costo, tarifa, sueldo, alquiler, importe, cuota, presupuesto")
        it.add(
            .number,
            "valoracion, puntuacion, calificacion, numero, cantidad, ano, habitaciones, estrellas, edad, opiniones, resenas, nota, banos, poblacion, dormitorios, raciones, metros cuadrados, paginas, kilometraje, visitas, votos, kilometros, porciones"
        )
        it.add(.date, "fecha, plazo, publicado, nacimiento")
        it.types["nacimiento"] = nil
        it.add(.duration, "duracion, tiempo, tiempo de coccion, tiempo de preparacion")
        it.add(.url, "enlace, url, sitio web, web, pagina web, link")
        it.add(.image, "imagen, foto, logo, fotografia, logotipo")
        it.add(.email, "correo, email, correo electronico")
        it.add(.phone, "telefono, movil, numero de telefono, fax, celular, telefono de contacto")
        it.add(.address, "direccion")
        it.add(.boolean, "disponible, en stock, agotado, en oferta, teletrabajo")
        it.add(
            .list,
            "ingredientes, pasos, etiquetas, caracteristicas, autores, idiomas, requisitos, categorias, generos, alergenos, beneficios, palabras clave"
        )
        it.bases = [
            "nombres": "nombre", "precios": "precio", "titulos": "titulo", "enlaces": "enlace", "fechas": "fecha", "imagenes": "imagen",
            "autores": "autor", "direcciones": "direccion", "telefonos": "telefono", "fotos": "foto", "titulares": "titular",
            "salarios": "salario", "correos": "correo", "ciudades": "ciudad", "marcas": "marca", "descripciones": "descripcion",
            "valoraciones": "valoracion", "empresas": "empresa",
        ]
        it.conditions = Lexicon.set(
            "en menos mas por bajo que cuyo publicados publicadas despues antes desde entre sin solo excepto con-menos a hasta cerca superior inferior de-menos baratos"
        )
        it.marks = Lexicon.set(
            "el los las de del y con cada todos todas titulo precio nombre enlace fecha cual es este lista valoracion direccion telefono autor para producto empresa ciudad salario libro disponibilidad extrae dame un una en la"
        )
        return it
    }()

    static let italian: Lexicon = {
        var it = Lexicon()
        it.isHeadLast = false
        it.naming = "nome"
        it.add(.each, "ogni ciascun ciascuno ciascuna")
        it.add(.all, "tutti tutte tutto tutta")
        it.add(.with, "con incluso includendo compreso")
        it.add(.and, "e ed")
        it.add(.of, "di del della dello dei degli delle dell d")
        it.add(.from, "per da in su nella nel")
        it.add(.article, "il lo la i gli le l un uno una suo sua suoi loro")
        it.add(.this, "questo questa questi queste quest")
        it.add(
            .filler,
            "elenca elenco estrai estrarre dammi mostra mostrami trova lista voglio vorrei per-favore favore ciao grazie mi ottieni serve servono raccogli sono cerca seguenti puoi"
        )
        it.add(.question, "qual quale quali chi quando dove quanto quanti quante cosa")
        it.add(.form, "come")
        it.add(.money, "prezzo, stipendio, costo, tariffa, affitto, importo, canone, retribuzione, quota")
        it.add(
            .number,
            "valutazione, voto, numero, quantita, anno, stanze, stelle, recensioni, eta, punteggio, locali, bagni, popolazione, porzioni, pagine, camere, metri quadri, metri quadrati, chilometri"
        )
        it.add(.date, "data, scadenza, pubblicato")
        it.add(.duration, "durata, tempo, tempo di cottura, tempo di preparazione")
        it.add(.url, "link, url, sito, sito web, collegamento, pagina web")
        it.add(.image, "immagine, foto, logo, locandina")
        it.add(.email, "email, posta elettronica, mail, indirizzo email, indirizzo e mail")
        it.add(.phone, "telefono, cellulare, numero di telefono, fax, recapito telefonico")
        it.add(.address, "indirizzo")
        it.add(.boolean, "disponibile, in magazzino, esaurito, in offerta")
        it.add(.list, "ingredienti, passaggi, etichette, caratteristiche, autori, lingue, requisiti, categorie, generi, allergeni, tag")
        it.bases = [
            "nomi": "nome", "prezzi": "prezzo", "titoli": "titolo", "date": "data", "immagini": "immagine", "autori": "autore",
            "indirizzi": "indirizzo", "luoghi": "luogo", "valutazioni": "valutazione", "stipendi": "stipendio",
            "descrizioni": "descrizione",
            "numeri": "numero", "aziende": "azienda", "citta": "citta",
        ]
        it.conditions = Lexicon.set(
            "a in sotto sopra meno piu che dopo prima tra fra senza solo entro da-meno con-piu inferiore superiore sotto-i pubblicati pubblicate"
        )
        it.marks = Lexicon.set(
            "il gli di della dei e con ogni tutti tutte titolo prezzo nome autore data indirizzo elenca estrai questo per immagine luogo azienda stipendio ricetta prodotto disponibilita valutazione descrizione citta un una la le i"
        )
        return it
    }()

    static let portuguese: Lexicon = {
        var it = Lexicon()
        it.isHeadLast = false
        it.naming = "nome"
        it.add(.each, "cada")
        it.add(.all, "todos todas todo toda")
        it.add(.with, "com incluindo")
        it.add(.and, "e")
        it.add(.of, "de do da dos das")
        it.add(.from, "para em no na nos nas por")
        it.add(.article, "o a os as um uma uns umas seu sua seus suas")
        it.add(.this, "este esta esse essa deste desta desse dessa neste nesta")
        it.add(
            .filler,
            "liste listar lista extraia extrair mostre me de-me quero preciso por favor ola obrigado encontre busque pegue obtenha gostaria sao sera qual-e seguintes colete"
        )
        it.add(.question, "qual quais quem quando onde quanto quantos quantas que")
        it.add(.form, "como")
        it.add(.money, "preco, salario, custo, valor, tarifa, aluguel, renda, taxa, orcamento")
        it.add(
            .number,
            "avaliacao, classificacao, nota, numero, quantidade, ano, quartos, estrelas, idade, pontuacao, banheiros, populacao, avaliacoes, paginas, porcoes, metros quadrados, quilometragem"
        )
        it.add(.date, "data, prazo, publicado")
        it.add(.duration, "duracao, tempo, tempo de preparo, tempo de cozimento")
        it.add(.url, "link, url, site, pagina, ligacao, endereco do site")
        it.types["pagina"] = nil
        it.add(.image, "imagem, foto, logo, fotografia")
        it.add(.email, "email, correio eletronico, endereco de email")
        it.add(.phone, "telefone, celular, telemovel, numero de telefone, fax")
        it.add(.address, "endereco, morada")
        it.add(.boolean, "disponivel, em estoque, esgotado, em promocao")
        it.add(.list, "ingredientes, passos, etiquetas, caracteristicas, autores, idiomas, requisitos, categorias, generos, tags")
        it.bases = [
            "nomes": "nome", "precos": "preco", "titulos": "titulo", "datas": "data", "imagens": "imagem", "autores": "autor",
            "enderecos": "endereco", "salarios": "salario", "telefones": "telefone", "fotos": "foto", "descricoes": "descricao",
            "links": "link", "empresas": "empresa", "cidades": "cidade", "marcas": "marca",
        ]
        it.conditions = Lexicon.set("em menos mais abaixo acima que depois antes desde entre sem apenas somente exceto ate por no na")
        it.marks = Lexicon.set(
            "os as de do da dos das e com cada todos todas titulo preco nome endereco telefone data autor liste extraia este imagem avaliacao produto empresa cidade salario imoveis imovel descricao quartos um uma o a"
        )
        return it
    }()

    static let dutch: Lexicon = {
        var it = Lexicon()
        it.naming = "naam"
        it.add(.each, "elk elke ieder iedere")
        it.add(.all, "alle")
        it.add(.with, "met inclusief")
        it.add(.and, "en plus")
        it.add(.of, "van")
        it.add(.from, "voor uit op van in")
        it.add(.article, "de het een hun zijn haar")
        it.add(.this, "dit deze")
        it.add(
            .filler,
            "geef toon haal zoek lijst extraheer ik wil mij me graag alsjeblieft hallo bedankt nodig heb laat zien verzamel maak volgende alstublieft kun je is wat-is"
        )
        it.add(.question, "wat wie waar wanneer hoe welke welk hoeveel")
        it.add(.form, "als")
        it.add(.money, "prijs, salaris, kosten, huur, bedrag, tarief, loon, vraagprijs, huurprijs, omzet")
        it.add(
            .number,
            "beoordeling, aantal, jaar, kamers, sterren, score, beoordelingen, leeftijd, rang, bouwjaar, punten, cijfer, slaapkamers, personen, kilometerstand, rank"
        )
        it.add(.date, "datum, deadline, publicatiedatum, geboortedatum, sluitingsdatum")
        it.add(.duration, "duur, bereidingstijd, looptijd, speelduur, kooktijd, reistijd")
        it.add(.url, "link, website, url, webpagina, webadres")
        it.add(.image, "afbeelding, foto, logo, plaatje")
        it.add(.email, "email, mail, mailadres, emailadres, e mailadres")
        it.add(.phone, "telefoon, telefoonnummer, mobiel, fax")
        it.add(.address, "adres")
        it.add(.boolean, "beschikbaar, op voorraad, uitverkocht, leverbaar")
        it.add(.list, "ingredienten, stappen, kenmerken, auteurs, talen, trefwoorden, tags, allergenen")
        it.endings = [
            ("prijs", .money), ("salaris", .money), ("kosten", .money), ("datum", .date), ("tijd", .duration), ("duur", .duration),
            ("foto", .image), ("link", .url), ("jaar", .number), ("nummer", .text), ("adres", .address),
        ]
        it.bases = [
            "namen": "naam", "prijzen": "prijs", "titels": "titel", "links": "link", "fotos": "foto", "adressen": "adres",
            "auteurs": "auteur", "afbeeldingen": "afbeelding", "locaties": "locatie", "salarissen": "salaris", "datums": "datum",
            "steden": "stad",
        ]
        it.conditions = Lexicon.set("onder boven in minder meer na voor sinds tussen zonder alleen behalve die vanaf tot goedkoper te")
        it.marks = Lexicon.set(
            "met en alle elk elke prijs naam titel van het een de voor geef toon beoordeling adres auteur locatie salaris vacatures functietitel boek datum dit deze"
        )
        return it
    }()

    static let polish: Lexicon = {
        var it = Lexicon()
        it.isHeadLast = false
        it.naming = "nazwa"
        it.add(.each, "kazdy kazda kazde kazdego kazdej")
        it.add(.all, "wszystkie wszystkich wszyscy")
        it.add(.with, "z ze wraz zawierajace")
        it.add(.and, "i oraz a")
        it.add(.of, "od")
        it.add(.from, "dla")
        it.add(.article, "ich jego jej")
        it.add(.this, "ten ta to tego tej")
        it.add(
            .filler, "pokaz lista liste podaj wypisz znajdz wyodrebnij pobierz prosze chce mi potrzebuje dziekuje wyciagnij zbierz jest sa")
        it.add(.question, "jaki jaka jakie kto kiedy gdzie ile co")
        it.add(.form, "jako")
        it.add(.money, "cena, wynagrodzenie, koszt, oplata, czynsz, kwota, pensja, zarobki, stawka")
        it.add(.number, "ocena, liczba, ilosc, rok, pokoje, gwiazdki, opinie, wiek, powierzchnia, metraz")
        it.types["powierzchnia"] = nil
        it.types["metraz"] = nil
        it.add(.date, "data, termin")
        it.add(.duration, "czas, czas trwania, czas przygotowania, czas gotowania")
        it.add(.url, "link, strona, strona internetowa, url, odnosnik, strona www")
        it.add(.image, "zdjecie, obraz, logo, obrazek, fotografia")
        it.add(.email, "email, mail, adres email, adres e mail")
        it.add(.phone, "telefon, numer telefonu, fax, komorka")
        it.add(.address, "adres")
        it.add(.boolean, "dostepny, w magazynie, dostepne")
        it.add(.list, "skladniki, kroki, tagi, cechy, autorzy, jezyki, wymagania, kategorie")
        it.bases = [
            "tytulem": "tytul", "tytulu": "tytul", "tytuly": "tytul", "miastem": "miasto", "miasta": "miasto",
            "wynagrodzeniem": "wynagrodzenie",
            "cene": "cena", "ceny": "cena", "nazwe": "nazwa", "nazwy": "nazwa", "linkiem": "link", "linki": "link", "adresem": "adres",
            "autorem": "autor", "autora": "autor", "opisem": "opis", "zdjeciem": "zdjecie", "zdjecia": "zdjecie", "firme": "firma",
            "date": "data",
            "daty": "data", "ocene": "ocena", "lokalizacje": "lokalizacja", "telefonem": "telefon", "numerem": "numer", "adresy": "adres",
            "oceny": "ocena", "opinii": "opinie", "dostepnoscia": "dostepnosc", "iloscia": "ilosc", "liczbe": "liczba", "czasem": "czas",
            "terminem": "termin",
            "producentem": "producent", "skladnikami": "skladniki", "rokiem": "rok", "imieniem": "imie", "nazwiskiem": "nazwisko",
            "stanowiskiem": "stanowisko", "metrazem": "metraz",
        ]
        it.conditions = Lexicon.set("w we do od ponizej powyzej po przed bez tylko oprocz ktore ktorych na")
        it.marks = Lexicon.set(
            "i oraz z wszystkie kazdy kazdego kazda nazwa cena tytul autor link miasto wynagrodzenie oferty pokaz podaj dla lista tytulem adres produktu zdjecie ocena opis firma telefon wypisz"
        )
        return it
    }()

    static let swedish: Lexicon = {
        var it = Lexicon()
        it.naming = "namn"
        it.add(.each, "varje")
        it.add(.all, "alla samtliga")
        it.add(.with, "med inklusive")
        it.add(.and, "och samt")
        it.add(.of, "av")
        it.add(.from, "for fran pa till i")
        it.add(.article, "en ett den det de dess deras")
        it.add(.this, "denna detta har")
        it.add(.filler, "visa hamta lista ge mig jag vill ha hitta extrahera tack hej behover snalla samla foljande ar")
        it.add(.question, "vad vem var nar hur vilka vilken vilket")
        it.add(.form, "som")
        it.add(.money, "pris, lon, kostnad, hyra, belopp, avgift, avgifter")
        it.add(.number, "betyg, antal, ar, rum, stjarnor, recensioner, alder, poang, yta")
        it.types["yta"] = nil
        it.types["ar"] = nil
        it.add(.date, "datum, dato, sista ansokningsdag, publiceringsdatum, ansokningsdag")
        it.add(.duration, "langd, speltid, tillagningstid, varaktighet")
        it.add(.url, "lank, webbplats, hemsida, url, webbadress")
        it.add(.image, "bild, foto, logotyp")
        it.add(.email, "e post, epost, mejl, e postadress, epostadress")
        it.add(.phone, "telefon, telefonnummer, mobil, mobilnummer")
        it.add(.address, "adress")
        it.add(.boolean, "i lager, tillganglig, slutsald")
        it.add(.list, "ingredienser, steg, taggar, forfattare-lista, sprak-lista")
        it.endings = [
            ("pris", .money), ("lon", .money), ("avgift", .money), ("datum", .date), ("dag", .date), ("tid", .duration), ("bild", .image),
            ("lank", .url), ("nummer", .text),
        ]
        it.bases = [
            "priser": "pris", "titlar": "titel", "lankar": "lank", "bilder": "bild", "adresser": "adress", "orter": "ort", "loner": "lon",
            "foretag": "foretag", "datum": "datum", "rubriker": "rubrik", "forfattare": "forfattare",
        ]
        it.conditions = Lexicon.set("under over i mindre mer efter fore sedan mellan utan endast bara som pa billigare")
        it.marks = Lexicon.set(
            "med och alla varje pris namn titel ort till for betyg visa lista jobb adress datum lank foretag ar beskrivning forfattare telefonnummer lediga"
        )
        return it
    }()

    static let danish: Lexicon = {
        var it = swedish
        it.naming = "navn"
        it.add(.each, "hver hvert")
        it.add(.all, "alle")
        it.add(.and, "og samt")
        it.add(.from, "fra pa til i")
        it.add(.filler, "vis hent find giv mig jeg vil have tak hei hej finn hente")
        it.add(.question, "hvad hvem hvor hvornar hva hvilke hvilken")
        it.add(.money, "pris, lon, lonn, husleje, gebyr, belob")
        it.add(.number, "bedommelse, antal, vurdering, aar, vaerelser, anmeldelser")
        it.add(.url, "link, hjemmeside, lenke, nettside, websted")
        it.add(.image, "billede, bilde, foto")
        it.add(.duration, "varighed, varighet, laengde")
        it.add(.address, "adresse")
        it.bases = ["priser": "pris", "navne": "navn", "titler": "titel", "links": "link", "billeder": "billede", "adresser": "adresse"]
        it.conditions = Lexicon.set("under over i mindre mere efter for siden mellem uden kun som pa billigere")
        it.marks = Lexicon.set(
            "med og alle hver hvert pris navn titel sted til for vurdering vis adresse dato link virksomhed tittel forfatter")
        return it
    }()

    static let others: [Lexicon] = [german, french, spanish, italian, portuguese, dutch, polish, swedish, danish]
}
