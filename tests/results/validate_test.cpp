// SPDX-License-Identifier: Apache-2.0
// A good file, one thing altered behind its back, and the sentence that says so.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include <hdf5.h>
#include <hdf5_hl.h>

#include "sample.hpp"

using namespace mneme::results;
using test::Folder;

namespace {

void set_value(hid_t file, const char* path, hid_t type, hsize_t position, const void* value)
{
    const hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
    const int rank = H5Sget_simple_extent_ndims(space);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank)), at(sizes);
    H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
    for (std::size_t axis = sizes.size(); axis-- > 0; position /= sizes[axis])
        at[axis] = position % sizes[axis];
    H5Sselect_elements(space, H5S_SELECT_SET, 1, at.data());
    const hid_t one = H5Screate(H5S_SCALAR);
    REQUIRE(H5Dwrite(set, type, one, space, H5P_DEFAULT, value) >= 0);
    H5Sclose(one), H5Sclose(space), H5Dclose(set);
}

void set_int(hid_t file, const char* path, hsize_t position, std::int32_t value)
{
    set_value(file, path, H5T_NATIVE_INT32, position, &value);
}

void set_double(hid_t file, const char* path, hsize_t position, double value)
{
    set_value(file, path, H5T_NATIVE_DOUBLE, position, &value);
}

double get_double(hid_t file, const char* path, std::size_t position)
{
    std::vector<double> all(1000);
    const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    REQUIRE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()) >= 0);
    H5Dclose(set);
    return all.at(position);
}

hid_t text_type()
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE), H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void set_text(hid_t file, const char* path, hsize_t position, const char* value)
{
    const hid_t type = text_type();
    set_value(file, path, type, position, &value);
    H5Tclose(type);
}

void set_attribute(hid_t file, const char* path, const char* name, hid_t type, const void* value)
{
    if (H5Aexists_by_name(file, path, name, H5P_DEFAULT) > 0)
        H5Adelete_by_name(file, path, name, H5P_DEFAULT);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t id = H5Acreate_by_name(file, path, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Awrite(id, type, value) >= 0);
    H5Aclose(id), H5Sclose(space);
}

void set_attribute(hid_t file, const char* path, const char* name, const char* value)
{
    const hid_t type = text_type();
    set_attribute(file, path, name, type, &value);
    H5Tclose(type);
}

void set_attribute(hid_t file, const char* path, const char* name, std::int32_t value)
{
    set_attribute(file, path, name, H5T_NATIVE_INT32, &value);
}

void remove_attribute(hid_t file, const char* path, const char* name)
{
    REQUIRE(H5Adelete_by_name(file, path, name, H5P_DEFAULT) >= 0);
}

void remove(hid_t file, const char* path) { REQUIRE(H5Ldelete(file, path, H5P_DEFAULT) >= 0); }

// A new array of that type and shape instead of the old one, without scales.
void replace(hid_t file, const char* path, hid_t type, std::vector<hsize_t> shape)
{
    if (H5Lexists(file, path, H5P_DEFAULT) > 0)
        remove(file, path);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file, path, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(set >= 0);
    H5Dclose(set), H5Sclose(space);
}

using Change = std::function<void(hid_t file)>;

std::vector<std::string> faults_after(const Folder& folder, const Change& change)
{
    static const Folder originals;
    const auto path = folder / "r.h5", original = originals / "r.h5";
    if (originals.names().empty()) {
        write(original, test::file_of({test::domain_block(), test::class_block()}));
        REQUIRE(validate(original).empty());
    }
    std::filesystem::copy_file(original, path);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    REQUIRE(file >= 0);
    change(file);
    REQUIRE(H5Fclose(file) >= 0);
    auto faults = validate(path);
    for (std::string& sentence : faults) { // the file's name is the same everywhere
        CHECK(sentence.rfind(path.string() + ": ", 0) == 0);
        sentence.erase(0, path.string().size() + 2);
    }
    return faults;
}

