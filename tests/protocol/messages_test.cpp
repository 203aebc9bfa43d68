// SPDX-License-Identifier: Apache-2.0
// Every message survives its line; what is not a message is told apart.
#include "protocol/messages.hpp"
#include "catch.hpp"

using namespace mneme::protocol;
using mneme::base::ExitCode;

namespace {

const std::vector<Message> examples{
    Gpu{false, "no driver"},
    Constructing{3, "/p/ewc.so"},
    Constructed{1,
                "ewc",
                "1.2",
                "summary",
                "arXiv",
                {"batched", "oracle"},
                {{"lambda", "number", 2.5, 10.0, 0.0, std::nullopt, true, false, {}, "help"}},
                {{"lr", 0.1}}},
    Refused{2, "s.toml:5:1: unknown option", ExitCode::bad_input},
    Progress{"train", 3, 5, "train", 120, 200, 0.5, 0.6},
    Positioned{7},
    Log{"two\nlines"},
    Begun{{{std::string(64, 'a'), 2}}},
    Done{{{std::string(64, 'a'), 1, "diverged"}}},
    Failure{"the device was lost", ExitCode::temporary},
    NetworkFacts{0, 56, {{"fc1.weight", {8, 7}, "file"}}, ""},
    Checking{"ewc", "resume", "lambda = 0"},
    Checked{"ewc", "resume", "fail", "the weights differ"},
    WorkerFacts{"2.11.0", "mkl", 50, "onednn", 100, {"aten::x"}, true, false, "", "", "no GPU"},
};

} // namespace

TEST_CASE("every message survives its line") {
    REQUIRE(examples.size() == std::variant_size_v<Message>);
    for (std::size_t kind = 0; kind < examples.size(); ++kind) {
        CHECK(examples[kind].index() == kind);
        const std::string line = write_message(examples[kind]);
        CHECK(line.find('\n') == std::string::npos);
        const auto again = read_message(line);
        REQUIRE(again.has_value());
        CHECK(again->index() == kind);
        CHECK(write_message(*again) == line);
    }
}

TEST_CASE("the keys of a message are the names of its fields") {
    CHECK(write_message(Progress{"train", 3, 5, "a", 120, 200, {}}) ==
          R"({"accuracy":null,"event":"progress","phase":"a","share":0.0,"stage":"train",)"
          R"("step":120,"steps":200,"task":3,"tasks":5})");
    CHECK(write_message(Failure{"why", ExitCode::temporary}) ==
          R"({"event":"error","exit":75,"message":"why"})");
}

TEST_CASE("bytes that are not UTF-8 do not stop a message") {
    const auto again = read_message(write_message(Log{"\xff\xfe"}));
    REQUIRE(again.has_value());
    CHECK(std::get<Log>(*again).line == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("what is not a message") {
    for (const char* line : {"", "not json", "[1, 2]", "{\"event\": 5}", "{\"event\": \"dance\"}",
                             "{\"event\": \"progress\", \"task\": \"x\", \"stage\": 7}",
                             "{\"event\": \"log\"}", "{\"event\": \"log\", \"line\": 3}"})
        CHECK_FALSE(read_message(line).has_value());
}

TEST_CASE("an exit code that is not ours is a fault of the worker") {
    const auto message = read_message(R"({"event":"error","exit":7,"message":"why"})");
    REQUIRE(message.has_value());
    CHECK(std::get<Failure>(*message).exit == ExitCode::internal);
}

TEST_CASE("flags and values of a constructed method") {
    const auto& made = std::get<Constructed>(examples[2]);
    CHECK(made.has_flag("oracle"));
    CHECK_FALSE(made.has_flag("captures"));
    CHECK(made.option_values() == Json{{"lambda", 2.5}});
}
