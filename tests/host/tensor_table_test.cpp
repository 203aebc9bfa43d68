// SPDX-License-Identifier: Apache-2.0
// Operators by name: what the border accepts, what it refuses and in which words.
#include "catch.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "host/tables.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const mneme_tensor_api& api() { return *border::tables.tensor; }

std::string not_found(const char* schema) {
    mneme_status status{sizeof status, 0, {}};
    const bool found = api().find(schema, &status) != nullptr;
    CHECK(status.code == (found ? MNEME_OK : MNEME_OPERATOR));
    return found ? "" : status.message;
}

std::string message(const std::function<void()>& body, int code) {
    try {
        body();
    } catch (const Error& e) {
        CHECK(e.code() == code);
        return e.what();
    }
    return "";
}

Tensor count(int64_t rows, int64_t columns) {
    return range(rows * columns).to(DType::float32).reshape({rows, columns});
}

} // namespace

TEST_CASE("every wrapped operator is here") {
    SessionFixture fixture({});
    int64_t names = 0;
    const auto wanted = [&](const char* schema) {
        ++names;
        CHECK(not_found(schema) == "");
    };
#define MNEME_UNARY(name) wanted("aten::" #name);
#define MNEME_UPDATE0(name) wanted("aten::" #name);
#define MNEME_BINARY(name, symbol) \
    wanted("aten::" #name ".Tensor"), wanted("aten::" #name ".Scalar");
#define MNEME_COMPARE(name, symbol) \
    wanted("aten::" #name ".Tensor"), wanted("aten::" #name ".Scalar");
#define MNEME_WRAPPED(schema) wanted(schema);
#include <mneme/operators.def>
    CHECK(names > 80);
    CHECK(host::missing_operators().empty());
}

TEST_CASE("an operator that is not offered is refused by name") {
    SessionFixture fixture({});
    const auto wrong = [](const std::string& name) {
        return "LibTorch " + host::libtorch_version() + " has no operator " + name +
               "; name one that it has, without `out`";
    };
    for (const char* name : {"aten::nonsense", "aten::add.Nonsense", "add.Tensor", "",
                             "aten::add.out", "aten::topk.values", "aten::sum.IntList_out"})
        CHECK(not_found(name) == wrong(name));
    CHECK_FALSE(host::has_operator("aten::mul.out"));
    CHECK(host::has_operator("aten::mul.Tensor"));
    CHECK(message([] { Op("aten::nonsense"); }, MNEME_OPERATOR) == wrong("aten::nonsense"));
}

TEST_CASE("number and kind of arguments are checked against the schema") {
    SessionFixture fixture({});
    const auto a = count(2, 3), b = count(3, 2);
    const auto refused = [](const std::function<void()>& body) {
        return message(body, MNEME_ARGUMENT);
    };
    CHECK(refused([&] { Op("aten::relu")(a, a); }) == "aten::relu: 2 arguments; it takes 1");
    CHECK(refused([&] { Op("aten::matmul")(a); }) == "aten::matmul: argument other is missing");
    CHECK(refused([&] { Op("aten::matmul")(a, 1); }) ==
          "aten::matmul: argument other is int; it should be Tensor");
    CHECK(refused([&] { Op("aten::matmul")(a, Tensor()); }) ==
          "aten::matmul: argument other is none; it should be Tensor");
    CHECK(refused([&] { Op("aten::narrow")(a, 1.5, 0, 1); }) ==
          "aten::narrow: argument dim is real; it should be int");
    CHECK(refused([&] { Op("aten::sum.dim_IntList")(a, std::vector<int64_t>{1}, 1); }) ==
          "aten::sum.dim_IntList: argument keepdim is int; it should be bool");
    CHECK(refused([&] {
              Op("aten::reshape")(a, 2.0);
          }).find("aten::reshape: argument shape is real; it should be ") == 0);
    CHECK(refused([&] {
              Op("aten::cat")(a);
          }).find("aten::cat: argument tensors is tensor; it should be ") == 0);
    CHECK(refused([&] { Op("aten::mul.Tensor")(a, "two"); }) ==
          "aten::mul.Tensor: argument other is string; it should be Tensor");
    mneme_value unknown = Value(a), out{};
    unknown.kind = 99;
    mneme_status status{sizeof status, 0, {}};
    CHECK(api().call(api().find("aten::relu", &status), &unknown, 1, &out, 1, &status) ==
          MNEME_ARGUMENT);
    CHECK(std::string(status.message) ==
          "aten::relu: argument self is an unknown kind; it should be Tensor");
    CHECK(refused([&] { Op("aten::relu").several<2>(a); }) ==
          "aten::relu: 2 results asked for; it gives 1");
    CHECK(Op("aten::matmul")(a, b).to_vector() ==
          std::vector<double>{10, 13, 28, 40}); // the same tables go on working
}

TEST_CASE("LibTorch's own complaints arrive as one sentence") {
    SessionFixture fixture({});
    const auto a = count(2, 3);
    const auto said = message([&] { a.matmul(a); }, MNEME_OPERATOR);
    CHECK(said == "aten::matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
    for (const auto& text : {message([&] { a.narrow(1, 2, 5); }, MNEME_OPERATOR),
                             message(
                                 [&] {
                                     a.reshape({4, 4});
                                 },
                                 MNEME_OPERATOR),
                             message([&] { (void)(a + count(2, 2)); }, MNEME_OPERATOR)}) {
        CHECK(text.find("aten::") == 0);
        CHECK(text.find('\n') == text.npos);
        CHECK(text.size() > 20);
    }
}

TEST_CASE("arguments widen and default as the schema says") {
    SessionFixture fixture({});
    const auto a = count(2, 3), b = a * 2;
    CHECK(Op("aten::cdist")(a, b, 2).to_vector() ==
          Op("aten::cdist")(a, b, 2.0).to_vector()); // p is a float
    CHECK(Op("aten::cdist")(a, b).to_vector() ==
          Op("aten::cdist")(a, b, 2.0).to_vector()); // and 2 by default
    CHECK(Op("aten::clamp")(a, nullptr, 3).to_vector() == std::vector<double>{0, 1, 2, 3, 3, 3});
    CHECK(Op("aten::sum.dim_IntList")(a, 1).to_vector() ==
          std::vector<double>{3, 12}); // one number where a list is wanted
    CHECK((a * 2).dtype() == DType::float32);
    CHECK((range(3) * 2).dtype() == DType::int64); // a whole number stays whole
    CHECK((range(3) * 0.5).dtype() == DType::float32);
    CHECK(Op("aten::einsum")("ij,ij->i", border::handles({a, a})).to_vector() ==
          std::vector<double>{5, 50});
    CHECK(a.to(DType::int64).dtype() == DType::int64);
}

TEST_CASE(
    "where chooses alike by our kernel and by LibTorch's operator, and takes what is no number as "
    "it is") {
    SessionFixture fixture({});
    const int64_t n = 37;
    auto values = numbers(3 * n, 4);
    values[5] = std::nan(""), values[6] = std::numeric_limits<double>::infinity();
    const auto a = tensor(values, {3, n}, DType::float32),
               b = tensor(numbers(3 * n, 5), {3, n}, DType::float32);
    const auto mask = b > 0.5, turned = tensor(values, {n, 3}, DType::float32).transpose(0, 1),
               one = zeros({1, 1}), row = b.narrow(0, 0, 1);
    const auto chosen = mask.to_vector();
    const auto same = [](const Tensor& x, const Tensor& y) { // bits, not numbers alone
        const auto p = x.to(DType::float64).to_vector(), q = y.to(DType::float64).to_vector();
        return std::equal(p.begin(), p.end(), q.begin(), q.end(), [](double u, double v) {
            return std::bit_cast<uint64_t>(u) == std::bit_cast<uint64_t>(v);
        });
    };
    for (const auto& [yes, no] : {std::pair(a, b), std::pair(a, one), std::pair(b, a),
                                  std::pair(turned, b), std::pair(a, row), std::pair(row, b)}) {
        const auto got = where(mask, yes, no);
        CHECK(got.shape() == std::vector<int64_t>{3, n});
        CHECK(got.dtype() == DType::float32);
        CHECK(same(
            got, where(mask, yes.to(DType::float64), no.to(DType::float64)))); // not by the kernel
    }
    CHECK(where(mask.narrow(0, 0, 1), a, b).shape() ==
          std::vector<int64_t>{3, n}); // one row of choices for all
    CHECK(where(mask, a, zeros({1, 1, 1})).shape() == std::vector<int64_t>{1, 3, n});
    CHECK(same(where(mask, a, one), where(mask, a, zeros({3, n}))));
}

TEST_CASE("lists come back as lists, pairs as pairs") {
    SessionFixture fixture({});
    const int64_t before = live_handles();
    {
        const auto a = count(2, 3);
        mneme_status status{sizeof status, 0, {}};
        const mneme_value in[] = {Value(a), Value(2), Value(1)};
        mneme_value out{};
        REQUIRE(api().call(api().find("aten::split.Tensor", &status), in, 3, &out, 1, &status) ==
                MNEME_OK);
        CHECK(out.kind == MNEME_TENSORS);
        REQUIRE(out.count == 2);
        const Tensor left(out.v.tensors[0]), right(out.v.tensors[1]);
        api().release_list(&out);
        CHECK(out.count == 0);
        CHECK(left.to_vector() == std::vector<double>{0, 1, 3, 4});
        CHECK(right.to_vector() == std::vector<double>{2, 5});
        const auto [values, places] = a.topk(2, 1);
        CHECK(values.to_vector() == std::vector<double>{2, 1, 5, 4});
        CHECK(places.to_vector() == std::vector<double>{2, 1, 2, 1});
        CHECK(live_handles() > before);
    }
    CHECK(live_handles() == before);
}

TEST_CASE("values go in and come out") {
    SessionFixture fixture({});
    CHECK(Tensor::of(std::vector<float>{1.5f, -2}, {2, 1}).shape() == std::vector<int64_t>{2, 1});
    CHECK(zeros({2, 2}, DType::int64).to_vector() == std::vector<double>(4, 0));
    CHECK(zeros({3, 0}).numel() == 0);
    double out = 0;
    CHECK(message(
              [&] {
                  border::call(api().read, range(2).handle(), int32_t{MNEME_REAL},
                               static_cast<void*>(&out), int64_t{1});
              },
              MNEME_ARGUMENT) == "read: the tensor has 2 elements and not 1");
    mneme_tensor* made = nullptr;
    const int64_t size = 1;
    CHECK(message(
              [&] {
                  border::call(api().create, &size, int32_t{1}, int32_t{9},
                               static_cast<const void*>(nullptr), &made);
              },
              MNEME_ARGUMENT) == "dtype 9: not known to this host; it knows 1 to 6");
    CHECK(made == nullptr);
}

TEST_CASE("interfaces are found by name") {
    for (const char* id :
         {"mneme.tensor/1", "mneme.net/1", "mneme.data/1", "mneme.random/1", "mneme.options/1",
          "mneme.optimizer/1", "mneme.autograd/1", "mneme.device/1", "mneme.select/1",
          "mneme.rows/1", "mneme.products/1"}) {
        const auto* table = static_cast<const uint32_t*>(host::find_interface(id));
        REQUIRE(table != nullptr);
        CHECK(*table > 8); // begins with its size
    }
    for (const char* id : {"mneme.tensor/2", "mneme.tensor", ""})
        CHECK(host::find_interface(id) == nullptr);
}
