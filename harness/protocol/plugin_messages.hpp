// SPDX-License-Identifier: Apache-2.0
// What a worker says of plugins: whether they fit a plan, what their options are, how they do in
// the checks (messages.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <base/error.hpp>

#include "protocol/json.hpp"

namespace mneme::protocol {

struct Gpu { // the answer to `construct` with gpu
    static constexpr const char* event = "gpu";
    bool usable = false;
    std::string message = {}; // why not

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("usable", self.usable);
        visit("message", self.message);
    }
};

struct Constructing { // before an entry's plugin is loaded
    static constexpr const char* event = "constructing";
    std::int64_t index = 0; // of the entry
    std::string plugin = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("index", self.index);
        visit("plugin", self.plugin);
    }
};

struct Option {
    std::string name, kind; // number, real, count, choice, flag
    Json value, standard;   // in effect, by default
    std::optional<double> min, max;
    bool min_excluded = false, max_excluded = false;
    std::vector<std::string> choices;
    std::string help;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("name", self.name);
        visit("kind", self.kind);
        visit("value", self.value);
        visit("default", self.standard);
        visit("min", self.min);
        visit("max", self.max);
        visit("min_excluded", self.min_excluded);
        visit("max_excluded", self.max_excluded);
        visit("choices", self.choices);
        visit("help", self.help);
    }
};

struct Constructed {
    static constexpr const char* event = "constructed";
    std::int64_t index = 0;
    std::string id, version, summary, paper;
    std::vector<std::string> flags; // needs_task_id, ...
    std::vector<Option> options;
    Json train; // effective

    bool has_flag(std::string_view flag) const;
    Json option_values() const; // by name

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("index", self.index);
        visit("id", self.id);
        visit("version", self.version);
        visit("summary", self.summary);
        visit("paper", self.paper);
        visit("flags", self.flags);
        visit("options", self.options);
        visit("train", self.train);
    }
};

struct Refused { // bad_input: the suite is at fault; plugin_refused: the plugin is
    static constexpr const char* event = "refused";
    std::int64_t index = 0;
    std::string message = {};
    base::ExitCode exit = base::ExitCode::plugin_refused;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("index", self.index);
        visit("message", self.message);
        visit("exit", self.exit);
    }
};

struct Checking { // what the next lines of the process belong to
    static constexpr const char* event = "checking";
    std::string method, check; // check: `load` before the plugin is loaded
    std::string detail = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("method", self.method);
        visit("check", self.check);
        visit("detail", self.detail);
    }
};

struct Checked {
    static constexpr const char* event = "checked";
    std::string method, check;
    std::string verdict; // pass, fail, skip
    std::string note = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("method", self.method);
        visit("check", self.check);
        visit("verdict", self.verdict);
        visit("note", self.note);
    }
};

} // namespace mneme::protocol
