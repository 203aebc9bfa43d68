// SPDX-License-Identifier: Apache-2.0
// Benchmark files: what they mean, their digests (fixed by golden_digests.py), and what is refused.
#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;
using namespace mneme::harness;

namespace {

Json golden() {
    std::ifstream file(MNEME_PLAN_DATA "/golden.json");
    return Json::parse(file);
}

mneme::bench::Spec load(const Folder& folder, const std::string& text,
                        const std::string& name = "x.toml") {
    return load_benchmark(folder.write(name, text).string(), {});
}

std::string fault(const std::string& text) {
    const Folder folder;
    return folder.shorten(fault_of([&] { load(folder, text); }));
}

const std::string stream =
    "[stream]\nkind = \"synthetic\"\ntasks = 3\nclasses_per_task = 2\nfeatures = 6\nseparation = "
    "3.0\n"
    "train_examples = 60\ntest_examples = 30\n"; // 8 lines
const std::string hidden = "[network]\nhidden = [8]\n";

} // namespace

TEST_CASE("a benchmark file becomes a spec, name from the file, defaults filled in") {
    const auto spec = load_benchmark("tiny", {MNEME_PLAN_DATA});
    CHECK(spec.name == "tiny");
    CHECK(spec.version == "2");
    CHECK(spec.stream.kind == "synthetic");
    CHECK(spec.stream.tasks == 3);
    CHECK(spec.stream.separation == 3.0);
    CHECK(spec.stream.normalise == "none");
    CHECK(spec.scenario.kind == "task");
    CHECK(spec.scenario.head == "full");
    CHECK(spec.network.hidden == std::vector<int64_t>{8, 4});
    CHECK(spec.network.bias);
    CHECK(spec.train.lr == 1e-5);
    CHECK(spec.train.epochs == 1);
    CHECK_FALSE(spec.train.drop_last.has_value());
}

TEST_CASE("digests agree with a script that shares no code with the harness") {
    CHECK(benchmark_digest(load_benchmark("tiny", {MNEME_PLAN_DATA}), "") == golden().at("tiny"));
    std::string payload;
    for (int i = 0; i < 32; ++i) payload += "ab";
    CHECK(benchmark_digest(load_benchmark("turned", {MNEME_PLAN_DATA}), payload) ==
          golden().at("turned"));

    Json numbers = Json::array();
    for (const double x : {0.0, -0.0, 5.0, -3.0, 0.1, 0.0001, 0.00012, 1e-5, 1.5e-7, 1.0 / 3, 2.5,
                           123456.789, 1e15, 9007199254740993.0, 1e16, 1.5e300, 5e-324})
        numbers.push_back(canonical(x));
    numbers.push_back(canonical(7));
    CHECK(numbers == golden().at("numbers"));
}

TEST_CASE("a digest follows what counts and nothing else") {
    const Folder folder;
    const std::string text = stream + hidden;
    const auto digest = [&](const std::string& changed, const std::string& name) {
        return benchmark_digest(load(folder, changed, name), "");
    };
    const std::string plain = digest(text, "x.toml");
    CHECK(plain ==
          digest("version = \"9\"\ntitle = \"t\"\nreference = \"r\"\n" + text, "another.toml"));
    CHECK(plain == digest("# a remark\n" + stream + "normalise = \"none\"\n" + hidden +
                              "bias = true\n[scenario]\nkind = \"domain\"\n",
                          "y.toml"));
    CHECK(plain != digest(text + "bias = false\n", "x.toml"));
    CHECK(plain != digest(text + "[train]\nlr = 0.1\n", "x.toml"));
    CHECK(plain != digest(stream + "validation = 0.5\n" + hidden, "x.toml"));
    CHECK(plain != benchmark_digest(load(folder, text), "00"));
    for (const char* key : {"label_noise = 0.1\n", "imbalance = 10\n", "online = true\n",
                            "boundaries = \"hidden\"\n"})
        CHECK(plain != digest(stream + key + hidden, "x.toml"));
    CHECK(plain == digest(stream +
                              "label_noise = 0\nimbalance = 1.0\nonline = false\nboundaries = "
                              "\"announced\"\nblur = 0\n" +
                              hidden,
                          "x.toml"));
    CHECK(digest(text + "[train]\nlr = 1\n", "x.toml") ==
          digest(text + "[train]\nlr = 1.0\n", "x.toml"));
}

