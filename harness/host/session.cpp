// SPDX-License-Identifier: Apache-2.0
#include "host/session.hpp"

#include <algorithm>
#include <numeric>

#include <benchmarks/augment.hpp>
#include <benchmarks/random.hpp>
#include <mneme/error.hpp>

#include "host/ones.hpp"

namespace mneme::host {
namespace {

Session* the_current = nullptr;
std::function<void(const std::string&)> the_log;

std::vector<int64_t> with_replicas(int64_t s, at::IntArrayRef shape) {
    std::vector<int64_t> out{s};
    out.insert(out.end(), shape.begin(), shape.end());
    return out;
}

bench::PhiloxPlace* on(const at::Tensor& place) {
    return reinterpret_cast<bench::PhiloxPlace*>(place.data_ptr<int32_t>());
}
bench::PhiloxPlace counter(const Session::Place& at) {
    return {0, at.step, static_cast<uint32_t>(at.task) * 256 + at.phase};
}

int64_t product(at::IntArrayRef shape) {
    return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

} // namespace

Session::Session(const bench::Network& network, std::vector<int64_t> seeds, Head head,
                 at::Tensor table, at::Device device)
    : network_(network), seeds_(std::move(seeds)), head_(std::move(head)), device_(device) {
    std::vector<int32_t> bits;
    for (int64_t seed : seeds_) bits.push_back(static_cast<int32_t>(static_cast<uint32_t>(seed)));
    seeds_on_device_ = at::from_blob(bits.data(), {replicas()}, at::kInt).clone().to(device_);
    place_on_device_ = at::zeros({3}, at::device(device_).dtype(at::kInt));
    table_ = table.to(at::kFloat).contiguous().to(device_);
    const auto tasks = static_cast<int64_t>(head_.classes.size());
    auto mask = at::zeros({tasks, head_.width}, at::kBool);
    for (int64_t t = 0; t < tasks; ++t)
        for (int64_t c : head_.classes[static_cast<std::size_t>(t)]) mask[t][c] = true;
    task_mask_ = mask.to(device_);
    seen_mask_ = at::zeros({head_.width}, at::kBool).to(device_);
    loss_sum_ = at::zeros({replicas()}, at::kDouble).to(device_);
    loss_weight_ = at::zeros_like(loss_sum_);
}

Session::~Session() = default;

Session& Session::current() {
    if (!the_current)
        throw Error("no cell is running: tensors are made from within a learner's functions",
                    MNEME_STATE);
    return *the_current;
}
void Session::log(const char* line) {
    if (the_log) the_log(line);
}
void Session::log_to(std::function<void(const std::string&)> sink) { the_log = std::move(sink); }

Session::Scope::Scope(Session& session) : before_(the_current) { the_current = &session; }
Session::Scope::~Scope() { the_current = before_; }

const Kernels& Session::kernels() const { return device_.is_cuda() ? cuda_kernels() : cpu_kernels; }
void* Session::stream() const { return device_.is_cuda() ? cuda_stream() : nullptr; }

void Session::stand_at(const Place& place) { stand({on(place_on_device_), counter(place)}); }

void Session::stand_at(const Place& place, const at::Tensor& rows, at::Tensor& copy) {
    const auto from = rows.stride(1) == 1 ? rows : rows.contiguous();
    stand({on(place_on_device_), counter(place), from.data_ptr<int64_t>(), from.stride(0),
           copy.data_ptr<int64_t>(), from.size(0), from.size(1)});
}

void Session::stand(const Stand& how) {
    ++places_;
    kernels().stand(how, stream());
}

void Session::begin_task(int64_t task) {
    task_ = task;
    seen_mask_.copy_(task_mask_.narrow(0, 0, task + 1).any(0));
}

mneme_source* Session::open(const std::string& purpose) {
    for (const auto& source : opened_)
        if (source->purpose == purpose)
            throw Error("random(\"" + purpose +
                            "\"): opened twice; give each source of a method a purpose of its own",
                        MNEME_STATE);
    opened_.push_back(std::make_unique<mneme_source>(
        mneme_source{this, purpose, bench::purpose("plugin/" + purpose)}));
    return opened_.back().get();
}

mneme_source& Session::own(const std::string& purpose) {
    for (const auto& source : owned_)
        if (source->purpose == purpose) return *source;
    owned_.push_back(std::make_unique<mneme_source>(
        mneme_source{this, purpose, bench::purpose("mneme/" + purpose)}));
    return *owned_.back();
}

Draw Session::plan(mneme_source& source, int64_t count, int64_t stride) {
    if (source.place != places_) source.place = places_, source.call = 0;
    return numbers(source.hash, place_on_device_, source.call++, count, stride);
}

Draw Session::numbers(uint32_t purpose, const at::Tensor& place, uint32_t call, int64_t count,
                      int64_t stride) const {
    return {reinterpret_cast<const uint32_t*>(seeds_on_device_.data_ptr<int32_t>()),
            purpose,
            on(place),
            call,
            replicas(),
            count,
            stride};
}

at::Tensor Session::uniform(mneme_source& source, at::IntArrayRef shape) {
    auto out = at::empty(with_replicas(replicas(), shape), at::device(device_).dtype(at::kFloat));
    kernels().uniform(plan(source, product(shape), product(shape)), out.data_ptr<float>(),
                      stream());
    return out;
}

at::Tensor Session::integers(mneme_source& source, int64_t high, at::IntArrayRef shape) {
    if (high < 1 || high > (int64_t{1} << 32) - 1)
        throw Error("randint: high is " + std::to_string(high) + "; it must be 1 to 4294967295",
                    MNEME_ARGUMENT);
    auto out = at::empty(with_replicas(replicas(), shape), at::device(device_).dtype(at::kLong));
    kernels().integers(plan(source, product(shape), product(shape)), static_cast<uint32_t>(high),
                       out.data_ptr<int64_t>(), stream());
    return out;
}

at::Tensor Session::normal(mneme_source& source, at::IntArrayRef shape) {
    auto out = at::empty(with_replicas(replicas(), shape), at::device(device_).dtype(at::kFloat));
    kernels().normal(plan(source, product(shape), product(shape)), out.data_ptr<float>(), stream());
    return out;
}

at::Tensor Session::permutation(mneme_source& source, int64_t n) {
    return order_of(plan(source, n, n));
}

at::Tensor Session::few(const std::string& purpose, int64_t n, int64_t k) {
    k = std::min(k, n);
    auto out = at::empty({replicas(), k}, at::device(device_).dtype(at::kLong));
    kernels().few(plan(own(purpose), k, k), n, out.data_ptr<int64_t>(), stream());
    return out;
}

at::Tensor Session::permutation_at(const std::string& purpose, int64_t n,
                                   bench::PhiloxPlace place) const {
    const auto there = at::empty_like(place_on_device_);
    kernels().stand({on(there), place}, stream());
    return order_of(numbers(bench::purpose("mneme/" + purpose), there, place.call, n, n));
}

// bench::permutation is the reference.
at::Tensor Session::order_of(const Draw& draw) const {
    auto bits = at::empty({draw.replicas, draw.count}, at::device(device_).dtype(at::kLong));
    kernels().bits(draw, bits.data_ptr<int64_t>(), stream());
    return std::get<1>(at::sort(bits, true, 1, false)); // stable: of equal ones the first
}

bench::Weights Session::initial() const {
    std::vector<at::Tensor> rows;
    for (int64_t seed : seeds_) rows.push_back(network_.initial(seed));
    return {at::stack(rows).to(device_),
            network_.initial_stats().expand({replicas(), -1}).contiguous().to(device_)};
}

at::Tensor Session::vectors(const at::Tensor& tokens) const {
    auto shape = tokens.sizes().vec();
    shape.back() *= table_.size(1);
    return table_.index_select(0, tokens.reshape({-1})).view(shape);
}

at::Tensor Session::input(const at::Tensor& x) const {
    if (x.scalar_type() == at::kInt) return vectors(x);
    const bool shared = x.dim() == 2;
    const int64_t rows = x.size(-2), width = x.size(-1);
    auto positions = at::arange(rows, at::device(device_).dtype(at::kLong));
    auto out = at::empty(
        shared ? std::vector<int64_t>{rows, width} : std::vector<int64_t>{x.size(0), rows, width},
        at::device(device_).dtype(at::kFloat));
    const auto whole = x.contiguous();
    kernels().gather({out.data_ptr<float>(), whole.data_ptr<uint8_t>(), shared ? 0 : rows * width,
                      positions.data_ptr<int64_t>(), 0, shared ? 1 : x.size(0), rows, width,
                      table_.data_ptr<float>()},
                     stream());
    return out;
}

void Session::gather(const mneme_examples& from, const at::Tensor& positions, at::Tensor& x,
                     at::Tensor& y, at::Tensor& task, at::Tensor& weight) const {
    const auto at_rows = positions.contiguous();
    const int64_t rows = at_rows.size(1), width = from.data.x.size(-1),
                  stride = at_rows.size(0) == 1 ? 0 : rows;
    const bool one_x = from.data.x.dim() == 2 && at_rows.size(0) == 1 &&
                       replicas() > 1; // every replica sees the same examples
    const bool texts = from.data.x.scalar_type() == at::kInt;
    const int64_t copies = one_x ? 1 : replicas();
    const auto on_device = at::device(device_);
    y = at::empty({replicas(), rows}, on_device.dtype(at::kLong));
    task = at::empty({replicas(), rows}, on_device.dtype(at::kLong));
    if (texts) {
        x = vectors(from.data.x.index_select(0, at_rows.reshape({-1}))).view({copies, rows, -1});
    } else {
        x = at::empty({copies, rows, width}, on_device.dtype(at::kFloat));
    }
    kernels().gather({texts ? nullptr : x.data_ptr<float>(),
                      texts ? nullptr : from.data.x.data_ptr<uint8_t>(),
                      from.data.x.dim() == 2 ? 0 : from.data.x.stride(0),
                      at_rows.data_ptr<int64_t>(),
                      stride,
                      copies,
                      rows,
                      texts ? 1 : width,
                      table_.data_ptr<float>(),
                      {from.data.y.data_ptr<int64_t>(), from.task.data_ptr<int64_t>(),
                       y.data_ptr<int64_t>(), task.data_ptr<int64_t>(), replicas()}},
                     stream());
    if (one_x) x = x.expand({replicas(), -1, -1}); // the same values, which nobody may write to
    if (weight.defined() && weight.size(1) == rows) return;
    weight = at::ones({replicas(), rows}, on_device.dtype(at::kFloat));
    known_as_ones(weight);
}

at::Tensor Session::draw(const mneme_examples& from, int32_t how, int64_t n) {
    auto order = permutation(own("examples"), from.data.size()).to(at::kCPU); // [S, N]
    if (how == MNEME_DRAW_SAMPLE)
        return order.narrow(1, 0, std::min(n, from.data.size())).contiguous().to(device_);
    if (how != MNEME_DRAW_PER_CLASS)
        throw Error(
            "draw: way " + std::to_string(how) + " is not known; 0 (sample) or 1 (per class)",
            MNEME_ARGUMENT);
    const auto labels = from.data.y.to(at::kCPU);
    std::vector<int64_t> found;
    for (int64_t s = 0; s < replicas();
         ++s) { // the first n of each class in the drawn order, class by class
        const int64_t* row = order.data_ptr<int64_t>() + s * order.size(1);
        for (int64_t c : from.classes) {
            int64_t left = n;
            for (int64_t k = 0; k < order.size(1) && left > 0; ++k)
                if (labels.data_ptr<int64_t>()[row[k]] == c) found.push_back(row[k]), --left;
        }
    }
    return at::from_blob(found.data(),
                         {replicas(), static_cast<int64_t>(found.size()) / replicas()}, at::kLong)
        .clone()
        .to(device_);
}

bench::Dropout Session::dropout(const mneme_batch& batch) {
    const auto& own_rates = network_.dropout_rates();
    if (dropout_ <= 0 &&
        std::all_of(own_rates.begin(), own_rates.end(), [](double rate) { return rate <= 0; }))
        return {};
    const int64_t current = batch.current;
    return [this, current, &own_rates](int64_t layer, at::IntArrayRef shape) {
        const double rate = dropout_ > 0 ? dropout_ : own_rates[static_cast<std::size_t>(layer)];
        auto out = at::empty(shape, at::device(device_).dtype(at::kFloat));
        const int64_t rows = shape[1], width = shape[2], first = std::min(current, rows);
        const auto fill = [&](const char* purpose, int64_t start, int64_t n) {
            if (n == 0) return;
            auto draw = plan(own(purpose), n * width, rows * width);
            kernels().dropout(draw, static_cast<float>(rate), out.data_ptr<float>() + start * width,
                              stream());
        };
        if (shape[0] != replicas())
            throw Error(
                "dropout: stacked weights cannot be trained with dropout; use Mode::eval or "
                "Mode::batch_stats",
                MNEME_STATE);
        fill("dropout", 0, first);
        fill("dropout_memory", first, rows - first);
        return out;
    };
}

at::Tensor Session::moved(const at::Tensor& x, const bench::AugmentSpec& how, mneme_source& crop,
                          mneme_source& flip) {
    const int64_t rows = x.size(1), padding = how.crop_padding;
    bench::Moves moves;
    if (padding > 0) moves.crop = integers(crop, 2 * padding + 1, {rows, 2});
    if (how.horizontal_flip) moves.flip = integers(flip, 2, {rows});
    return bench::augmented(x, network_.input_shape(), padding, moves, table_.narrow(0, 0, 1));
}

void Session::augment(at::Tensor& x) {
    if (augment_.any()) x = moved(x, augment_, own("augment_crop"), own("augment_flip"));
}

at::Tensor Session::augmented(const at::Tensor& x, mneme_source& source,
                              const bench::AugmentSpec* how) {
    const auto& spec = how ? *how : augment_;
    if (!spec.any()) return x;
    if (network_.input_shape().size() != 3)
        throw Error("augmented: the inputs are not pictures; do without", MNEME_ARGUMENT);
    if (x.dim() != 3 || x.size(0) != replicas() || x.size(2) != network_.inputs())
        throw Error(c10::str("augmented: x is ", x.sizes(), "; give [S, B, D] as a batch has it"),
                    MNEME_ARGUMENT);
    return moved(x, spec, source, source);
}

std::pair<at::Tensor, at::Tensor> Session::take_train_loss() {
    auto out = std::make_pair(loss_sum_.clone(), loss_weight_.clone());
    loss_sum_.zero_();
    loss_weight_.zero_();
    return out;
}

void Session::peek_train_loss(std::vector<double>& sum, std::vector<double>& weight) const {
    const auto s = loss_sum_.to(at::kCPU), w = loss_weight_.to(at::kCPU);
    sum.assign(s.data_ptr<double>(), s.data_ptr<double>() + s.numel());
    weight.assign(w.data_ptr<double>(), w.data_ptr<double>() + w.numel());
}

void Session::add_train_loss(const std::vector<double>& sum, const std::vector<double>& weight) {
    for (int64_t r = 0; r < replicas(); ++r) {
        loss_sum_[r] += sum[static_cast<std::size_t>(r)];
        loss_weight_[r] += weight[static_cast<std::size_t>(r)];
    }
}

double Session::peak_device_bytes() const { return device_.is_cuda() ? cuda_peak_bytes() : 0; }

} // namespace mneme::host
