// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <importer/formats.hpp>

using namespace mneme::importer;

namespace {

const RunName names{"split", "er", "class", 7};

std::string fault(const Format& format, const std::string& text) {
    try {
        format.read(text, "f", names);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("the format is known by the file's beginning, or named") {
    CHECK(std::string(format_of("", "{'dataset': 'seq'}", "f").name) == "mammoth");
    CHECK(std::string(format_of("", "eval_exp,training_exp\n", "f").name) == "avalanche");
    CHECK(std::string(format_of("", "benchmark,method\n", "f").name) == "tidy");
    CHECK(std::string(format_of("facil", "benchmark,", "f").name) == "facil");
    CHECK_THROWS_WITH(format_of("", "0.1 0.2", "f"),
                      "f: its format is not known by its beginning; name it, --format tidy or "
                      "avalanche or mammoth or facil or clarena");
    CHECK_THROWS_WITH(format_of("cs", "", "f"),
                      "--format cs: unknown; expected tidy or avalanche or mammoth or facil or "
                      "clarena");
}

TEST_CASE("a tidy table gives counts, or accuracies with their decimals") {
    const auto all = read_tidy(
        "benchmark,method,seed,trained_task,evaluated_task,n_correct,"
        "n_evaluated,accuracy\n"
        "\"a, b\",ewc,3,1,2,9,10,\n"
        "x,ewc,4,2,1,,,0.930\n",
        "f", names);
    REQUIRE(all.size() == 2);
    CHECK(all[0].run.benchmark == "a, b");
    CHECK(all[0].run.seed == 3);
    CHECK(all[0].run.scenario == "class"); // what the user said: the table is silent
    CHECK(all[0].n_correct == 9);
    CHECK(all[0].n_evaluated == 10);
    CHECK(all[0].evaluated_task == 2);
    CHECK(all[1].accuracy == 0.93);
    CHECK(all[1].decimals == 3);
    CHECK(all[1].n_correct == -1);
}

TEST_CASE("what a table gets wrong is named with its row") {
    const Format& tidy = formats()[0];
    CHECK(fault(tidy, "benchmark\n") == "f: holds no rows; expected a header and rows");
    CHECK(fault(tidy, "trained_task,evaluated_task,accuracy\n1,1\n") ==
          "f, row 1: has 2 cells; expected one for each of the 3 columns");
    CHECK(fault(tidy, "trained_task,evaluated_task,accuracy\n1,1,93\n") ==
          "f, row 1, accuracy: \"93\"; expected an accuracy from 0 to 1");
    CHECK(fault(tidy, "trained_task,evaluated_task,accuracy\n0,1,0.5\n") ==
          "f, row 1, trained_task: \"0\"; expected a whole number from 1 to 10000");
    CHECK(fault(tidy, "trained_task,evaluated_task,n_correct,n_evaluated\n1,1,5,4\n") ==
          "f, row 1, n_correct: \"5\"; expected a whole number from 0 to 4");
    CHECK(fault(tidy, "trained_task,accuracy\n1,0.5\n") ==
          "f: has no column evaluated_task; add it");
}

TEST_CASE("Avalanche counts experiences from 0; what was evaluated before training is left out") {
    const auto all = read_avalanche(
        "eval_exp,training_exp,eval_accuracy,eval_loss,forgetting\n"
        "0,None,0.1000,2.3000,0\n"
        "0,0,0.9871,0.0400,0\n"
        "1,0,0.0000,5.1000,0\n",
        "f", names);
    REQUIRE(all.size() == 2);
    CHECK(all[0].trained_task == 1);
    CHECK(all[0].accuracy == 0.9871);
    CHECK(all[0].decimals == 4);
    CHECK(all[1].evaluated_task == 2);
    CHECK(all[1].run.method == "er");
}

TEST_CASE("Mammoth's dictionaries are read as literals, in percent") {
    const RunName unnamed{"", "", "class", 1};
    const auto all = read_mammoth(
        "{'dataset': 'seq-mnist', 'model': \"er\", 'seed': 5, 'lr': 0.1, 'f': [1, {'a': 'x}'}], "
        "'device': device(type='cuda', index=0), 'accmean_task1': 98.0, "
        "'accuracy_1_task1': 98.25, 'accuracy_1_task2': np.float64(50.0), "
        "'accuracy_2_task2': 97.5, 'forgetting': None}\n"
        "{'dataset': 'seq-mnist', 'model': 'er', 'seed': None, 'accmean_task1': 90.0, "
        "'accmean_task2': 80.0}\n",
        "f", unnamed);
    REQUIRE(all.size() == 4);
    CHECK(all[0].run.benchmark == "seq-mnist");
    CHECK(all[0].run.method == "er");
    CHECK(all[0].run.seed == 5);
    CHECK(all[0].accuracy == 0.9825);
    CHECK(all[0].decimals == 4);
    CHECK((all[1].trained_task == 2 && all[1].evaluated_task == 1 && all[1].accuracy == 0.5));
    CHECK((all[2].trained_task == 2 && all[2].evaluated_task == 2));
    // Without the matrix only the first mean is an accuracy on one task.
    CHECK((all[3].trained_task == 1 && all[3].evaluated_task == 1 && all[3].accuracy == 0.9));
    CHECK(all[3].tasks == 2);    // so that the run is not taken for a complete one of one task
    CHECK(all[3].run.seed == 2); // the second line, seeds unsaid
}

TEST_CASE("what is not such a dictionary is refused, and nothing is run") {
    const Format& mammoth = formats()[2];
    CHECK(fault(mammoth, "__import__('os').system('true')") ==
          "f, line 1: is not a dictionary as Mammoth writes it, at byte 1; take another copy");
    for (const char* text : {"{", "{'a'", "{'a':", "{'a': 1", "{'a': 'x", "{'a': [1}", "{'a' 1}",
                             "{'a': 1 'b': 2", "{1: 2}"})
        CHECK(fault(mammoth, text).find("f, line 1: is not a dictionary") == 0);
    CHECK(fault(mammoth, "{'accuracy_1_task1': exit()}") ==
          "f, line 1, accuracy_1_task1: \"\"; expected an accuracy from 0 to 100");
}

TEST_CASE("FACIL's zeros above the diagonal are tasks not evaluated") {
    const auto all = read_facil("0.980000\t0.000000\n0.500000\t0.970000\n", "f", names);
    REQUIRE(all.size() == 3);
    CHECK((all[1].trained_task == 2 && all[1].evaluated_task == 1 && all[1].accuracy == 0.5));
    CHECK(all[2].decimals == 6);
}

TEST_CASE("CLArena's rows are as short as the tasks seen, under a header of all tasks") {
    CHECK(std::string(format_of("", "after_training_task,average_accuracy\n", "f").name) ==
          "clarena");
    const auto all = read_clarena(
        "after_training_task,average_accuracy,test_on_task_3,test_on_task_7\n"
        "3,0.875,0.875\n"
        "7,0.5,0.25,0.75\n",
        "f", names);
    REQUIRE(all.size() == 3);
    CHECK((all[0].trained_task == 1 && all[0].evaluated_task == 1 && all[0].accuracy == 0.875));
    CHECK((all[1].trained_task == 2 && all[1].evaluated_task == 1 && all[1].accuracy == 0.25));
    CHECK((all[2].trained_task == 2 && all[2].evaluated_task == 2 && all[2].accuracy == 0.75));
    const Format& clarena = formats()[4];
    CHECK(
        fault(clarena, "after_training_task,test_on_task_2\n1,0.5\n") ==
        "f: column test_on_task_2 is of a task that no row was trained on; take the acc.csv of the "
        "whole run");
    CHECK(fault(clarena, "after_training_task,test_on_task_1\n1,0.5,0.5\n") ==
          "f, row 1: has 3 cells; expected one for each of the 2 columns");
}
