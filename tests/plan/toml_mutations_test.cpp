// SPDX-License-Identifier: Apache-2.0
// A suite or benchmark file that is cut or altered anywhere is read, or refused with a place: never
// a crash, never another exception.
#include <cstring>
#include <random>

#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;

namespace {

const std::string sound =
    "title = \"t\"\nbenchmarks = [\"tiny\"]\nseeds = [1, 2]\nwall_limit_s = "
    "1.5\n\n[[method]]\nname = \"ewc\"\nplugin = \"ewc_online\"\n"
    "lambda = { grid = [1, 0.5, 1e-3] }\nflag = true\ntrain = { lr = { grid = [0.1, 0.2] }, "
    "batch_size = 10 }\n"
    "\n[[method]]\nplugin = 'finetune'\nkind = \"\"\"x\ny\"\"\"\n[method.train]\nepochs = 1\n";

std::string mutated(const std::string& text, std::mt19937& random) {
    static const char* const pieces[] = {"[",
                                         "]",
                                         "{",
                                         "}",
                                         "\"",
                                         "'",
                                         "=",
                                         ",",
                                         ".",
                                         "\n",
                                         "#",
                                         "-",
                                         "e",
                                         "_",
                                         "0x",
                                         "inf",
                                         "\\u0000",
                                         "\xc3",
                                         "[[",
                                         "]]",
                                         "\"\"\"",
                                         "true",
                                         "99999999999999999999",
                                         "1979-05-27T07:32:00Z",
                                         "grid",
                                         "{grid=[",
                                         "a.b."};
    std::string out = text;
    for (std::size_t i = 0, changes = 1 + random() % 4; i < changes && !out.empty(); ++i) {
        const std::size_t at = random() % out.size();
        switch (random() % 5) {
            case 0: out[at] = char(random()); break;
            case 1: out.erase(at, 1 + random() % 8); break;
            case 2: out.insert(at, pieces[random() % std::size(pieces)]); break;
            case 3: out.insert(at, out.substr(random() % out.size(), random() % 40)); break;
            default: out.resize(at); break;
        }
    }
    return out;
}

// True when it was read, false when it was refused as it should be.
template <class F> bool sober(F action) {
    const std::string fault = fault_of(action);
    if (fault.empty()) return true;
    CHECK(fault.rfind("65 ", 0) == 0);
    CHECK(fault.find(": ") != std::string::npos);
    CHECK(fault.find('\n') == std::string::npos);
    return false;
}

} // namespace

TEST_CASE("suites cut at every byte") {
    const Suites suites;
    int read = 0;
    for (std::size_t length = 0; length < sound.size(); ++length)
        read += sober([&] { suites.load(sound.substr(0, length)); });
    CHECK(read > 5); // cut behind a whole method: still a suite
    CHECK(read < int(sound.size()) / 2);
}

TEST_CASE("suites and benchmarks altered at random") {
    const Suites suites;
    std::mt19937 random(20261124);
    int read = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = mutated(sound, random);
        INFO(text);
        read += sober([&] { suites.load(text); });
        const std::string benchmark = mutated(tiny, random);
        INFO(benchmark);
        sober([&] {
            mneme::harness::load_benchmark(suites.folder.write("x.toml", benchmark).string(), {});
        });
    }
    CHECK(read > 10);
    CHECK(read < 900);
}

TEST_CASE("command-line settings altered at random") {
    Suites suites;
    std::mt19937 random(7);
    for (int i = 0; i < 300; ++i) {
        suites.over.set = {mutated("method.ewc.train.lr={grid=[1,2]}", random)};
        suites.over.seeds = i % 2 ? mutated("1,2", random) : "";
        INFO(suites.over.set[0]);
        sober([&] { suites.load(sound); });
    }
}

TEST_CASE("plans cut and altered") {
    const Folder folder;
    mneme::harness::Plan plan{"s", "t", {"b"}, {"l"}, {1}, {mneme::harness::Cell{}}};
    plan.cells[0].runs.resize(1);
    const std::string text = to_json(plan).dump();
    std::mt19937 random(3);
    for (int i = 0; i < 300; ++i)
        sober([&] { mneme::harness::read_plan(folder.write("p.json", mutated(text, random))); });
    for (std::size_t length = 0; length < text.size(); length += 7)
        CHECK_FALSE(sober(
            [&] { mneme::harness::read_plan(folder.write("p.json", text.substr(0, length))); }));
}
