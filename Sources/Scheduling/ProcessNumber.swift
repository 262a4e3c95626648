#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

func processNumber() -> Int32 { getpid() }
