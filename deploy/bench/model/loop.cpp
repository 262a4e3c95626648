// llama.cpp's own way of writing an answer, as its example `simple` does it: the same libraries, prompt, context, threads and sampling as
// Gleaner's child process, without process, socket, grammar or cancellation. Prints a JSON object.
//
// usage: loop MODEL TOKENS THREADS CONTEXT SYSTEM USER
#include <llama.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static void quiet(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

int main(int argc, char ** argv) {
    if (argc != 7) return 2;
    const int budget = atoi(argv[2]), threads = atoi(argv[3]), size = atoi(argv[4]);
    llama_log_set(quiet, nullptr);
    llama_backend_init();
    llama_model * model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (!model) return 1;
    const llama_vocab * vocab = llama_model_get_vocab(model);
    llama_context_params params = llama_context_default_params();
    params.n_ctx = size;
    params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = threads;
    llama_context * context = llama_init_from_model(model, params);
    if (!context) return 1;

    const llama_chat_message chat[] = {{"system", argv[5]}, {"user", argv[6]}};
    std::vector<char> text(1 << 16);
    const int length = llama_chat_apply_template(llama_model_chat_template(model, nullptr), chat, 2, true, text.data(), text.size());
    if (length <= 0) return 1;
    std::vector<llama_token> prompt(length + 16);
    const int count = llama_tokenize(vocab, text.data(), length, prompt.data(), prompt.size(), true, true);
    if (count <= 0) return 1;
    prompt.resize(count);

    llama_sampler * sampler = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(sampler, llama_sampler_init_greedy());
    const double start = now();
    if (llama_decode(context, llama_batch_get_one(prompt.data(), count))) return 1;
    const double read = now();
    int written = 0;
    std::string answer;
    while (written < budget) {
        llama_token token = llama_sampler_sample(sampler, context, -1);
        written++;
        if (llama_vocab_is_eog(vocab, token)) break;
        char piece[256];
        const int bytes = llama_token_to_piece(vocab, token, piece, sizeof piece, 0, false);
        if (bytes > 0) answer.append(piece, bytes);
        if (written == budget) break;
        if (llama_decode(context, llama_batch_get_one(&token, 1))) return 1;
    }
    const double end = now();
    printf("{\"promptTokens\": %d, \"promptTokensPerSecond\": %.1f, \"answerTokens\": %d, \"answerTokensPerSecond\": %.1f, \"bytes\": %zu}\n",
        count, count / (read - start), written, written / (end - read), answer.size());
    llama_sampler_free(sampler);
    llama_free(context);
    llama_model_free(model);
}
