/// Names of months, folded (`Glyph.fold`), full and short, nominative and genitive.
enum MonthNames {
    /// 1...12 for a name in one of the languages below; nil for other words.
    static func month(_ word: String) -> Int? { names[word] }

    // One line a language. Croatian is left out: its "listopad" is October, in Czech and Polish it is November.
    private static let table = """
        january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov \
        december/dec
        januar/janner/janner/jan februar/feber/feb marz/maerz/mrz april/apr mai juni/jun juli/jul august/aug september/sept/sep \
        oktober/okt november/nov dezember/dez
        janvier/janv fevrier/fevr/fev mars avril/avr mai juin juillet/juil/juill aout septembre/sept octobre/oct novembre/nov decembre/dec
        enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sep/sept octubre/oct \
        noviembre/nov diciembre/dic
        gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett ottobre/ott \
        novembre/nov dicembre/dic
        janeiro/jan fevereiro/fev marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out novembro/nov \
        dezembro/dez
        januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep oktober/okt november/nov december/dec
        stycznia/styczen/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecien/kwi maja/maj czerwca/czerwiec/cze lipca/lipiec/lip \
        sierpnia/sierpien/sie wrzesnia/wrzesien/wrz pazdziernika/pazdziernik/paz listopada/listopad/lis grudnia/grudzien/gru
        januari/jan februari/feb mars april/apr maj juni/jun juli/jul augusti/aug september/sep oktober/okt november/nov december/dec
        januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep oktober/okt november/nov december/dec
        januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep oktober/okt november/nov desember/des
        tammikuu/tammikuuta/tammi helmikuu/helmikuuta/helmi maaliskuu/maaliskuuta/maalis huhtikuu/huhtikuuta/huhti \
        toukokuu/toukokuuta/touko kesakuu/kesakuuta/kesa heinakuu/heinakuuta/heina elokuu/elokuuta/elo syyskuu/syyskuuta/syys \
        lokakuu/lokakuuta/loka marraskuu/marraskuuta/marras joulukuu/joulukuuta/joulu
        ledna/leden/led unora/unor/uno brezna/brezen/bre dubna/duben/dub kvetna/kveten/kve cervna/cerven/cvn cervence/cervenec/cvc \
        srpna/srpen/srp zari/zar rijna/rijen/rij listopadu/listopad/lis prosince/prosinec/pro
        januara/januar februara/februar marca/marec aprila/april maja/maj juna/jun jula/jul augusta/august septembra/september \
        oktobra/oktober novembra/november decembra/december
        января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн июля/июль/июл \
        августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя/нояб декабря/декабрь/дек
        січня/січень/січ лютого/лютии/лют березня/березень/бер квітня/квітень/кві травня/травень/тра червня/червень/чер \
        липня/липень/лип серпня/серпень/сер вересня/вересень/вер жовтня/жовтень/жов листопада/листопад/лис грудня/грудень/гру
        януари/яну февруари март април маи юни юли август септември октомври ноември декември
        ocak/oca subat/sub mart nisan/nis mayis haziran/haz temmuz/tem agustos/agu eylul/eyl ekim/eki kasim/kas aralik/ara
        januar/jan februar/febr marcius/marc aprilis/apr majus/maj junius/jun julius/jul augusztus/aug szeptember/szept oktober/okt \
        november/nov december/dec
        ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept octombrie/oct \
        noiembrie/noi decembrie/dec
        gener/gen febrer/febr marc abril/abr maig juny/jun juliol/jul agost/ag setembre/set octubre/oct novembre/nov desembre/des
        ιανουαριου/ιανουαριοσ/ιαν φεβρουαριου/φεβρουαριοσ/φεβ μαρτιου/μαρτιοσ/μαρ απριλιου/απριλιοσ/απρ μαιου/μαιοσ/μαι \
        ιουνιου/ιουνιοσ/ιουν ιουλιου/ιουλιοσ/ιουλ αυγουστου/αυγουστοσ/αυγ σεπτεμβριου/σεπτεμβριοσ/σεπ οκτωβριου/οκτωβριοσ/οκτ \
        νοεμβριου/νοεμβριοσ/νοε δεκεμβριου/δεκεμβριοσ/δεκ
        januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep oktober/okt november/nov \
        desember/des
        jaanuar veebruar marts aprill mai juuni juuli august september oktoober november detsember
        sausio vasario kovo balandzio geguzes birzelio liepos rugpjucio rugsejo spalio lapkricio gruodzio
        ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
        يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
        """

    /// Short names that are other words as well ("Pro 2024"): they need a day beside them.
    static let needsDay: Set<String> = [
        "pro", "set", "mag", "out", "dub", "led", "uno", "lip", "lis", "gen", "sie", "tra", "cze", "lut", "kwi", "zar", "elo", "ago", "agu",
        "noi", "des", "sty", "kve", "бер", "лип", "лис", "сер", "чер", "тра", "кві", "oca", "eki", "haz", "tem", "nis", "mart", "sett",
        "mais",
    ]

    private static let names: [String: Int] = {
        var names: [String: Int] = [:]
        for line in table.split(separator: "\n") {
            for (index, variants) in line.split(separator: " ").enumerated() {
                for name in variants.split(separator: "/").map({ Glyph.fold($0.unicodeScalars) }) where names[name] == nil {
                    names[name] = index + 1
                }
            }
        }
        return names
    }()
}
