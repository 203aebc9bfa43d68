// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <hdf5_hl.h>

#include "alter.hpp"

using namespace mneme::results;
using namespace mneme::results::test;

namespace {

const std::string r = "/rotated-mini", s = "/split-mini-class";

} // namespace

TEST_CASE("missing objects, other types and other shapes are found") {
    finds([](hid_t f) { remove(f, (r + "/accuracy").c_str()); },
          r + "/accuracy: is not there; expected an array of float64");
    finds([](hid_t f) { remove(f, (r + "/n_correct").c_str()); },
          r + "/n_correct: is not there; expected an array of int32");
    finds([](hid_t f) { remove(f, (r + "/outcome").c_str()); },
          r + "/outcome: is not there; expected an array of variable-length UTF-8 string");
    finds([](hid_t f) { remove(f, (r + "/metrics").c_str()); },
          r + "/metrics/forgetting: is not there; expected an array of float64");
    finds([](hid_t f) { remove(f, (r + "/seed").c_str()); },
          r + "/seed: is not there; expected a dimension scale");
    finds([](hid_t f) { remove(f, (r + "/method_index").c_str()); },
          r + "/method_index: is not there; expected an array of int32");
    finds([](hid_t f) { remove(f, "/schema/text"); },
          "/schema/text: is not there; expected the text of the schema");
    finds(
        [](hid_t f) {
            replace(f, (r + "/accuracy").c_str(), H5T_NATIVE_FLOAT, {2, 2, 3, 3});
        },
        r + "/accuracy: is float32; expected float64");
    finds(
        [](hid_t f) {
            replace(f, (r + "/loss").c_str(), H5T_NATIVE_DOUBLE, {2, 2, 3, 4});
        },
        r + "/loss: has shape [2,2,3,4]; expected [2,2,3,3]");
    finds(
        [](hid_t f) {
            replace(f, (r + "/n_correct").c_str(), H5T_NATIVE_INT64, {2, 2, 3, 3});
        },
        r + "/n_correct: is another type; expected int32");
    finds([](hid_t f) { replace(f, (r + "/acuracy").c_str(), H5T_NATIVE_DOUBLE, {2}); },
          r + "/acuracy: is not in schema 1.3.0; remove it or give it the schema's name");
    finds(
        [](hid_t f) {
            H5Lmove(f, (r + "/cost/kept_bytes").c_str(), f, (r + "/cost/keptbytes").c_str(),
                    H5P_DEFAULT, H5P_DEFAULT);
        },
        r + "/cost/keptbytes: is not in schema 1.3.0; remove it or give it the schema's name");
    finds([](hid_t f) { remove(f, (r + "/value/loss").c_str()); },
          r + "/value: has no link to loss, so Octave cannot see it; link it");
    finds([](hid_t f) { remove(f, r.c_str()), remove(f, s.c_str()); },
          "holds no benchmark; expected at least one");
}

