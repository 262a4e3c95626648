// The bundled encoder's weights, turned from 8 bits into 32 when it is loaded.
//
// A processor without instructions for 8-bit products (VNNI, AMX, ARM's dot product) computes with 32-bit weights in 70 % of the time, and
// with them llama.cpp needs no rounding of the other factor either, so that vectors are nearer to those of the network that was trained.
// llama.cpp itself does it: it reads the checked file and writes another into memory, a file without a name that is gone with its mapping.
// Token embeddings are looked up, not multiplied, and stay as they are. Costs some 30 MB and, once a process, a third of a second; where anything of it
// fails, the file is used as it is.

internal import CLlama
internal import CProcess

#if canImport(Glibc)
    internal import Glibc
#endif

enum WidenedWeights {
    /// Whether this processor is one that 32-bit weights are faster on.
    static var pays: Bool {
        ggml_cpu_has_avx_vnni() + ggml_cpu_has_avx512_vnni() + ggml_cpu_has_amx_int8() + ggml_cpu_has_dotprod() + ggml_cpu_has_matmul_int8() == 0
    }

    /// Calls `body` with the path of a model file that is there only until it returns; nil where there is none.
    /// - Parameter path: a model whose bytes are known to be sound: llama.cpp asserts on some that are not.
    static func with<Value>(_ path: String, _ body: (String) -> Value?) -> Value? {
        #if canImport(Glibc)
            let descriptor = gleaner_memory_file("gleaner-encoder")
            guard descriptor >= 0 else { return nil }
            // What was mapped meanwhile stays mapped.
            defer { close(descriptor) }
            let widened = "/proc/self/fd/\(descriptor)"
            var parameters = llama_model_quantize_default_params()
            parameters.ftype = LLAMA_FTYPE_ALL_F32
            parameters.allow_requantize = true
            parameters.token_embedding_type = GGML_TYPE_Q8_0
            guard llama_model_quantize(path, widened, &parameters) == 0 else { return nil }
            return body(widened)
        #else
            return nil
        #endif
    }
}
