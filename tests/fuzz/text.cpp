// SPDX-License-Identifier: Apache-2.0
// Sets of texts: CSV, CLINC150's JSON, and a user's vectors with their vocabulary. The first byte
// says which; a zero byte parts two files.
#include "text.hpp"
#include "input.hpp"

#include "fuzz.hpp"

using namespace mneme;

namespace {

bench::DatasetInfo set_of(bench::Format format, const std::vector<std::string>& files) {
    bench::DatasetInfo info;
    info.name = "texts";
    info.format = format;
    info.classes = 2;
    info.shape = {5, 3};
    for (const auto& file : files) info.files.push_back({file, 0, ""});
    return info;
}

void check(const bench::Dataset& set) {
    fuzz::want(set.train.pixels.size() == std::size_t(set.train.count) * 20,
               "rows of another length");
    for (auto label : set.train.labels) fuzz::want(label < 2, "a label out of range");
}

void check_vectors(const fuzz::Folder& folder) {
    bench::TextRule rule;
    rule.vocabulary = (folder.path() / "one").string();
    rule.vectors = (folder.path() / "two").string();
    const auto tokens = bench::wordpiece_tokens(rule, 3);
    std::vector<int32_t> ids;
    bool sound = false;
    for (const auto& word : bench::words_of("the bars, unbarred", sound)) tokens->ids_of(word, ids);
    for (auto id : ids)
        fuzz::want(id >= 0 && std::size_t(id) < tokens->table().size() / 3,
                   "an id without a vector");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const fuzz::Folder folder;
    if (size == 0) return 0;
    const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto cut = std::min(rest.find('\0'), rest.size());
    folder.write("one", rest.substr(0, cut));
    folder.write("two", cut < rest.size() ? rest.substr(cut + 1) : "");
    folder.write("names", R"(["a", "b"])");
    const bench::Place here{folder.path(), false};
    bench::Dataset set;
    fuzz::refuse_or_read([&] {
        switch (data[0] % 4) {
            case 0: bench::read_csv(set_of(bench::Format::csv, {"one", "two"}), here, set); break;
            case 1:
                bench::read_csv(set_of(bench::Format::csv, {"one", "two", "names"}), here, set);
                break;
            case 2:
                bench::read_clinc(set_of(bench::Format::clinc, {"one", "two"}), here, set);
                break;
            default: return check_vectors(folder);
        }
        check(set);
    });
    return 0;
}
