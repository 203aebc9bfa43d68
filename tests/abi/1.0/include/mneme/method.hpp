// SPDX-License-Identifier: Apache-2.0
// From a Learner to a plugin: the table, the note, and the one exported symbol.
#pragma once

#include <cstdint>
#include <string_view>

#include <mneme/trampolines.hpp>

extern "C" {
// The names of the operators that this plugin calls, gathered by MNEME_OP; weak, since a plugin may
// call none.
extern const char __start_mneme_operators[] __attribute__((weak, visibility("hidden")));
extern const char __stop_mneme_operators[] __attribute__((weak, visibility("hidden")));
}

namespace mneme::border {

// Capabilities in words, comma-separated, as in MNEME_METHOD. `batched` and `captures` hold unless
// `single` or `eager` stand there.
constexpr uint32_t flags_of(std::string_view words) {
    uint32_t flags = MNEME_BATCHED | MNEME_CAPTURES;
    while (!words.empty()) {
        const auto end = words.find_first_of(", ");
        const auto word = words.substr(0, end);
        words = end == words.npos ? std::string_view{} : words.substr(end + 1);
        if (word == "needs_task_id") flags |= MNEME_NEEDS_TASK_ID;
        else if (word == "needs_task_boundaries") flags |= MNEME_NEEDS_TASK_BOUNDARIES;
        else if (word == "oracle") flags |= MNEME_ORACLE;
        else if (word == "stores_examples") flags |= MNEME_STORES_EXAMPLES;
        else if (word == "scores") flags |= MNEME_SCORES;
        else if (word == "single") flags &= ~uint32_t{MNEME_BATCHED};
        else if (word == "eager") flags &= ~uint32_t{MNEME_CAPTURES};
        else if (!word.empty())
            throw "unknown capability in MNEME_METHOD"; // a compile-time error: the caller is
                                                        // constexpr
    }
    return flags;
}

} // namespace mneme::border

#ifndef MNEME_PLUGIN_VERSION
#define MNEME_PLUGIN_VERSION "1.0"
#endif
#ifndef MNEME_TARGET_MINOR
#define MNEME_TARGET_MINOR 0
#endif
#if defined(__x86_64__)
#define MNEME_ARCH "x86_64"
#elif defined(__aarch64__)
#define MNEME_ARCH "aarch64"
#else
#error "plugins are built for x86-64 or 64-bit Arm"
#endif
#define MNEME_TIER "tier=pure" // mneme/libtorch.hpp says which LibTorch a plugin is tied to
#define MNEME_TEXT_(x) #x
#define MNEME_TEXT(x) MNEME_TEXT_(x)

// MNEME_METHOD(Class, "id", "one line", "paper or empty", capabilities...): once in a plugin.
// Capabilities: needs_task_id, needs_task_boundaries, oracle, stores_examples, scores (predict
// gives no logits); single (S = 1 only), eager (must not be captured in a CUDA graph).
#define MNEME_METHOD(Class, id, summary, paper, ...)                                               \
    namespace {                                                                                    \
    struct MnemeNote {                                                                             \
        uint32_t owner_bytes, text_bytes, type;                                                    \
        char owner[8];                                                                             \
        alignas(4) char text[sizeof("sdk=1.0\ntarget=1." MNEME_TEXT(                               \
            MNEME_TARGET_MINOR) "\n" MNEME_TIER "\narch=" MNEME_ARCH "\ncompiler=" __VERSION__     \
                                "\nmethod=" id "\nversion=" MNEME_PLUGIN_VERSION                   \
                                "\nsummary=" summary "\npaper=" paper "\nflags=" #__VA_ARGS__      \
                                "\n")];                                                            \
    };                                                                                             \
    [[maybe_unused]] __attribute__((used, section(".note.mneme"), aligned(4)))                     \
    const MnemeNote mneme_note = {6, sizeof(MnemeNote::text), MNEME_NOTE_TYPE, MNEME_NOTE_OWNER,   \
                                  "sdk=1.0\ntarget=1." MNEME_TEXT(                                 \
                                      MNEME_TARGET_MINOR) "\n" MNEME_TIER "\narch=" MNEME_ARCH     \
                                                          "\ncompiler=" __VERSION__ "\nmethod=" id \
                                                          "\nversion=" MNEME_PLUGIN_VERSION        \
                                                          "\nsummary=" summary "\npaper=" paper    \
                                                          "\nflags=" #__VA_ARGS__ "\n"};           \
    }                                                                                              \
    extern "C" __attribute__((visibility("default"))) const mneme_plugin* mneme_plugin_v1(void) {  \
        using M = ::mneme::border::Method<Class>;                                                  \
        static constexpr uint32_t flags = ::mneme::border::flags_of(#__VA_ARGS__);                 \
        static const mneme_method method = {sizeof(mneme_method),                                  \
                                            flags,                                                 \
                                            id,                                                    \
                                            MNEME_PLUGIN_VERSION,                                  \
                                            summary,                                               \
                                            paper,                                                 \
                                            M::create,                                             \
                                            M::destroy,                                            \
                                            M::begin_task,                                         \
                                            M::phases,                                             \
                                            M::begin_phase,                                        \
                                            M::observe,                                            \
                                            M::end_phase,                                          \
                                            M::end_task,                                           \
                                            M::predict,                                            \
                                            M::state,                                              \
                                            M::weights,                                            \
                                            M::begin_epoch,                                        \
                                            M::end_epoch};                                         \
        static const mneme_method* const methods[] = {&method, nullptr};                           \
        static const char* const interfaces[] = {                                                  \
            "mneme.tensor/1",  "mneme.net/1",       "mneme.data/1", "mneme.random/1",              \
            "mneme.options/1", "mneme.optimizer/1", nullptr};                                      \
        static const mneme_plugin plugin = {                                                       \
            sizeof(mneme_plugin),                                                                  \
            MNEME_ABI_MAJOR,                                                                       \
            MNEME_SDK_MINOR,                                                                       \
            MNEME_TARGET_MINOR,                                                                    \
            interfaces,                                                                            \
            __start_mneme_operators,                                                               \
            static_cast<uint64_t>(__stop_mneme_operators - __start_mneme_operators),               \
            methods};                                                                              \
        return &plugin;                                                                            \
    }
