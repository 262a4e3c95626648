internal import CUchardet

extension Charset {
    /// What the bytes of a page that says nothing of its encoding look like; nil where that can't be told with some certainty.
    ///
    /// Encodings of one script that differ in a few letters only (windows-1252, -1250, ISO 8859-2, -15 …) are told apart by chance, so that only
    /// those of other scripts count.
    static func guessed(_ bytes: [UInt8]) -> Charset? {
        let start = bytes.prefix(lookedAt)
        guard start.lazy.filter({ $0 >= 0x80 }).prefix(fewestBytes).count == fewestBytes || start.contains(0x1B) else { return nil }
        guard let detector = uchardet_new() else { return nil }
        defer { uchardet_delete(detector) }
        let failed = start.withUnsafeBytes { buffer in
            uchardet_handle_data(detector, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard failed == 0 else { return nil }
        uchardet_data_end(detector)
        guard let found = uchardet_get_charset(detector) else { return nil }
        let name = String(cString: found)
        // Its name for windows-949, which the standard has as a part of this.
        guard let charset = Charset(label: name == "UHC" ? "euc-kr" : name), ofOtherScripts.contains(charset.name) else { return nil }
        return charset
    }

    private static let lookedAt = 65_536
    /// Beyond ASCII: with less there is too little to go by.
    private static let fewestBytes = 12

    private static let ofOtherScripts: Set<String> = [
        "shift_jis", "euc-jp", "iso-2022-jp", "gbk", "gb18030", "big5", "euc-kr", "windows-1251", "koi8-r", "koi8-u", "iso-8859-5", "ibm866",
        "x-mac-cyrillic", "windows-1253", "iso-8859-7", "windows-1255", "iso-8859-8", "iso-8859-8-i", "windows-1256", "iso-8859-6", "windows-874",
    ]
}