// The change gives this sentence among the faults.
void finds(const Change& change, const std::string& wanted)
{
    Folder folder;
    const auto faults = faults_after(folder, change);
    std::string all;
    for (const std::string& sentence : faults)
        all += "\n  " + sentence;
    INFO("wanted: " << wanted << "\nfound:" << all);
    CHECK(std::find(faults.begin(), faults.end(), wanted) != faults.end());
}

const std::string r = "/rotated-mini", s = "/split-mini-class";

} // namespace

TEST_CASE("a derived value that the counts do not give is found, though it be by one bit")
{
    for (const char* path : {"/accuracy", "/initial_accuracy", "/forgetting", "/metrics/average_accuracy", "/metrics/forgetting",
                             "/metrics/backward_transfer", "/metrics/forward_transfer", "/metrics/learning_accuracy",
                             "/metrics/average_incremental_accuracy", "/metrics/worst_task_accuracy"}) {
        Folder folder;
        const std::string full = r + path;
        const hsize_t last = std::string(path) == "/initial_accuracy" ? 11 : std::string(path).rfind("/metrics", 0) == 0 ? 3 : 34;
        const auto faults = faults_after(folder, [&](hid_t file) {
            double value = get_double(file, full.c_str(), last);
            std::uint64_t bits;
            std::memcpy(&bits, &value, 8);
            bits ^= 1;
            std::memcpy(&value, &bits, 8);
            set_double(file, full.c_str(), last, value);
        });
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].rfind(full + ": 1 value differs from the counts, first entry " + std::to_string(last) + ": it is ", 0) == 0);
        CHECK(faults[0].find(" would be right") != std::string::npos);
    }
}

TEST_CASE("a count that was altered shows in everything that hangs on it")
{
    Folder folder;
    const auto faults = faults_after(folder, [](hid_t file) { set_int(file, (r + "/n_correct").c_str(), 8, 1); }); // method 0, seed 0, (3, 3)
    const auto has = [&](const std::string& start) {
        INFO(start);
        CHECK(std::any_of(faults.begin(), faults.end(), [&](const std::string& f) { return f.rfind(start, 0) == 0; }));
    };
    has(r + "/accuracy: 1 value differs");
    has(r + "/metrics/average_accuracy: 1 value differs");
    has(r + "/metrics/learning_accuracy: 1 value differs");
    has(r + "/confusion[0,0,2]: counts ");
}

TEST_CASE("values that should be NaN and are not, and the reverse, are found")
{
    finds([](hid_t file) { set_double(file, (r + "/forgetting").c_str(), 0, 0.5); },
          r + "/forgetting: 1 value differs from the counts, first entry 0: it is 0.5; nan would be right");
    Folder folder;
    const auto faults = faults_after(folder, [](hid_t file) { set_double(file, (s + "/accuracy_task_aware").c_str(), 0, NAN); });
    CHECK(faults == std::vector<std::string>{s + "/accuracy_task_aware: 1 value differs from the counts, first entry 0: it is nan; 1 would be right"});
}

