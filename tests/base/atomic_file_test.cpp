// SPDX-License-Identifier: Apache-2.0
#include <base/atomic_file.hpp>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "folder.hpp"

using mneme::test::Folder;
namespace base = mneme::base;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class F> std::string sentence_of(F action) {
    try {
        action();
    } catch (const std::system_error& error) {
        return error.what();
    }
    return "";
}

std::string refusal(const fs::path& path) {
    return sentence_of([&] { base::replace_file(path, "text"); });
}

std::string refusal_of_place(const fs::path& path) {
    return sentence_of([&] { base::require_place_for_file(path); });
}

} // namespace

TEST_CASE("a file is replaced whole and leaves nothing beside it") {
    Folder folder;
    folder.write("a", "before");
    base::replace_file(folder / "a", "after");
    CHECK(content(folder / "a") == "after");
    CHECK(folder.names() == std::vector<std::string>{"a"});
}

TEST_CASE("the mode of a written file is 0666 less the umask") {
    Folder folder;
    const mode_t before = umask(0007);
    base::replace_file(folder / "a", "text");
    umask(before);
    struct stat status {};
    REQUIRE(stat((folder / "a").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
}

TEST_CASE("writing over a symbolic link replaces the link and not its target") {
    Folder folder;
    folder.write("target", "kept");
    fs::create_symlink("target", folder / "link");
    base::replace_file(folder / "link", "new");
    CHECK(content(folder / "target") == "kept");
    CHECK(!fs::is_symlink(folder / "link"));
    CHECK(content(folder / "link") == "new");
}

TEST_CASE("a file that cannot be written says where, why and what to do") {
    Folder folder;
    folder.write("file", "");
    fs::create_directory(folder / "d");
    CHECK(folder.shorten(refusal(folder / "no" / "a")) ==
          "no/a: not written: there is no folder no; make it first");
    CHECK(folder.shorten(refusal(folder / "d")) ==
          "d: not written: a folder has that name; remove it or choose another name");
    CHECK(folder.shorten(refusal(folder / std::string(300, 'x'))).substr(300) ==
          ": not written: its name is too long; choose a shorter one");
    CHECK(folder.names() == std::vector<std::string>{"d", "file"});
}

TEST_CASE("a device, a pipe or a link to one is no place for a file that a user names") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("/dev/null", folder / "link");
    for (const fs::path& path : {folder / "pipe", folder / "link", fs::path("/dev/null")}) {
        CHECK(refusal_of_place(path) ==
              path.string() + ": not written: it is a device or a pipe, not a file; name a file");
        CHECK(fs::is_other(fs::status(path)));
    }
    CHECK(refusal_of_place("/dev/stdout").find("it is a device") != std::string::npos);
    CHECK(fs::is_symlink("/dev/stdout"));
    base::require_place_for_file(folder / "new");
    base::replace_file(folder / "pipe", "text"); // in a folder of ours it is a stranger's
    CHECK(fs::is_regular_file(folder / "pipe"));
}

TEST_CASE("a full disk is temporary and a missing folder is not") {
    CHECK(base::is_temporary(ENOSPC));
    CHECK(base::is_temporary(EDQUOT));
    CHECK_FALSE(base::is_temporary(ENOENT));
}

TEST_CASE("files of dead writers are removed, those of living ones and others stay") {
    Folder folder;
    const std::string own = "a.h5.tmp." + std::to_string(getpid());
    const std::string elsewhere = "f.tmp.4194305-00000000"; // on another host
    // The kernel gives no process this number: it is above its largest possible limit, 2^22.
    for (const std::string& name :
         {std::string("a.h5.tmp.4194305"), std::string("b.tmp.4194305.2"), own, std::string("a.h5"),
          std::string("c.tmp."), std::string("d.tmp.x1"), std::string("e.tmp.99999999999"),
          elsewhere})
        folder.write(name, "");
    base::remove_abandoned_files(folder);
    std::vector<std::string> left{"a.h5",   own, "c.tmp.", "d.tmp.x1", "e.tmp.99999999999",
                                  elsewhere};
    std::sort(left.begin(), left.end());
    CHECK(folder.names() == left);
}

TEST_CASE("a writer that is killed or stopped leaves nothing half-written") {
    Folder folder;
    folder.write("a", "before");
    const std::string after(1 << 20, 'x');
    int whole = 0;
    for (int turn = 0; turn < 60; ++turn) {
        // The test program's own handler must not run in the child.
        sigset_t term, before;
        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        sigprocmask(SIG_BLOCK, &term, &before);
        const pid_t writer = fork();
        if (writer == 0) {
            std::signal(SIGTERM, [](int) { _exit(0); }); // as the programs before they are ready
            sigprocmask(SIG_SETMASK, &before, nullptr);
            while (true) base::replace_file(folder / "a", after);
        }
        usleep(static_cast<useconds_t>(200 + 137 * turn));
        sigprocmask(SIG_SETMASK, &before, nullptr);
        kill(writer, turn % 2 ? SIGTERM : SIGKILL);
        REQUIRE(waitpid(writer, nullptr, 0) == writer);
        const std::string now = content(folder / "a");
        whole += now == after;
        REQUIRE((now == after || now == "before"));
        // Who is killed may die in the instant between the name and the rename.
        if (turn % 2 == 0) base::remove_abandoned_files(folder);
        REQUIRE(folder.names() == std::vector<std::string>{"a"});
    }
    CHECK(whole > 0);
}
