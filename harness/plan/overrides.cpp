// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "plan/check.hpp"
#include "plan/expand.hpp"
#include "plan/suite_keys.hpp"

namespace mneme::harness {

namespace {

Names settable() {
    Names keys;
    for (const SuiteKey& key : suite_keys())
        if (key.settable) keys.push_back(key.name);
    return keys;
}

void set(Node& table, const std::string& key, Node value) {
    for (auto& member : table.members) {
        if (member.key != key) continue;
        member.where = value.where;
        member.value = std::move(value);
        return;
    }
    const std::string where = value.where;
    table.members.push_back({key, where, std::move(value)});
}

Node* method_named(Node& suite, const std::string& path, Names& labels, std::string& rest) {
    Node* found = nullptr;
    std::size_t longest = 0;
    for (auto& member : suite.members) {
        if (member.key != "method") continue;
        for (auto& method : member.value.items) {
            const std::string label = label_of(method);
            if (label.empty()) continue;
            labels.push_back(label);
            if (path.rfind(label + ".", 0) != 0 || label.size() < longest)
                continue; // labels may hold dots: the longest that fits
            found = &method;
            longest = label.size();
            rest = path.substr(label.size() + 1);
        }
    }
    return found;
}

void set_in_method(Node& suite, const std::string& path, const std::string& where, Node value) {
    Names labels;
    std::string key;
    Node* method = method_named(suite, path, labels, key);
    if (!method) {
        const std::string word = path.substr(0, path.rfind('.'));
        fail(where, "unknown method " + in_quotes(word) + "; " + remedy(word, labels) +
                        ", as in method.LABEL.KEY=VALUE");
    }
    if (key == "plugin" || key == "name")
        fail(where, key + " belongs to the suite; expected an option or train.KEY");
    if (key.rfind("train.", 0) == 0) {
        Node* train = nullptr;
        for (auto& member : method->members)
            if (member.key == "train") train = &member.value;
        if (!train) {
            Node empty;
            empty.where = where;
            set(*method, "train", empty);
            train = &method->members.back().value;
        }
        want_table({"train", train->where, *train});
        return set(*train, key.substr(6), std::move(value));
    }
    if (key.empty() || key == "train" || key.find('.') != std::string::npos)
        fail(where, "no key " + in_quotes(key) +
                        " in a method; expected method.LABEL.OPTION or method.LABEL.train.KEY");
    set(*method, key, std::move(value));
}

void set_one(Node& suite, const std::string& text) {
    const std::string where = "--set " + one_line(text);
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        fail(where, "no key=value; expected seeds=3 or method.ewc.lambda=5");
    const std::string key = text.substr(0, equals);
    if (key.rfind("benchmark", 0) == 0)
        fail(where,
             "a benchmark cannot be set, or two results of one name would differ; expected a "
             "benchmark file "
             "of another name");
    Node value = parse_value(text.substr(equals + 1), where);
    if (key.rfind("method.", 0) == 0)
        return set_in_method(suite, key.substr(7), where, std::move(value));
    Names known = settable();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
        known.push_back("method.LABEL.KEY");
        fail(where, "unknown key " + in_quotes(key) + "; " + remedy(key, known));
    }
    set(suite, key, std::move(value));
}

Node seeds_node(const std::string& text) {
    Node list;
    list.kind = Node::Kind::array;
    list.where = "--seeds " + one_line(text);
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        int64_t seed = 0;
        const auto [stop, fault] = std::from_chars(at, end, seed);
        if (fault != std::errc() || (stop != end && *stop != ','))
            fail(list.where,
                 "not seeds; expected a number such as 5 (for 1 to 5), or a list such as 2,4");
        Node item;
        item.kind = Node::Kind::integer;
        item.where = list.where;
        item.scalar = seed;
        list.items.push_back(std::move(item));
        if (stop == end) break;
        at = stop + 1;
    }
    return list.items.size() == 1 ? list.items.front() : list;
}

// A run until decided takes the seeds 1, 2, 3, ... as they are needed.
void set_most_seeds(Node& suite, const Overrides& overrides) {
    const std::string option = "--until-decided";
    for (const auto& text : overrides.set)
        if (text.rfind("seeds=", 0) == 0)
            fail(option + " with --set " + one_line(text),
                 "the comparisons decide how many seeds there are; leave it out, or give the most "
                 "with --max-seeds");
    const Member* seeds = find(suite, "seeds");
    if (seeds && seeds->value.kind == Node::Kind::array)
        fail(seeds->value.where, "seeds is a list, and " + option +
                                     " takes the seeds 1, 2, 3, ... as they are needed; write a "
                                     "count such as seeds = 5, or run without " +
                                     option);
    Node most;
    most.kind = Node::Kind::integer;
    most.where = "--max-seeds " + std::to_string(overrides.max_seeds);
    most.scalar = overrides.max_seeds;
    set(suite, "seeds", std::move(most));
}

} // namespace

std::string label_of(const Node& method) {
    const Member* name = find(method, "name");
    if (!name) name = find(method, "plugin");
    return name && name->value.kind == Node::Kind::text ? name->value.scalar.get<std::string>()
                                                        : "";
}

void lay_over(Node& suite, const Overrides& overrides) {
    for (const auto& text : overrides.set) set_one(suite, text);
    if (!overrides.seeds.empty()) set(suite, "seeds", seeds_node(overrides.seeds));
    if (overrides.max_seeds > 0) set_most_seeds(suite, overrides);
}

} // namespace mneme::harness