TEST_CASE("the effective keys as TOML are a benchmark file of the same digest") {
    for (const char* name : {"tiny", "turned"}) {
        const auto spec = load_benchmark(name, {MNEME_PLAN_DATA});
        const Folder folder;
        const auto again = load(folder, to_toml(spec), std::string(name) + ".toml");
        CHECK(effective_keys(again) == effective_keys(spec));
        CHECK(to_json(again) == to_json(spec));
        CHECK(benchmark_digest(again, "p") == benchmark_digest(spec, "p"));
    }
    CHECK(to_toml(load_benchmark("turned", {MNEME_PLAN_DATA})) ==
          "version = \"1\"\n\n[stream]\nkind = \"rotated\"\ndataset = \"fashion-mnist\"\ntasks = "
          "5\ntrain_examples = 2000\ntest_examples = "
          "0\n"
          "validation = 0.0\nnormalise = \"none\"\ndegrees_per_task = 36.0\ninterpolation = "
          "\"nearest\"\n\n[scenario]\nkind = \"domain\"\n"
          "head = \"full\"\n\n[network]\nkind = \"mlp\"\nhidden = [100]\nbias = true\ninit = "
          "\"default\"\n");
}

TEST_CASE("the keys of a network are those of its kind, with defaults") {
    const Folder folder;
    const auto keys = [&](const std::string& network) {
        return effective_keys(load(folder, stream + network)).at("network");
    };
    CHECK(keys("[network]\nkind = \"resnet18\"\nnorm = \"batch_stats\"\n") ==
          Json({{"kind", "resnet18"},
                {"bias", true},
                {"init", "default"},
                {"norm", "batch_stats"},
                {"shortcut_affine", true},
                {"nf", 20}}));
    CHECK(keys("[network]\nkind = \"zenke-cnn\"\ndropout = false\n") == Json({{"kind", "zenke-cnn"},
                                                                              {"bias", true},
                                                                              {"init", "default"},
                                                                              {"padding", "same"},
                                                                              {"dropout", false}}));
    CHECK(keys("[network]\nkind = \"text-cnn\"\n") ==
          Json({{"kind", "text-cnn"}, {"bias", true}, {"init", "default"}, {"filters", 200}}));
    const auto spec =
        load(folder, stream + "[network]\nkind = \"resnet18\"\nnf = 8\nshortcut_affine = false\n");
    CHECK(to_json(load(folder, to_toml(spec))) == to_json(spec));
}

TEST_CASE("a split stream's number of tasks is said by its classes") {
    const Folder folder;
    const std::string split =
        "[stream]\nkind = \"split\"\ndataset = \"fashion-mnist\"\nclasses_per_task = 2\n";
    const auto silent = load(folder, split + hidden),
               spoken = load(folder, split + "tasks = 5\n" + hidden);
    CHECK(effective_keys(silent).at("stream").at("tasks") == 5);
    CHECK(benchmark_digest(silent, "p") == benchmark_digest(spoken, "p"));
}

