// The child process of tests that generate text: what `gleaner model worker` is, or, by its argument, a broken one.
import Foundation
import Inference

switch CommandLine.arguments.dropFirst().first {
case "garbage":
    // A length and something else than JSON.
    FileHandle.standardInput.write(Data([3, 0, 0, 0, 1, 2, 3]))
    sleep(600)
case "silent": sleep(600)
case "dies":
    FileHandle.standardError.write(Data("ggml: no such luck\n".utf8))
    abort()
default: ModelWorker.run()
}
