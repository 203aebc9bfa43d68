// SPDX-License-Identifier: Apache-2.0
// CLINC150: an object with arrays of [text, intent] by split, and an object of domains with the
// names of their intents. Classes are numbered in the order of the second file, so that a domain's
// stand together. `train` is for training, `test` for test; `val` and what is out of scope are not
// used.
#include <nlohmann/json.hpp>

#include "classes.hpp"
#include "input.hpp"
#include "text.hpp"

namespace mneme::bench {

namespace {

constexpr const char* texts_wanted =
    "; expected an object with the arrays train and test of [text, intent]";

using Json = nlohmann::ordered_json;

Json parsed(Input& in) {
    Json json = Json::parse(read_all(in, most_text_bytes), nullptr, false);
    if (json.is_discarded()) in.fail("is not JSON; expected the file as published");
    return json;
}

ClassNames intents_of(const DatasetInfo& info, Input& in) {
    const Json domains = parsed(in);
    const std::string wanted = "; expected an object of domains with the names of their intents";
    if (!domains.is_object()) in.fail("is JSON of another shape" + wanted);
    ClassNames names(info.classes, in.name());
    for (const auto& intents : domains) {
        if (!intents.is_array()) in.fail("is JSON of another shape" + wanted);
        for (const auto& intent : intents) {
            if (!intent.is_string()) in.fail("is JSON of another shape" + wanted);
            names.add(intent.get<std::string>());
        }
    }
    names.expect_all();
    return names;
}

void read_split(const Json& texts, const std::string& split, const ClassNames& intents,
                const Input& in, TextRows& rows, Images& part, int64_t shift) {
    if (!texts.is_object() || !texts.contains(split) || !texts.at(split).is_array())
        in.fail("has no array " + split + texts_wanted);
    std::size_t index = 0;
    for (const auto& pair : texts.at(split)) {
        const std::string place = split + "[" + std::to_string(index++) + "]";
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
            in.fail(place + " is not [text, intent]" + texts_wanted);
        const int64_t label = intents.number(pair[1].get<std::string>(), in.name(), place);
        if (!rows.add(part, pair[0].get<std::string>(), label + shift))
            in.fail(place + " is not UTF-8; expected text in UTF-8");
    }
}

} // namespace

std::vector<std::string> read_clinc(const DatasetInfo& info, const Place& place, Dataset& into) {
    const auto in = open_file(file_in(place.path, info.files[0].name), "JSON"),
               domains_in = open_file(file_in(place.path, info.files[1].name), "JSON");
    const Json texts = parsed(*in);
    const ClassNames intents = intents_of(info, *domains_in);
    TextRows rows(info);
    read_split(texts, "train", intents, *in, rows, into.train, into.classes);
    read_split(texts, "test", intents, *in, rows, into.test, into.classes);
    rows.finish(into);
    return {checked_sha256(info, 0, *in), checked_sha256(info, 1, *domains_in)};
}

} // namespace mneme::bench