TEST_CASE(
    "[augment] and what makes a stream harder: read, in the digest, written out, one epoch where "
    "examples come once") {
    const Folder folder;
    const std::string
        split = "[stream]\nkind = \"split\"\ndataset = \"fashion-mnist\"\nclasses_per_task = 2\n",
        class_wise = "[scenario]\nkind = \"class\"\n";
    const auto moved =
        load(folder, split + "[augment]\ncrop_padding = 4\nhorizontal_flip = true\n" + hidden);
    CHECK(moved.augment.crop_padding == 4);
    CHECK(moved.augment.horizontal_flip);
    CHECK(effective_keys(moved).at("augment") ==
          Json({{"crop_padding", 4}, {"horizontal_flip", true}}));
    const auto still = load(folder, split + "[augment]\ncrop_padding = 0\n" + hidden);
    CHECK(benchmark_digest(still, "p") == benchmark_digest(load(folder, split + hidden), "p"));
    CHECK(benchmark_digest(still, "p") != benchmark_digest(moved, "p"));
    const auto hard = load(
        folder, split + "label_noise = 0.2\nimbalance = 20\nboundaries = \"hidden\"\nblur = 0.5\n" +
                    class_wise + hidden);
    CHECK(hard.train.epochs == 1);
    for (const auto& spec : {moved, hard}) {
        CHECK(effective_keys(load(folder, to_toml(spec))) == effective_keys(spec));
        CHECK(to_json(mneme::protocol::spec_from_json(to_json(spec))) == to_json(spec));
    }
    CHECK(load(folder, split + "online = true\n" + hidden).train.epochs == 1);
    CHECK(fault(split + "[augment]\ncrop = 4\n" + hidden) ==
          "65 x.toml:6:1: unknown key \"crop\" in [augment]; known are crop_padding, "
          "horizontal_flip");
    CHECK(fault(split + "online = true\n" + hidden + "[train]\nepochs = 5\n") ==
          "65 x.toml:9:10: epochs is 5 and the stream shows each example once; expected 1");
    CHECK(fault(split + "boundaries = \"hiden\"\n" + hidden) ==
          "65 x.toml:5:14: unknown boundaries \"hiden\"; the nearest known one is \"hidden\"");
}

TEST_CASE("specs survive JSON exactly") {
    mneme::bench::Spec spec = load_benchmark("tiny", {MNEME_PLAN_DATA});
    spec.stream.linspace = {0, 1.0 / 3};
    spec.stream.class_order = {3, 1, 2};
    spec.train.lr = 0.1 + 0.2;
    spec.train.drop_last = false;
    const auto again = mneme::protocol::spec_from_json(Json::parse(to_json(spec).dump()));
    CHECK(to_json(again) == to_json(spec));
    CHECK(again.stream.linspace == spec.stream.linspace);
    CHECK(again.train.lr == spec.train.lr);
    CHECK_FALSE(again.train.weight_decay.has_value());
    CHECK_THROWS_WITH(mneme::protocol::spec_from_json(Json::object()),
                      "a benchmark as this version of mneme writes it is expected");
}

