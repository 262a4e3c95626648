#pragma once
#include <ggml-cpu.h>
#include <llama.h>

// Nothing in llama.h needs wrapping at this version: structs come in with default-parameter functions, the opaque types
// (llama_model, llama_context, llama_vocab, llama_sampler) as OpaquePointer or UnsafeMutablePointer, callbacks as C closures.
