#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// The C library is imported here only; the other files of this folder do with plain arrays.
extension Listing {
    static func log(_ value: Double) -> Double {
        #if canImport(Glibc)
            Glibc.log(value)
        #else
            Darwin.log(value)
        #endif
    }

    static func exp(_ value: Double) -> Double {
        #if canImport(Glibc)
            Glibc.exp(value)
        #else
            Darwin.exp(value)
        #endif
    }
}
