/// A day of the Gregorian calendar, reckoned backwards before 1582 as ISO 8601 does.
struct CivilDay: Sendable, Hashable {
    var year: Int
    var month: Int
    var day: Int

    static let secondsPerDay = 86_400

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    // Years are counted from 1 March here, so that a leap day is the last of its year, and from the one before 1 March 0000.

    /// Days from 1 March 0000 to 1 March of that year.
    private static func daysBefore(_ year: Int) -> Int {
        365 * year + floorDivide(year, 4) - floorDivide(year, 100) + floorDivide(year, 400)
    }

    /// From 1 March 0000 to 1 January 1970.
    private static let epoch = daysBefore(1969) + 306

    /// Days since 1 January 1970, which is 0.
    init(number: Int) {
        let days = number + CivilDay.epoch
        var year = CivilDay.floorDivide(days * 400, 146_097)
        while CivilDay.daysBefore(year + 1) <= days { year += 1 }
        while CivilDay.daysBefore(year) > days { year -= 1 }
        let rest = days - CivilDay.daysBefore(year)
        // Five months from March, and again from August, have 153 days.
        let month = (5 * rest + 2) / 153
        day = rest - (153 * month + 2) / 5 + 1
        self.month = month < 10 ? month + 3 : month - 9
        self.year = month < 10 ? year : year + 1
    }

    var number: Int {
        let months = (month + 9) % 12
        return CivilDay.daysBefore(month > 2 ? year : year - 1) + (153 * months + 2) / 5 + day - 1 - CivilDay.epoch
    }

    /// 0 is Sunday.
    static func weekday(ofNumber number: Int) -> Int { modulo(number + 4, 7) }

    static func isLeap(_ year: Int) -> Bool { modulo(year, 4) == 0 && (modulo(year, 100) != 0 || modulo(year, 400) == 0) }

    /// Days of a month from 1 to 12.
    static func length(ofMonth month: Int, isLeap: Bool) -> Int {
        switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Rounded down, also below zero.
    static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    static func modulo(_ value: Int, _ divisor: Int) -> Int { value - floorDivide(value, divisor) * divisor }
}