TEST_CASE("numbers out of range are found")
{
    finds([](hid_t f) { set_int(f, (r + "/n_correct").c_str(), 1, 992); },
          r + "/n_correct[0,0,0,1]: is 992; 0 to 991, or -1 for not evaluated, would be right");
    finds([](hid_t f) { set_int(f, (r + "/initial_correct").c_str(), 4, -2); },
          r + "/initial_correct[0,1,1]: is -2; 0 to 991, or -1 for not evaluated, would be right");
    finds([](hid_t f) { set_int(f, (s + "/n_correct_task_aware").c_str(), 0, 1000); },
          s + "/n_correct_task_aware[0,0,0,0]: is 1000; 0 to 211, or -1 for not evaluated, would be right");
    finds([](hid_t f) { set_int(f, (r + "/n_evaluated").c_str(), 2, 0); },
          r + "/n_evaluated[2]: is 0; a count from 1, or -1 for not evaluated, would be right");
    finds([](hid_t f) { set_double(f, (r + "/loss").c_str(), 35, -0.5); }, r + "/loss[1,1,2,2]: is -0.5; a number from 0, or NaN, would be right");
    finds([](hid_t f) { set_double(f, (r + "/timing/train_seconds").c_str(), 0, INFINITY); },
          r + "/timing/train_seconds[0,0,0]: is inf; a number from 0, or NaN, would be right");
    finds([](hid_t f) { set_double(f, (r + "/cost/kept_bytes").c_str(), 5, -1); },
          r + "/cost/kept_bytes[0,1,2]: is -1; a number from 0, or NaN, would be right");
    finds([](hid_t f) { set_int(f, (r + "/timing/shared_by_replicas").c_str(), 3, 0); },
          r + "/timing/shared_by_replicas[1,1]: is 0; a count from 1, or -1, would be right");
    finds([](hid_t f) { set_int(f, (r + "/curves/task_of_point").c_str(), 4, 4); },
          r + "/curves/task_of_point[4]: is 4; tasks count from 1 to 3 and never fall");
    finds([](hid_t f) { set_int(f, (r + "/curves/task_of_point").c_str(), 4, 1); },
          r + "/curves/task_of_point[4]: is 1; tasks count from 1 to 3 and never fall");
    finds([](hid_t f) { set_int(f, (r + "/outcome_code").c_str(), 2, 6); },
          "benchmark 'rotated-mini': outcome_code 6 is unknown; 0 to 5 would be right");
    finds([](hid_t f) { set_int(f, (r + "/outcome_code").c_str(), 2, 5); },
          r + "/outcome_code[1,0]: is 5 (missing), but n_correct has counts; another outcome, or -1 everywhere, would be right");
    finds([](hid_t f) { set_int(f, (s + "/outcome_code").c_str(), 2, 0); },
          s + "/outcome_code[1,0]: is 0 (complete), but the last row of n_correct is not; another outcome would be right");
    finds([](hid_t f) { set_text(f, (s + "/outcome").c_str(), 2, "refused"); },
          s + "/outcome: entry 2 is 'refused'; outcome_code 1 means 'diverged'");
    finds([](hid_t f) { set_int(f, (s + "/confusion").c_str(), 0, -1); },
          s + "/confusion[0,0,0]: mixes counts with negative numbers; counts, or -1 everywhere, would be right");
    finds([](hid_t f) { set_text(f, (r + "/data_digest").c_str(), 5, "abc"); },
          r + "/data_digest[1,2]: is 'abc'; 64 hexadecimal digits would be right");
    const double much = 1.5;
    finds([&](hid_t f) { set_attribute(f, r.c_str(), "chance_accuracy", H5T_NATIVE_DOUBLE, &much); },
          r + ": chance_accuracy is 1.5; 0 to 1 would be right");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "scenario", "domains"); }, r + ": scenario is 'domains'; domain, task or class would be right");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "evaluated_on", "train"); }, r + ": evaluated_on is 'train'; test or validation would be right");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "benchmark_digest", "1"); },
          r + ": benchmark_digest is '1'; 64 hexadecimal digits would be right");
    finds([](hid_t f) { set_attribute(f, s.c_str(), "scenario", "task"); },
          s + "/n_correct_task_aware: is there, but the scenario is task; only scenario class has it");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "scenario", "class"); }, r + "/n_correct_task_aware: is not there; scenario class needs it");
}

