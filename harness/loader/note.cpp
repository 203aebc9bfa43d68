// SPDX-License-Identifier: Apache-2.0
#include "loader/note.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "loader/fault.hpp"

namespace mneme::loader {
namespace {

constexpr const char* remedy = "; build it with mneme_add_plugin";

struct Word {
    const char* name;
    uint32_t set, clear;
};

// `batched` and `captures` hold unless `single` or `eager` stand there.
constexpr Word words[] = {{"needs_task_id", MNEME_NEEDS_TASK_ID, 0},
                          {"needs_task_boundaries", MNEME_NEEDS_TASK_BOUNDARIES, 0},
                          {"oracle", MNEME_ORACLE, 0},
                          {"captures", MNEME_CAPTURES, 0},
                          {"batched", MNEME_BATCHED, 0},
                          {"stores_examples", MNEME_STORES_EXAMPLES, 0},
                          {"scores", MNEME_SCORES, 0},
                          {"single", 0, MNEME_BATCHED},
                          {"eager", 0, MNEME_CAPTURES}};

std::string known_words() {
    std::string out;
    for (const auto& w : words) out += (out.empty() ? "" : ", ") + std::string(w.name);
    return out;
}

class Parser final {
  public:
    explicit Parser(const std::filesystem::path& file) : file_(file) {}

    Note parse(std::string_view text) {
        text = text.substr(0, text.find('\0')); // a C string's end is part of the note
        note_.text = text;
        if (text.size() > 65536) bad("it has more than 65536 bytes");
        while (!text.empty()) {
            const auto end = text.find('\n');
            line(text.substr(0, end));
            text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        }
        if (note_.methods.empty()) {
            check_head();
            bad("it names no method");
        }
        return std::move(note_);
    }

  private:
    [[noreturn]] void bad(const std::string& why) const {
        refuse(Fault::bad_note, file_, "its .note.mneme cannot be used: " + why + remedy);
    }

    void line(std::string_view text) {
        if (text.empty()) return;
        if (std::any_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
            bad("a line has control characters");
        const auto equals = text.find('=');
        if (equals == text.npos) bad("the line \"" + std::string(text) + "\" is not key=value");
        const auto key = text.substr(0, equals), value = text.substr(equals + 1);
        if (key == "method") return method(value);
        if (note_.methods.empty()) head(key, value);
        else block(note_.methods.back(), key, value);
    }

    void head(std::string_view key, std::string_view value) {
        if (key == "sdk") version(key, value, note_.sdk_major, note_.sdk_minor);
        else if (key == "target") version(key, value, note_.target_major, note_.target_minor);
        else if (key == "tier") note_.tier = value;
        else if (key == "arch") note_.arch = value;
        else if (key == "compiler") note_.compiler = value;
        else note_.others[std::string(key)] = value;
    }

    void method(std::string_view id) {
        if (note_.methods.empty())
            check_head(); // before anything that a later SDK may write in another way
        const auto fits = [](unsigned char c) {
            return std::isalnum(c) || c == '_' || c == '-' || c == '.';
        };
        if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), fits))
            bad("\"" + std::string(id) + "\" is not a method id (1 to 64 letters, digits, _ - .)");
        for (const auto& m : note_.methods)
            if (m.id == id) bad("method " + m.id + " stands there twice");
        Method m;
        m.id = id;
        m.flags = MNEME_BATCHED | MNEME_CAPTURES;
        note_.methods.push_back(std::move(m));
    }

    void block(Method& m, std::string_view key, std::string_view value) const {
        if (key == "version") m.version = value;
        else if (key == "summary") m.summary = value;
        else if (key == "paper") m.paper = value;
        else if (key == "flags") flags(m, value); // other keys: a later SDK's
    }

    void flags(Method& m, std::string_view list) const {
        while (!list.empty()) {
            const auto end = list.find_first_of(", ");
            const auto word = list.substr(0, end);
            list = end == list.npos ? std::string_view{} : list.substr(end + 1);
            if (word.empty()) continue;
            const auto known = std::find_if(std::begin(words), std::end(words),
                                            [&](const Word& w) { return word == w.name; });
            if (known == std::end(words))
                refuse(Fault::unknown_flag, file_,
                       "method " + m.id + " has the unknown flag \"" + std::string(word) +
                           "\"; known are " + known_words());
            m.flags = (m.flags | known->set) & ~known->clear;
        }
    }

    void version(std::string_view key, std::string_view text, int32_t& major,
                 int32_t& minor) const {
        const char *begin = text.data(), *end = begin + text.size();
        const auto first = std::from_chars(begin, end, major);
        const bool dot = first.ec == std::errc() && first.ptr != end && *first.ptr == '.';
        const auto second = dot ? std::from_chars(first.ptr + 1, end, minor) : first;
        if (!dot || second.ec != std::errc() || second.ptr != end || major < 0 || minor < 0)
            bad(std::string(key) + "=" + std::string(text) + " is not a version (1.0)");
    }

    void check_head() const {
        if (note_.sdk_major == 0) bad("it does not say sdk=");
        if (note_.sdk_major != MNEME_ABI_MAJOR)
            refuse(Fault::other_major, file_,
                   "built with SDK " + of(note_.sdk_major, note_.sdk_minor) +
                       ", this harness has SDK " + here() + "; build it with SDK " +
                       std::to_string(int{MNEME_ABI_MAJOR}));
        if (note_.target_major == 0) bad("it does not say target=");
        if (note_.target_major != MNEME_ABI_MAJOR || note_.target_minor > MNEME_SDK_MINOR)
            refuse(Fault::newer_target, file_,
                   "made for SDK " + of(note_.target_major, note_.target_minor) +
                       " or newer, this harness has SDK " + here() +
                       "; use a newer harness, or build it with MNEME_TARGET_MINOR=" +
                       std::to_string(int{MNEME_SDK_MINOR}));
        if (note_.arch.empty()) bad("it does not say arch=");
        if (note_.tier != "pure" && note_.tier != "native")
            bad("tier=" + note_.tier + " is neither pure nor native");
    }

    static std::string of(int32_t major, int32_t minor) {
        return std::to_string(major) + "." + std::to_string(minor);
    }
    static std::string here() { return of(MNEME_ABI_MAJOR, MNEME_SDK_MINOR); }

    const std::filesystem::path& file_;
    Note note_;
};

} // namespace

Note parse_note(std::string_view text, const std::filesystem::path& file) {
    return Parser(file).parse(text);
}

std::vector<std::string> flag_names(uint32_t flags) {
    std::vector<std::string> out;
    for (const auto& w : words)
        if (flags & w.set) out.emplace_back(w.name);
    return out;
}

} // namespace mneme::loader
