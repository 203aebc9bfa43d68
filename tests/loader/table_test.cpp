// SPDX-License-Identifier: Apache-2.0
// Tables made by hand: what is refused, and that no byte is read past the size that a writer
// states.
#include "catch.hpp"

#include <cstring>

#include <sys/mman.h>

#include <base/error.hpp>

#include "loader/fault.hpp"
#include "loader/note.hpp"
#include "loader/table.hpp"
#include "support.hpp"

using namespace loader_test;

namespace {

const char* const note_text =
    "sdk=1.0\ntarget=1.0\ntier=pure\narch=x86_64\ncompiler=12\nmethod=m\nversion=1.0\nsummary="
    "s\npaper=\nflags=oracle\n";

// A table as a plugin would have it; each test changes one thing.
struct Made {
    mneme_method method{};
    const mneme_method* methods[3] = {&method, nullptr, nullptr};
    const char* interfaces[2] = {"mneme.tensor/1", nullptr};
    mneme_plugin plugin{};

    Made() {
        method.size = sizeof method;
        method.flags = MNEME_BATCHED | MNEME_CAPTURES | MNEME_ORACLE;
        method.id = "m", method.version = "1.0", method.summary = "s", method.paper = "";
        method.create = [](const mneme_host*, const mneme_setup*, void**, mneme_status*) {
            return int32_t{7};
        };
        method.destroy = [](void*) {};
        method.begin_task =
            method.end_task = [](void*, const mneme_task*, mneme_status*) { return int32_t{0}; };
        method.phases = [](void*, const mneme_task*, mneme_phase*, int32_t, int32_t*,
                           mneme_status*) { return int32_t{0}; };
        method.begin_phase =
            method.end_phase = [](void*, const mneme_phase*, mneme_status*) { return int32_t{0}; };
        method.observe = [](void*, const mneme_batch*, const mneme_batch*, mneme_status*) {
            return int32_t{0};
        };
        method.predict = [](void*, mneme_tensor*, int64_t, mneme_tensor**, mneme_status*) {
            return int32_t{0};
        };
        method.state = [](void*, const mneme_state*, mneme_status*) { return int32_t{0}; };
        method.weights = [](void*, mneme_tensor**, mneme_tensor**, mneme_status*) {
            return int32_t{0};
        };
        plugin = {sizeof plugin, MNEME_ABI_MAJOR, MNEME_SDK_MINOR, 0, interfaces, nullptr, 0,
                  methods};
    }
};

std::string judged(const mneme_plugin* plugin, const char* note = note_text) {
    const fs::path file = "p.so";
    return said(
        refusal_of(file, [&] { read_table(plugin, parse_note(note, file), host(), file); }));
}

// Bytes whose last one is the last of a page; the page behind it may not be touched.
class AtTheEdge final {
  public:
    AtTheEdge(const void* data, std::size_t bytes) {
        base_ = static_cast<char*>(
            mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        mprotect(base_ + 4096, 4096, PROT_NONE);
        at = base_ + 4096 - bytes;
        std::memcpy(at, data, bytes);
    }
    ~AtTheEdge() { munmap(base_, 8192); }
    AtTheEdge(const AtTheEdge&) = delete;
    AtTheEdge& operator=(const AtTheEdge&) = delete;
    char* at;

  private:
    char* base_;
};

} // namespace

TEST_CASE("a table that keeps the contract is taken, with everything in it") {
    Made made;
    CHECK(judged(&made.plugin) == "taken");
    const auto table = read_table(&made.plugin, parse_note(note_text, "p.so"), host(), "p.so");
    REQUIRE(table->plugin.methods[0] != nullptr);
    CHECK(table->plugin.methods[1] == nullptr);
    CHECK(table->plugin.methods[0]->create(nullptr, nullptr, nullptr, nullptr) == 7);
    CHECK(table->plugin.interfaces == made.interfaces);
}

TEST_CASE("versions in the table") {
    CHECK(judged(nullptr) ==
          "43 FILE: mneme_plugin_v1 gave no table; it must return the address of a mneme_plugin");
    Made made;
    made.plugin.target_minor = 9;
    CHECK(judged(&made.plugin) ==
          "52 FILE: its table is made for SDK 1.9 or newer, this harness has SDK 1.0; use a newer "
          "harness, or build it with "
          "MNEME_TARGET_MINOR=0");
    made.plugin.abi_major = 0;
    CHECK(judged(&made.plugin) ==
          "51 FILE: its table is of ABI 0, this harness has SDK 1.0; build it with SDK 1");
}

TEST_CASE(
    "a newer SDK's longer structs are read as far as we know them, a shorter one than 1.0 is "
    "refused") {
    Made made;
    struct Longer {
        mneme_plugin plugin;
        void* more = reinterpret_cast<void*>(0x1);
    } longer{made.plugin};
    longer.plugin.size = sizeof longer;
    const auto table = read_table(&longer.plugin, parse_note(note_text, "p.so"), host(), "p.so");
    CHECK(table->plugin.size == sizeof(mneme_plugin));
    made.plugin.size = sizeof made.plugin - 1;
    CHECK(judged(&made.plugin) ==
          "50 FILE: its table says that it has 47 bytes, SDK 1.0 has 48; set its size to sizeof, "
          "with the SDK's abi.h");
    made.plugin.size = sizeof made.plugin;
    made.method.size = 24;
    CHECK(judged(&made.plugin) ==
          "57 FILE: its method 1 says that it has 24 bytes, SDK 1.0 has 128; set its size to "
          "sizeof, with the SDK's abi.h");
}

TEST_CASE("nothing behind a struct is read") {
    Made made;
    const AtTheEdge method(&made.method, sizeof made.method);
    made.methods[0] = reinterpret_cast<const mneme_method*>(method.at);
    const AtTheEdge plugin(&made.plugin, sizeof made.plugin);
    CHECK(judged(reinterpret_cast<const mneme_plugin*>(plugin.at)) == "taken");
    const uint32_t beginning[] = {8,
                                  MNEME_ABI_MAJOR}; // nothing but the size and the major is there
    const AtTheEdge only_size(beginning, sizeof beginning);
    CHECK(judged(reinterpret_cast<const mneme_plugin*>(only_size.at)) ==
          "50 FILE: its table says that it has 8 bytes, SDK 1.0 has 48; set its size to sizeof, "
          "with the SDK's abi.h");
}

TEST_CASE("required operators, each name ended by 0") {
    Made made;
    const std::string good("aten::add.Tensor\0\0aten::mul.Tensor\0", 35),
        bad("aten::add.Tensor\0aten::nope\0", 28), open("aten::add.Tensor");
    made.plugin.operators = good.data(), made.plugin.operators_bytes = good.size();
    CHECK(judged(&made.plugin) == "taken");
    made.plugin.operators = bad.data(), made.plugin.operators_bytes = bad.size();
    CHECK(judged(&made.plugin) ==
          "55 FILE: needs the operator aten::nope, which LibTorch 2.11.0 does not have; use a "
          "plugin built for it");
    made.plugin.operators = open.data(), made.plugin.operators_bytes = open.size();
    CHECK(judged(&made.plugin) ==
          "53 FILE: its list of operators is not one of names that each end with 0; build it with "
          "the SDK's headers");
    made.plugin.operators = nullptr;
    CHECK_THAT(judged(&made.plugin), Catch::Matchers::StartsWith("53 "));
    made.plugin.operators_bytes = 0; // none is fine
    CHECK(judged(&made.plugin) == "taken");
}

TEST_CASE("no methods, and every slot that can be empty") {
    Made made;
    made.methods[0] = nullptr;
    CHECK(judged(&made.plugin) == "56 FILE: its table has no method; list at least one");
    made.plugin.methods = nullptr;
    CHECK(judged(&made.plugin) == "56 FILE: its table has no method; list at least one");
    const auto without = [](auto slot, const std::string& name) {
        Made m;
        m.method.*slot = nullptr;
        const std::string who = name == "id" ? "1" : "m";
        CHECK(judged(&m.plugin) == "58 FILE: its method " + who + " has no " + name +
                                       " (NULL); every slot of SDK 1.0 must be filled");
    };
    without(&mneme_method::id, "id"), without(&mneme_method::version, "version"),
        without(&mneme_method::summary, "summary");
    without(&mneme_method::paper, "paper"), without(&mneme_method::create, "create"),
        without(&mneme_method::destroy, "destroy");
    without(&mneme_method::begin_task, "begin_task"), without(&mneme_method::phases, "phases"),
        without(&mneme_method::begin_phase, "begin_phase");
    without(&mneme_method::observe, "observe"), without(&mneme_method::end_phase, "end_phase"),
        without(&mneme_method::end_task, "end_task");
    without(&mneme_method::predict, "predict"), without(&mneme_method::state, "state"),
        without(&mneme_method::weights, "weights");
}

TEST_CASE("note and table must say the same") {
    const std::string end = "; note and table must say the same, as MNEME_METHOD makes them do";
    Made made;
    made.method.id = "n";
    CHECK(judged(&made.plugin) == "59 FILE: its table has the method n, its note does not" + end);
    made.method.id = "m";
    made.method.version = "1.1";
    CHECK(judged(&made.plugin) ==
          "59 FILE: its method m is of version 1.1, its note says 1.0" + end);
    made.method.version = "1.0";
    made.method.flags = 0;
    CHECK(judged(&made.plugin) ==
          "59 FILE: its method m has flags that its note does not tell" + end);
    Made second;
    const auto two = std::string(note_text) + "method=z\nversion=1\n";
    CHECK(judged(&second.plugin, two.c_str()) ==
          "59 FILE: its note names the method z, its table does not have it" + end);
}