TEST_CASE("missing objects, other types and other shapes are found")
{
    finds([](hid_t f) { remove(f, (r + "/accuracy").c_str()); }, r + "/accuracy: is not there; an array of float64 would be right");
    finds([](hid_t f) { remove(f, (r + "/n_correct").c_str()); }, r + "/n_correct: is not there; an array of int32 would be right");
    finds([](hid_t f) { remove(f, (r + "/outcome").c_str()); },
          r + "/outcome: is not there; an array of variable-length UTF-8 string would be right");
    finds([](hid_t f) { remove(f, (r + "/metrics").c_str()); },
          r + "/metrics/forgetting: is not there; an array of float64 would be right");
    finds([](hid_t f) { remove(f, (r + "/seed").c_str()); }, r + "/seed: is not there; a dimension scale would be right");
    finds([](hid_t f) { remove(f, (r + "/method_index").c_str()); }, r + "/method_index: is not there; an array of int32 would be right");
    finds([](hid_t f) { remove(f, "/schema/text"); }, "/schema/text: is not there; the text of the schema would be right");
    finds([](hid_t f) { replace(f, (r + "/accuracy").c_str(), H5T_NATIVE_FLOAT, {2, 2, 3, 3}); },
          r + "/accuracy: is float32; float64 would be right");
    finds([](hid_t f) { replace(f, (r + "/loss").c_str(), H5T_NATIVE_DOUBLE, {2, 2, 3, 4}); },
          r + "/loss: has shape [2,2,3,4]; [2,2,3,3] would be right");
    finds([](hid_t f) { replace(f, (r + "/n_correct").c_str(), H5T_NATIVE_INT64, {2, 2, 3, 3}); },
          r + "/n_correct: is another type; int32 would be right");
    finds([](hid_t f) { replace(f, (r + "/acuracy").c_str(), H5T_NATIVE_DOUBLE, {2}); },
          r + "/acuracy: is not in schema 1.0.0; remove it or give it the schema's name");
    finds([](hid_t f) { H5Lmove(f, (r + "/cost/kept_bytes").c_str(), f, (r + "/cost/keptbytes").c_str(), H5P_DEFAULT, H5P_DEFAULT); },
          r + "/cost/keptbytes: is not in schema 1.0.0; remove it or give it the schema's name");
    finds([](hid_t f) { remove(f, (r + "/value/loss").c_str()); }, r + "/value: has no link to loss, so Octave cannot see it; link it");
    finds([](hid_t f) { remove(f, r.c_str()), remove(f, s.c_str()); }, "holds no benchmark; at least one would be right");
}

TEST_CASE("missing scales and attributes are found")
{
    finds([](hid_t f) {
        const hid_t set = H5Dopen2(f, (r + "/accuracy").c_str(), H5P_DEFAULT), scale = H5Dopen2(f, (r + "/seed").c_str(), H5P_DEFAULT);
        REQUIRE(H5DSdetach_scale(set, scale, 1) >= 0);
        H5Dclose(scale), H5Dclose(set);
    }, r + "/accuracy: dimension 1 has no scale seed; attach it (H5DSattach_scale)");
    finds([](hid_t f) { remove_attribute(f, (r + "/seed").c_str(), "CLASS"); }, r + "/seed: is no dimension scale; make it one (H5DSset_scale)");
    finds([](hid_t f) { set_int(f, (r + "/trained_task_index").c_str(), 1, 7); },
          r + "/trained_task_index: does not count; 1, 2, ... would be right");
    finds([](hid_t f) { set_int(f, (r + "/true_class").c_str(), 0, 1); }, r + "/true_class: does not count; 0, 1, ... would be right");
    finds([](hid_t f) { set_text(f, (r + "/evaluated_task").c_str(), 1, "else"); },
          r + "/evaluated_task differs from trained_task; they must be equal");
    finds([](hid_t f) { set_text(f, (r + "/method").c_str(), 1, "finetune"); },
          "benchmark 'rotated-mini': method 'finetune' is there twice; each must be unique");
    finds([](hid_t f) { remove_attribute(f, (r + "/accuracy").c_str(), "units"); },
          r + "/accuracy has no attribute units; a variable-length UTF-8 string would be right");
    finds([](hid_t f) { set_attribute(f, (r + "/timing/train_seconds").c_str(), "units", "ms"); },
          r + "/timing/train_seconds: attribute units is 'ms'; 's' would be right");
    finds([](hid_t f) { set_attribute(f, (r + "/metrics/forgetting").c_str(), "formula", "whatever"); },
          r + "/metrics/forgetting: attribute formula is 'whatever'; 'mean over j < T of (max over j <= l < T of a[l][j]) - a[T][j]' would be right");
    finds([](hid_t f) { remove_attribute(f, (r + "/metrics/forgetting").c_str(), "reference"); },
          r + "/metrics/forgetting has no attribute reference; a variable-length UTF-8 string would be right");
    finds([](hid_t f) { remove_attribute(f, (r + "/accuracy").c_str(), "missing_means"); },
          r + "/accuracy has no attribute missing_means; a variable-length UTF-8 string would be right");
    finds([](hid_t f) { set_attribute(f, (r + "/n_correct").c_str(), "_FillValue", 0); }, r + "/n_correct: attribute _FillValue is not -1");
    finds([](hid_t f) { remove_attribute(f, r.c_str(), "benchmark_toml"); },
          r + " has no attribute benchmark_toml; a variable-length UTF-8 string would be right");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "benchmark_version", 3); },
          "attribute benchmark_version of " + r + " is int32; one variable-length UTF-8 string would be right");
    finds([](hid_t f) { remove_attribute(f, "/", "dimension_order_note"); },
          "/ has no attribute dimension_order_note; a variable-length UTF-8 string would be right");
    finds([](hid_t f) { set_attribute(f, "/", "schema_version", "1.2.0"); },
          "schema_version is '1.2.0', but schema_major and schema_minor say 1.0; they must agree");
    finds([](hid_t f) { set_attribute(f, "/", "Conventions", "CF-1.8"); }, "Conventions is 'CF-1.8'; Mneme-1.0 would be right");
    finds([](hid_t f) { remove_attribute(f, (r + "/provenance/finetune").c_str(), "plugin_sha256"); },
          r + "/provenance/finetune: has no string attribute plugin_sha256; say how the numbers came about");
    finds([](hid_t f) { remove(f, (r + "/provenance/ewc[lambda=5]").c_str()); },
          r + "/provenance/ewc[lambda=5]: has no string attribute host; say how the numbers came about");
}

