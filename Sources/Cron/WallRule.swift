/// Which minutes of a wall clock an expression names. It knows no time zone: wall times are seconds since 1970-01-01 00:00 on that wall.
struct WallRule: Sendable, Hashable {
    var minutes: FieldValues
    var hours: FieldValues
    var monthDays: FieldValues
    var months: FieldValues
    var weekdays: FieldValues

    /// Whether it names times of a day, not an interval: neither minute nor hour begins with "*".
    var isFixed: Bool { !minutes.isStar && !hours.isStar }

    /// RFC 3339 writes no year above.
    static let lastYear = 9999

    /// The first minute that is named and later than `wall`; nil where none comes up to the year 9999.
    func next(after wall: Int) -> Int? {
        let minute = CivilDay.floorDivide(wall, 60) + 1
        let start = CivilDay.floorDivide(minute, 1440)
        if let time = time(from: minute - start * 1440), day(from: start) == start { return (start * 1440 + time) * 60 }
        guard let time = time(from: 0), let day = day(from: start + 1) else { return nil }
        return (day * 1440 + time) * 60
    }

    /// Minutes after midnight.
    private func time(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let minute = WallRule.first(of: minutes.bits, from: minute % 60) { return hour * 60 + minute }
        guard let later = WallRule.first(of: hours.bits, from: hour + 1) else { return nil }
        return WallRule.first(of: minutes.bits, from: 0).map { later * 60 + $0 }
    }

    /// The number of the first day from `number` on.
    private func day(from number: Int) -> Int? {
        var date = CivilDay(number: number)
        while date.year <= WallRule.lastYear {
            if months.contains(date.month) {
                let first = CivilDay(year: date.year, month: date.month, day: 1).number
                let length = CivilDay.length(ofMonth: date.month, isLeap: CivilDay.isLeap(date.year))
                let days = days(length: length, firstWeekday: CivilDay.weekday(ofNumber: first))
                if let day = WallRule.first(of: days, from: date.day) { return first + day - 1 }
            }
            let isDecember = date.month == 12
            date = CivilDay(year: isDecember ? date.year + 1 : date.year, month: isDecember ? 1 : date.month + 1, day: 1)
        }
        return nil
    }

    /// Days of a month, as bits 1 to 31. Both day fields must hold where one of them begins with "*", else either is enough.
    private func days(length: Int, firstWeekday: Int) -> UInt64 {
        func weekday(_ day: Int) -> Int { (firstWeekday + day - 1) % 7 }
        var byDate = monthDays.bits
        var byWeekday: UInt64 = 0
        for day in 1...length where weekdays.contains(weekday(day)) { byWeekday |= 1 << UInt64(day) }
        for special in monthDays.specials.union(weekdays.specials) {
            switch special {
            case .lastDay: byDate |= 1 << UInt64(length)
            case .lastWorkday:
                let back = [0: 2, 6: 1][weekday(length)] ?? 0
                byDate |= 1 << UInt64(length - back)
            case .lastOf(let wanted): byWeekday |= 1 << UInt64(length - (weekday(length) - wanted + 7) % 7)
            case .nth(let nth, let wanted): byWeekday |= 1 << UInt64(1 + (wanted - firstWeekday + 7) % 7 + 7 * (nth - 1))
            }
        }
        let both = monthDays.isStar || weekdays.isStar
        return (both ? byDate & byWeekday : byDate | byWeekday) & ((1 << UInt64(length + 1)) - 2)
    }

    /// Whether any date fits. In the 400 years after which the calendar repeats, every month of either length begins on every weekday,
    /// so that looking at those is a proof.
    var fitsSomeDate: Bool {
        for month in 1...12 where months.contains(month) {
            for isLeap in [false, true] {
                let length = CivilDay.length(ofMonth: month, isLeap: isLeap)
                if (0..<7).contains(where: { days(length: length, firstWeekday: $0) != 0 }) { return true }
            }
        }
        return false
    }

    private static func first(of bits: UInt64, from start: Int) -> Int? {
        let rest = start < 64 ? bits >> UInt64(start) : 0
        return rest == 0 ? nil : start + rest.trailingZeroBitCount
    }
}
