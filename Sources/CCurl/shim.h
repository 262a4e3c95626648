#pragma once
#include <curl/curl.h>

#pragma clang assume_nonnull begin

// curl_easy_setopt/getinfo are variadic AND macros in curl/typecheck-gcc.h: one wrapper per C type of argument.
// In C, the callee knows the type from the option; a wrong pair is undefined, so the Swift side pairs them once.
static inline CURLcode gleaner_curl_set_long(CURL *curl, CURLoption option, long value) {
    return (curl_easy_setopt)(curl, option, value);
}
static inline CURLcode gleaner_curl_set_offset(CURL *curl, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(curl, option, value);
}
static inline CURLcode gleaner_curl_set_string(CURL *curl, CURLoption option, const char *_Nullable value) {
    return (curl_easy_setopt)(curl, option, value);
}
static inline CURLcode gleaner_curl_set_pointer(CURL *curl, CURLoption option, void *_Nullable value) {
    return (curl_easy_setopt)(curl, option, value);
}
typedef size_t (*gleaner_curl_write)(char *data, size_t size, size_t count, void *_Nullable context);
static inline CURLcode gleaner_curl_set_write(CURL *curl, CURLoption option, gleaner_curl_write value) {
    return (curl_easy_setopt)(curl, option, value);
}
/// `CURLOPT_OPENSOCKETFUNCTION`: where the address guard sits when a connection is made.
static inline CURLcode gleaner_curl_set_open_socket(CURL *curl, curl_opensocket_callback value) {
    return (curl_easy_setopt)(curl, CURLOPT_OPENSOCKETFUNCTION, value);
}
/// `CURLOPT_PREREQFUNCTION`: and where it sits when a connection that another transfer made is used again.
static inline CURLcode gleaner_curl_set_before_request(CURL *curl, curl_prereq_callback value) {
    return (curl_easy_setopt)(curl, CURLOPT_PREREQFUNCTION, value);
}
static inline CURLcode gleaner_curl_get_long(CURL *curl, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(curl, info, value);
}
static inline CURLcode gleaner_curl_get_offset(CURL *curl, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(curl, info, value);
}
static inline CURLcode gleaner_curl_get_string(CURL *curl, CURLINFO info, const char *_Nullable *_Nonnull value) {
    return (curl_easy_getinfo)(curl, info, value);
}
static inline CURLMcode gleaner_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}
/// `CURL_GLOBAL_DEFAULT` is a macro expression that Swift does not import.
static inline CURLcode gleaner_curl_global(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

#pragma clang assume_nonnull end