TEST_CASE("files of another kind, of a newer major, or unfinished are refused by reader and validator in the same words")
{
    const auto refused = [](const Change& change, const std::string& wanted) {
        Folder folder;
        CHECK(faults_after(folder, change) == std::vector<std::string>{wanted});
        CHECK_THROWS_WITH(read(folder / "r.h5"), (folder / "r.h5").string() + ": " + wanted);
    };
    refused([](hid_t f) { set_attribute(f, "/", "schema_major", 2); }, "schema major 2 is newer than this program's 1; use a newer mneme");
    refused([](hid_t f) { set_attribute(f, "/", "schema_major", 0); }, "schema major 0 is unknown; 1 would be right");
    const std::string foreign = "is no Mneme results file (no attribute mneme_schema = \"mneme-results\"); give one that mneme wrote";
    refused([](hid_t f) { remove_attribute(f, "/", "mneme_schema"); }, foreign);
    refused([](hid_t f) { set_attribute(f, "/", "mneme_schema", "other"); }, foreign);
    refused([](hid_t f) { set_attribute(f, "/", "mneme_schema", 5); }, foreign);
    refused([](hid_t f) { set_attribute(f, "/", "status", "writing"); }, "status is not \"complete\": writing it was not finished; run again");
    refused([](hid_t f) { remove_attribute(f, "/", "status"); }, "/ has no attribute status; a variable-length UTF-8 string would be right");
}

TEST_CASE("a higher minor may hold more and word it otherwise")
{
    Folder folder;
    const auto faults = faults_after(folder, [](hid_t f) {
        set_attribute(f, "/", "schema_minor", 3), set_attribute(f, "/", "schema_version", "1.3.0"), set_attribute(f, "/", "Conventions", "Mneme-1.3");
        replace(f, (r + "/entropy").c_str(), H5T_NATIVE_DOUBLE, {2});
        replace(f, "/extra", H5T_NATIVE_DOUBLE, {2});
        set_attribute(f, (r + "/metrics/forgetting").c_str(), "formula", "the same in other words");
    });
    CHECK(faults == std::vector<std::string>{});
    CHECK(read(folder / "r.h5").blocks.size() == 2);
}
