// SPDX-License-Identifier: Apache-2.0
// The check of the process that a method shares with its host: its state, its output, the host's
// files, its end.
#include <fstream>

#include "worker/examiner/captured_output.hpp"
#include "worker/examiner/examiner.hpp"
#include "worker/examiner/process_state.hpp"

namespace mneme::harness::examiner {
namespace {

constexpr off_t most_output = 1 << 20; // bytes of a run of a few hundred steps
constexpr double exit_within_s = 10;

// A file beside the checkpoints of the run, which a method must not touch.
class Decoy final {
  public:
    explicit Decoy(const std::filesystem::path& folder) : path_(folder / "checkpoints" / "decoy") {
        std::filesystem::create_directories(path_.parent_path());
        std::ofstream(path_) << content;
    }
    ~Decoy() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    Decoy(const Decoy&) = delete;
    Decoy& operator=(const Decoy&) = delete;
    bool untouched() const {
        std::ifstream in(path_);
        return std::string(std::istreambuf_iterator<char>(in), {}) == content;
    }

  private:
    static constexpr const char* content = "kept\n";
    const std::filesystem::path path_;
};

} // namespace

Verdict check_process(const Subject& subject) {
    const auto cell = cell_of(subject, small_stream(subject, 1), {1});
    off_t output = 0;
    bool files_untouched = true;
    struct Watch final : RunObserver { // before the checkpoints are removed by the check itself
        const Decoy& decoy;
        bool& untouched;
        Watch(const Decoy& d, bool& u) : decoy(d), untouched(u) {}
        void after_task(host::Learner&, int64_t) override {
            untouched = untouched && decoy.untouched();
        }
    };
    {
        const Decoy decoy(cell.output);
        Watch watch(decoy, files_untouched);
        const CapturedOutput to_stdout(STDOUT_FILENO), to_stderr(STDERR_FILENO);
        train(subject, cell, &watch);
        output = to_stdout.size() + to_stderr.size();
    }
    if (const auto change = subject.before.change_to(ProcessState::now()); !change.empty())
        return {Verdict::fail, change + "; leave it as it was"};
    if (output > most_output)
        return {Verdict::fail, text("a run of three small tasks writes ", output >> 20,
                                    " MiB to stdout and stderr; write a line a task")};
    if (!files_untouched)
        return {Verdict::fail,
                "files in the host's folder of checkpoints were changed; leave them alone"};
    if (const auto failure = failure_at_exit(exit_within_s); !failure.empty())
        return {Verdict::fail, failure + "; leave no handler behind"};
    return {Verdict::pass, "its state, output, files and end"};
}

} // namespace mneme::harness::examiner
