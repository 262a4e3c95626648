#pragma once
#include <gumbo.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#pragma clang assume_nonnull begin

/// Memory of one parse. Gumbo frees its tree by recursion, which a page that nests deep enough turns into a crash; it clones elements
/// without limit; and deep nesting or many attributes take it quadratic time. So it allocates here, everything is freed at once, and a
/// parse that wants more memory or processor time than it may have is left where it is.
typedef struct gleaner_gumbo_arena {
    /// Chunks, each beginning with a pointer to the one before.
    void *_Nullable chunk;
    char *_Nullable next;
    size_t left;
    size_t used;
    size_t limit;
    /// Processor time of this thread at which the parse is left, in nanoseconds.
    uint64_t deadline;
    unsigned int allocations;
    /// The very first allocation of a parse is its output, so that a parse that was left still shows the tree it had.
    GumboOutput *_Nullable output;
    /// The parse was left: the tree ends early.
    bool exhausted;
    jmp_buf out;
} gleaner_gumbo_arena;

static inline uint64_t gleaner_gumbo_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void *gleaner_gumbo_allocate(void *userdata, size_t size) {
    gleaner_gumbo_arena *arena = (gleaner_gumbo_arena *)userdata;
    size = (size + 15) & ~(size_t)15;
    if (size > arena->limit - arena->used) longjmp(arena->out, 1);
    if ((++arena->allocations & 511) == 0 && gleaner_gumbo_now() > arena->deadline) longjmp(arena->out, 1);
    if (size > arena->left) {
        size_t chunk = size > ((size_t)1 << 19) ? size : (size_t)1 << 19;
        char *memory = (char *)malloc(chunk + 16);
        if (!memory) longjmp(arena->out, 1);
        *(void *_Nullable *)memory = arena->chunk;
        arena->chunk = memory;
        arena->next = memory + 16;
        arena->left = chunk;
    }
    char *result = arena->next;
    arena->next += size;
    arena->left -= size;
    arena->used += size;
    if (!arena->output && size >= sizeof(GumboOutput)) arena->output = (GumboOutput *)(void *)result;
    return result;
}

static inline void gleaner_gumbo_release(void *userdata, void *_Nullable pointer) {
    (void)userdata;
    (void)pointer;
}

/// Parses into a new arena; the tree lives until `gleaner_gumbo_free`. Nil where there is no memory.
/// In C because of `setjmp`, and because `kGumboDefaultOptions` imports as a global that Swift 6 mode refuses.
static inline gleaner_gumbo_arena *_Nullable gleaner_gumbo_parse(const char *html, size_t length, size_t limit, uint64_t nanoseconds) {
    gleaner_gumbo_arena *arena = (gleaner_gumbo_arena *)calloc(1, sizeof(gleaner_gumbo_arena));
    if (!arena) return NULL;
    arena->limit = limit;
    arena->deadline = gleaner_gumbo_now() + nanoseconds;
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    options.allocator = gleaner_gumbo_allocate;
    options.deallocator = gleaner_gumbo_release;
    options.userdata = arena;
    if (setjmp(arena->out)) {
        arena->exhausted = true;
    } else {
        gumbo_parse_with_options(&options, html, length);
    }
    return arena;
}

static inline void gleaner_gumbo_free(gleaner_gumbo_arena *arena) {
    void *chunk = arena->chunk;
    while (chunk) {
        void *before = *(void *_Nullable *)chunk;
        free(chunk);
        chunk = before;
    }
    free(arena);
}

static inline GumboNode *_Nullable gleaner_gumbo_document(const gleaner_gumbo_arena *arena) {
    return arena->output ? arena->output->document : NULL;
}

/// Children of a document, element or template; nil for others. Swift sees members of a union as copies.
static inline const GumboVector *_Nullable gleaner_gumbo_children(const GumboNode *node) {
    switch (node->type) {
    case GUMBO_NODE_DOCUMENT: return &node->v.document.children;
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE: return &node->v.element.children;
    default: return NULL;
    }
}

/// Element `index` of a vector of pointers (`void **data`).
static inline void *_Nullable gleaner_gumbo_at(const GumboVector *vector, unsigned int index) {
    return index < vector->length ? vector->data[index] : NULL;
}

#pragma clang assume_nonnull end
