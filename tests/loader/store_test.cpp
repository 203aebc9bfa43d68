// SPDX-License-Identifier: Apache-2.0
// The copy that is used: named by content, complete or absent, right under a race, and what a
// changed file then means.
#include "catch.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <base/error.hpp>

#include "loader/fault.hpp"
#include "loader/store.hpp"
#include "support.hpp"

using namespace loader_test;

namespace {

Options in(const fs::path& store, const std::string& sha256 = {}) {
    Options options;
    options.store = store;
    options.sha256 = sha256;
    return options;
}

std::vector<std::string> names(const fs::path& folder) {
    std::vector<std::string> out;
    for (const auto& e : fs::directory_iterator(folder)) out.push_back(e.path().filename());
    return out;
}

// Runs `body` in a child; its value is the exit status.
template <class F> pid_t child(F&& body) {
    const auto pid = fork();
    if (pid == 0) _exit(body());
    return pid;
}

int ended(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("what is mapped is the copy, so the file may be built anew") {
    const Folder folder, store;
    const auto file = plant_new("leaks", folder);
    const auto sha256 = inspect(file).sha256;
    const auto& plugin = load(file, host(), in(store / "deep" / "er"));
    CHECK(names(store / "deep" / "er") == std::vector<std::string>{sha256 + ".so"});
    const bool same = read(store / "deep" / "er" / (sha256 + ".so")) == read(file);
    CHECK(same);
    CHECK_THAT(read("/proc/self/maps"), Catch::Matchers::ContainsSubstring(sha256 + ".so"));
    CHECK_THAT(read("/proc/self/maps"), !Catch::Matchers::ContainsSubstring(file.string()));
    write(file, "cut short");
    CHECK(std::string((*plugin.methods)->summary) == "never releases its gradients");
    struct stat status {};
    REQUIRE(stat((store / "deep").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0700);
}

TEST_CASE("a plan's file comes from the store when it has changed since") {
    const Folder folder, store;
    const auto file = plant_new("good_c", folder);
    const auto before = read(file), sha256 = inspect(file).sha256;
    write(file, read(fixture("fails")));
    const auto now = inspect(file).sha256;
    CHECK(said(load_refusal(file, host(), in(store, sha256))) ==
          "11 FILE: has changed since the plan was made (SHA-256 " + now.substr(0, 12) +
              ", planned with " + sha256.substr(0, 12) + "); make the plan again");
    Store(store, file).keep(before, sha256);
    CHECK(std::string((*load(file, host(), in(store, sha256)).methods)->id) == "good_c");
    CHECK(std::string((*load(file, host(), in(store, now)).methods)->id) == "fails");
    fs::remove(file);
    CHECK(std::string((*load(file, host(), in(store, sha256)).methods)->id) == "good_c");
}

TEST_CASE("a copy that is damaged is written again") {
    const Folder folder;
    const auto bytes = read(fixture("good_c")), sha256 = inspect(fixture("good_c")).sha256;
    const Store store(folder, fixture("good_c"));
    CHECK_FALSE(store.has(sha256));
    const auto place = store.keep(bytes, sha256);
    CHECK(store.has(sha256));
    write(place, bytes.substr(0, 100));
    CHECK_FALSE(store.has(sha256));
    CHECK(store.keep(bytes, sha256) == place);
    const bool same = read(place) == bytes;
    CHECK(same);
    CHECK(names(folder).size() == 1);
}

TEST_CASE("many processes that keep one plugin at once leave one right copy and nothing else") {
    const Folder folder;
    const auto bytes = read(fixture("good_c")), sha256 = inspect(fixture("good_c")).sha256;
    std::vector<pid_t> children;
    for (int k = 0; k < 12; ++k)
        children.push_back(child([&] {
            try {
                return read(Store(folder / "shared", "x").keep(bytes, sha256)) == bytes ? 0 : 1;
            } catch (const Verdict&) {
                return 2;
            }
        }));
    for (const auto pid : children) CHECK(ended(pid) == 0);
    CHECK(names(folder / "shared") == std::vector<std::string>{sha256 + ".so"});
    const bool same = read(folder / "shared" / (sha256 + ".so")) == bytes;
    CHECK(same);
}

TEST_CASE("a store that cannot be used: where, why, what to do, and its own exit codes") {
    const Folder folder;
    const auto file = plant_new("good_c", folder);
    CHECK(said(load_refusal(file, host(), in("/dev/null/store"))) ==
          "40 FILE: cannot be copied to /dev/null/store (Not a directory); set XDG_CACHE_HOME to a "
          "folder that you can write");
    fs::create_directory(folder / "open");
    fs::permissions(folder / "open", fs::perms::all);
    const auto store = folder / "open" / "store";
    CHECK(said(load_refusal(file, host(), in(store))) ==
          "40 FILE: cannot be copied to " + store.string() + ", since " +
              (folder / "open").string() +
              " is writable by everyone; set XDG_CACHE_HOME to a folder of yours");
    CHECK(exit_code(Fault::store) == mneme::base::ExitCode::bad_input);
    CHECK(exit_code(Fault::store_full) == mneme::base::ExitCode::temporary);
    CHECK(exit_code(Fault::missing_operator) == mneme::base::ExitCode::plugin_refused);
}

TEST_CASE("a full disk is temporary, and nothing half-written stays") {
    const Folder folder, plugins;
    const auto file = plant_new("good_c", plugins);
    const int status = ended(child([&] {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", static_cast<const fs::path&>(folder).c_str(), "tmpfs", 0,
                  "size=8k,mode=0700") != 0)
            return 77;
        const auto r = load_refusal(file, host(), in(folder));
        const auto wanted = "41 FILE: cannot be copied to " +
                            static_cast<const fs::path&>(folder).string() +
                            " (No space left on device); make room there, or set XDG_CACHE_HOME to "
                            "a folder with room";
        return said(r) == wanted && names(folder).empty() ? 0 : 1;
    }));
    if (status == 77) mneme::test::skip("a small disk cannot be mounted here");
    CHECK(status == 0);
}

TEST_CASE("the usual place follows XDG_CACHE_HOME, then HOME") {
    const auto place = [](const char* cache, const char* home) {
        const auto put = [](const char* name, const char* value) {
            value ? setenv(name, value, 1) : unsetenv(name);
        };
        const auto get = [](const char* name) {
            const char* v = std::getenv(name);
            return v ? std::optional<std::string>(v) : std::nullopt;
        };
        const auto old_cache = get("XDG_CACHE_HOME"), old_home = get("HOME");
        put("XDG_CACHE_HOME", cache), put("HOME", home);
        std::string out;
        try {
            out = Store({}, "a.so").place("77");
        } catch (const Verdict& e) {
            out = e.what();
        }
        put("XDG_CACHE_HOME", old_cache ? old_cache->c_str() : nullptr),
            put("HOME", old_home ? old_home->c_str() : nullptr);
        return out;
    };
    CHECK(place("/c", "/h") == "/c/mneme/plugins/77.so");
    CHECK(place(nullptr, "/h") == "/h/.cache/mneme/plugins/77.so");
    CHECK(place("relative", "/h") == "/h/.cache/mneme/plugins/77.so");
    CHECK(place(nullptr, nullptr) ==
          "a.so: no folder for a copy of it: neither XDG_CACHE_HOME nor HOME is set; set one of "
          "them");
}

TEST_CASE("a disk from which nothing may be executed is named, with the remedy") {
    const Folder folder, plugins;
    const auto file = plant_new("good_c", plugins);
    const int status = ended(child([&] {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", static_cast<const fs::path&>(folder).c_str(), "tmpfs", MS_NOEXEC,
                  "size=8m,mode=0700") != 0)
            return 77;
        const auto refusal = load_refusal(file, host(), in(folder));
        const auto wanted = "cannot be loaded from " +
                            static_cast<const fs::path&>(folder).string() +
                            ", a disk from which nothing may be executed (noexec); set "
                            "XDG_CACHE_HOME to a folder on another disk";
        return said(refusal).find(wanted) != std::string::npos ? 0 : 1;
    }));
    if (status == 77) mneme::test::skip("a disk without execution cannot be mounted here");
    CHECK(status == 0);
}

TEST_CASE("the copies of old builds do not grow without bound") {
    const Folder folder, plugins;
    const auto file = plant_new("good_c", plugins);
    for (int i = 0; i < 250; ++i) {
        const fs::path old = folder / (std::to_string(1000 + i) + ".so");
        write(old, "old");
        fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2000 - i));
    }
    write(folder / ".draft.XXXXXX", "half");
    fs::last_write_time(folder / ".draft.XXXXXX",
                        fs::file_time_type::clock::now() - std::chrono::hours(48));
    load(file, host(), in(folder));
    CHECK(names(folder).size() == 200);
    CHECK(fs::exists(folder / (inspect(file).sha256 + ".so")));
    CHECK_FALSE(fs::exists(folder / "1000.so"));
    CHECK(fs::exists(folder / "1249.so"));
}