TEST_CASE("keys of a benchmark: unknown, missing, of the wrong type, out of bounds") {
    CHECK(fault("[xyzzyxyzzy]\n") ==
          "65 x.toml:1:2: unknown key \"xyzzyxyzzy\" in a benchmark; known are version, title, "
          "reference, stream, augment, scenario, "
          "network, "
          "train");
    CHECK(
        fault("[steam]\n") ==
        "65 x.toml:1:2: unknown key \"steam\" in a benchmark; the nearest known one is \"stream\"");
    CHECK(fault("") ==
          "65 x.toml:1:1: the benchmark has no [stream]; expected a table with kind = \"rotated\" "
          "and its "
          "keys");
    CHECK(fault("stream = 3\n") == "65 x.toml:1:10: stream is an integer; expected a table");
    CHECK(fault("version = 1.5\n" + stream) ==
          "65 x.toml:1:11: version is a real number; expected a string");
    CHECK(fault("title = 1\n" + stream) == "65 x.toml:1:9: title is an integer; expected a string");
    CHECK(
        fault("[stream]\ntasks = 3\n") ==
        "65 x.toml:1:2: [stream] has no kind; expected one of rotated, permuted, split, sequence, "
        "synthetic");
    CHECK(fault("[stream]\nkind = \"rotate\"\n") ==
          "65 x.toml:2:8: unknown stream kind \"rotate\"; the nearest known one is \"rotated\"");
    CHECK(fault("[stream]\nkind = \"waltz\"\n") ==
          "65 x.toml:2:8: unknown stream kind \"waltz\"; known are rotated, permuted, split, "
          "sequence, synthetic");
    CHECK(fault("[stream]\nkind = \"rotated\"\ntask = 3\n") ==
          "65 x.toml:3:1: unknown key \"task\" in [stream]; the nearest known one is \"tasks\"");
    CHECK(fault("[stream]\nkind = \"split\"\nlinspace = [0, 1]\n") ==
          "65 x.toml:3:1: linspace is not a key of a split stream; its keys are kind, dataset, "
          "tasks, "
          "train_examples, test_examples, "
          "validation, label_noise, imbalance, online, boundaries, blur, normalise, "
          "classes_per_task, class_order");
    CHECK(fault("[stream]\nkind = \"rotated\"\ndataset = \"fashion-mnis\"\n") ==
          "65 x.toml:3:11: unknown data set \"fashion-mnis\"; the nearest known one is "
          "\"fashion-mnist\"");
    CHECK(fault("[stream]\nkind = \"rotated\"\n")
              .rfind("65 x.toml:1:2: [stream] has no dataset; known are ", 0) == 0);
    CHECK(fault(stream + "normalise = \"nune\"\n") ==
          "65 x.toml:9:13: unknown normalise \"nune\"; the nearest known one is \"none\"");
    CHECK(fault(stream + "validation = \"x\"\n") ==
          "65 x.toml:9:14: validation is a string; expected a number");
    CHECK(fault("[stream]\nkind = \"synthetic\"\ntasks = 2.5\n") ==
          "65 x.toml:3:9: tasks is a real number; expected an integer");
    CHECK(fault(stream + "[scenario]\nkind = \"tesk\"\n") ==
          "65 x.toml:10:8: unknown scenario \"tesk\"; the nearest known one is \"task\"");
    CHECK(fault(stream + "[scenario]\nheads = 1\n") ==
          "65 x.toml:10:1: unknown key \"heads\" in [scenario]; the nearest known one is \"head\"");
    CHECK(fault(stream + "[network]\nkind = \"mpl\"\n") ==
          "65 x.toml:10:8: unknown network kind \"mpl\"; the nearest known one is \"mlp\"");
    CHECK(
        fault(stream + "[network]\nhiden = [8]\n") ==
        "65 x.toml:10:1: unknown key \"hiden\" in [network]; the nearest known one is \"hidden\"");
    CHECK(fault(stream + "[network]\nhidden = [8, \"x\"]\n") ==
          "65 x.toml:10:14: hidden holds a string; expected a list of integers");
    CHECK(fault(stream + "[network]\nhidden = 8\n") ==
          "65 x.toml:10:10: hidden is an integer; expected a list of integers");
    CHECK(fault(stream + "[network]\nbias = 1\n") ==
          "65 x.toml:10:8: bias is an integer; expected true or false");
    CHECK(fault(stream + "[network]\ninit = \"glorat\"\n") ==
          "65 x.toml:10:8: unknown init \"glorat\"; the nearest known one is \"glorot\"");
    CHECK(fault(stream + "[network]\nkind = \"resnet18\"\nhidden = [8]\n") ==
          "65 x.toml:11:1: hidden is not a key of network resnet18; its keys are kind, bias, init, "
          "norm, shortcut_affine, nf, weights, weights_sha256, names, unused, frozen");
    CHECK(fault(stream + "[network]\nnorm = \"batch\"\n") ==
          "65 x.toml:10:1: norm is not a key of network mlp; its keys are kind, hidden, bias, "
          "init, weights, weights_sha256, names, unused, frozen");
    CHECK(fault(stream + "[network]\nkind = \"resnet18\"\nnorm = \"bach\"\n") ==
          "65 x.toml:11:8: unknown norm \"bach\"; the nearest known one is \"batch\"");
    CHECK(fault(stream + "[network]\nkind = \"zenke-cnn\"\npadding = \"valid\"\n") ==
          "65 x.toml:11:11: unknown padding \"valid\"; known are same, pathint");
    CHECK(
        fault(stream + hidden + "[train]\nlearning = 1\n")
            .rfind("65 x.toml:12:1: unknown key \"learning\" in [train]; known are optimizer, lr,",
                   0) == 0);
    CHECK(fault(stream + hidden + "[train]\nlr = -1\n") ==
          "65 x.toml:12:6: lr is -1; expected a number above 0");
    CHECK(fault(stream + hidden + "[train]\nlr = [1]\n") ==
          "65 x.toml:12:6: lr is a list; expected a single value");
}