TEST_CASE("missing scales and attributes are found") {
    const auto detached = [](unsigned dimension, const std::string& scale_name) {
        return [=](hid_t f) {
            const hid_t set = H5Dopen2(f, (r + "/accuracy").c_str(), H5P_DEFAULT),
                        scale = H5Dopen2(f, (r + "/" + scale_name).c_str(), H5P_DEFAULT);
            REQUIRE(H5DSdetach_scale(set, scale, dimension) >= 0);
            H5Dclose(scale), H5Dclose(set);
        };
    };
    finds(detached(0, "method"),
          r + "/accuracy: dimension 0 has no scale method; attach it (H5DSattach_scale)");
    finds(detached(1, "seed"),
          r + "/accuracy: dimension 1 has no scale seed; attach it (H5DSattach_scale)");
    finds([](hid_t f) { remove_attribute(f, (r + "/seed").c_str(), "CLASS"); },
          r + "/seed: is not a dimension scale; make it one (H5DSset_scale)");
    finds([](hid_t f) { set_int(f, (r + "/trained_task_index").c_str(), 1, 7); },
          r + "/trained_task_index: does not count; expected 1, 2, ...");
    finds([](hid_t f) { set_int(f, (r + "/true_class").c_str(), 0, 1); },
          r + "/true_class: does not count; expected 0, 1, ...");
    finds([](hid_t f) { set_text(f, (r + "/evaluated_task").c_str(), 1, "else"); },
          r + "/evaluated_task differs from trained_task; they must be equal");
    finds([](hid_t f) { set_text(f, (r + "/method").c_str(), 1, "finetune"); },
          "benchmark 'rotated-mini': method 'finetune' is there twice; each must be unique");
    finds([](hid_t f) { remove_attribute(f, (r + "/accuracy").c_str(), "units"); },
          r + "/accuracy has no attribute units; expected a variable-length UTF-8 string");
    finds([](hid_t f) { set_attribute(f, (r + "/timing/train_seconds").c_str(), "units", "ms"); },
          r + "/timing/train_seconds: attribute units is 'ms'; expected 's'");
    finds(
        [](hid_t f) {
            set_attribute(f, (r + "/metrics/forgetting").c_str(), "formula", "whatever");
        },
        r + "/metrics/forgetting: attribute formula is 'whatever'; expected 'mean over j < T of "
            "(max over j <= l < T of a[l][j]) - a[T][j]'");
    finds([](hid_t f) { remove_attribute(f, (r + "/metrics/forgetting").c_str(), "reference"); },
          r + "/metrics/forgetting has no attribute reference; expected a variable-length UTF-8 "
              "string");
    finds([](hid_t f) { remove_attribute(f, (r + "/accuracy").c_str(), "missing_means"); },
          r + "/accuracy has no attribute missing_means; expected a variable-length UTF-8 string");
    finds([](hid_t f) { set_attribute(f, (r + "/n_correct").c_str(), "_FillValue", 0); },
          r + "/n_correct: attribute _FillValue is not -1");
    finds([](hid_t f) { remove_attribute(f, r.c_str(), "benchmark_toml"); },
          r + " has no attribute benchmark_toml; expected a variable-length UTF-8 string");
    for (const char* looks : {"5 ten", "10 5", "0 5", " "})
        finds([looks](hid_t f) { set_attribute(f, r.c_str(), "looks", looks); },
              "attribute looks of " + r + " is '" + looks +
                  "'; expected ascending numbers of seeds, as \"5 10 20\"");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "benchmark_version", 3); },
          "attribute benchmark_version of " + r +
              " is int32; expected one variable-length UTF-8 string");
    finds([](hid_t f) { remove_attribute(f, "/", "dimension_order_note"); },
          "/ has no attribute dimension_order_note; expected a variable-length UTF-8 string");
    finds([](hid_t f) { set_attribute(f, "/", "schema_version", "1.7.0"); },
          "schema_version is '1.7.0', but schema_major and schema_minor say 1.3; they must agree");
    finds([](hid_t f) { set_attribute(f, "/", "Conventions", "CF-1.8"); },
          "Conventions is 'CF-1.8'; expected Mneme-1.3");
    finds(
        [](hid_t f) { remove_attribute(f, (r + "/provenance/finetune").c_str(), "plugin_sha256"); },
        r + "/provenance/finetune: has no string attribute plugin_sha256; say how the numbers came "
            "about");
    finds([](hid_t f) { remove(f, (r + "/provenance/ewc[lambda=5]").c_str()); },
          r + "/provenance/ewc[lambda=5]: has no string attribute host; say how the numbers came "
              "about");
}

TEST_CASE(
    "files of another kind, of a newer major, or unfinished are refused by reader and validator in "
    "the same words") {
    const auto refused = [](const Change& change, const std::string& wanted) {
        Folder folder;
        CHECK(faults_after(folder, change) == std::vector<std::string>{wanted});
        CHECK_THROWS_WITH(read(folder / "r.h5"), (folder / "r.h5").string() + ": " + wanted);
    };
    refused([](hid_t f) { set_attribute(f, "/", "schema_major", 2); },
            "schema major 2 is newer than this program's 1; use a newer mneme");
    refused([](hid_t f) { set_attribute(f, "/", "schema_major", 0); },
            "schema major 0 is unknown; expected 1");
    const std::string foreign =
        "is not a Mneme results file (no attribute mneme_schema = \"mneme-results\"); give one "
        "that "
        "mneme wrote";
    refused([](hid_t f) { remove_attribute(f, "/", "mneme_schema"); }, foreign);
    refused([](hid_t f) { set_attribute(f, "/", "mneme_schema", "other"); }, foreign);
    refused([](hid_t f) { set_attribute(f, "/", "mneme_schema", 5); }, foreign);
    refused([](hid_t f) { set_attribute(f, "/", "status", "writing"); },
            "status is not \"complete\": writing it was not finished; run again");
    refused([](hid_t f) { remove_attribute(f, "/", "status"); },
            "/ has no attribute status; expected a variable-length UTF-8 string");
}

TEST_CASE("a higher minor may hold more and word it otherwise") {
    Folder folder;
    const auto faults = faults_after(folder, [](hid_t f) {
        set_attribute(f, "/", "schema_minor", 4), set_attribute(f, "/", "schema_version", "1.4.0"),
            set_attribute(f, "/", "Conventions", "Mneme-1.4");
        replace(f, (r + "/entropy").c_str(), H5T_NATIVE_DOUBLE, {2});
        replace(f, "/extra", H5T_NATIVE_DOUBLE, {2});
        set_attribute(f, (r + "/metrics/forgetting").c_str(), "formula", "the same in other words");
    });
    CHECK(faults == std::vector<std::string>{});
    CHECK(read(folder / "r.h5").blocks.size() == 2);
}