TEST_CASE("what the stream itself refuses is shown at the key at fault, or at its table") {
    CHECK(fault("[stream]\nkind = \"synthetic\"\ntasks = 0\nclasses_per_task = 2\nfeatures = "
                "6\nseparation = 3.0\n" +
                hidden) == "65 x.toml:3:9: tasks is 0; expected 1 to 1000");
    CHECK(fault("[stream]\nkind = \"split\"\ndataset = \"fashion-mnist\"\n" + hidden) ==
          "65 x.toml:1:2: a split stream has no classes_per_task; expected classes_per_task = 2");
    CHECK(fault(stream + "[network]\nhidden = [8, 0]\n") ==
          "65 x.toml:10:10: hidden is 0; expected 1 to 65536");
    const std::string resnet = stream + "[network]\nkind = \"resnet18\"\n";
    CHECK(fault(resnet + "nf = 0\n") == "65 x.toml:11:6: nf is 0; expected 1 to 512");
    CHECK(fault(resnet + "norm = \"group\"\nnf = 6\n") ==
          "65 x.toml:12:6: nf is 6 with norm \"group\", which has 4 groups; expected a multiple of "
          "4");
    CHECK(fault(resnet + "norm = \"none\"\nshortcut_affine = false\n") ==
          "65 x.toml:12:19: shortcut_affine is false with norm \"none\", which has no scale and "
          "shift; remove shortcut_affine");
}

TEST_CASE("benchmarks are found by name, the earlier folder first, and broken ones are told") {
    const Folder folder;
    folder.write("one/a.toml", "title = \"first\"\nreference = \"r\"\n" + stream + hidden);
    folder.write("one/broken.toml", "title = \n");
    folder.write("two/a.toml", "title = \"second\"\n" + stream + hidden);
    folder.write("two/c.toml", stream + hidden);
    folder.write("two/not_one.txt", "");
    const std::vector<fs::path> folders{folder.path() / "none", folder.path() / "one",
                                        folder.path() / "two"};
    const auto found = find_benchmarks(folders);
    REQUIRE(found.size() == 3);
    CHECK(found[0].name == "a");
    CHECK(found[0].title == "first");
    CHECK(found[0].reference == "r");
    CHECK(found[0].fault.empty());
    CHECK(found[1].name == "broken");
    CHECK(found[1].fault.find("broken.toml:1:9: not TOML: expected value") != std::string::npos);
    CHECK(found[2].name == "c");
    CHECK(found[2].title.empty());
    CHECK(fault_of([&] { load_benchmark("zzz", {}); }) ==
          "65 benchmark: unknown benchmark \"zzz\"; none is known here (looked in: no folder)");
    CHECK(fault_of([&] { load(folder, stream, "a b.toml"); })
              .find("a b.toml: the file's name cannot be a benchmark's name; expected 1 to 64 of "
                    "A-Z, a-z, "
                    "0-9 and ._+- before .toml") != std::string::npos);
}
