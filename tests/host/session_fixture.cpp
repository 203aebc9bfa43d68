// SPDX-License-Identifier: Apache-2.0
#include "session_fixture.hpp"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <benchmarks/random.hpp>

#include "host/handle.hpp"
#include "host/learner.hpp"
#include "host/tables.hpp"

namespace mneme::test {
namespace {

protocol::Settings settings(const Json& object) {
    protocol::Settings out;
    for (const auto& [key, value] : object.items()) out.push_back({key, {value, "suite"}});
    return out;
}

host::OptionBook book(const std::string& method, std::size_t runs, const Json& options,
                      const Json& train) {
    return {method, std::vector(runs, settings(options)), std::vector(runs, settings(train)),
            Json::object()};
}

const mneme_method& method(const std::string& id) {
    const char* folder = std::getenv("MNEME_PLUGINS");
    const std::string path = std::string(folder ? folder : "plugins") + "/" + id + ".so";
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); // never closed
    if (!library) throw std::runtime_error(dlerror());
    return **reinterpret_cast<const mneme_plugin* (*)()>(dlsym(library, MNEME_PLUGIN_ENTRY))()
                 ->methods;
}

std::vector<double> values_of(const at::Tensor& t) {
    if (!t.defined()) return {};
    const auto flat = t.detach().to(at::kDouble).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

std::unique_ptr<bench::Network> network(const Layout& l) {
    bench::NetworkSpec spec;
    spec.kind = l.network, spec.hidden = l.hidden, spec.bias = l.bias;
    spec.nf = 4;
    return bench::make_network(spec, l.image.empty() ? std::vector{l.features} : l.image,
                               l.classes);
}

} // namespace

struct SessionFixture::Impl : host::DiagnosticSink {
    explicit Impl(const Layout& l)
        : network(test::network(l)),
          session(*network, l.seeds, {l.scenario, l.shared_head, l.classes, l.tasks, l.all_logits},
                  at::arange(256, at::kFloat).div(255), at::kCPU),
          scope(session) {
        session.model().set_dropout(l.dropout);
        session.diagnostics().send_to(this);
        if (l.hidden_boundaries) session.hide_boundaries();
    }
    void reported(const mneme_diagnostic& d, const std::vector<double>& values) override {
        reports[d.name].push_back(values);
    }
    std::map<std::string, std::vector<std::vector<double>>> reports;
    std::unique_ptr<bench::Network> network;
    host::Session session;
    host::Session::Scope scope;
    std::map<int64_t, std::unique_ptr<mneme_examples>> data_by_task;
    // Setups and what they borrow.
    std::vector<std::unique_ptr<host::OptionBook>> books;
    std::vector<std::unique_ptr<mneme_setup_context>> contexts;
    std::vector<std::unique_ptr<Setup>> setups;
};

SessionFixture::SessionFixture(const Layout& layout) : layout_(layout) {
    at::set_num_threads(1);
    at::GradMode::set_enabled(false);
    border::bind(&host::host_table);
    impl_ = std::make_unique<Impl>(layout);
    net_ = std::make_unique<Net>(impl_->session.net());
    begin_task(0);
}
SessionFixture::~SessionFixture() = default;

void SessionFixture::seek(int64_t task, uint32_t phase, uint32_t step) {
    impl_->session.draws().seek({task, phase, step});
}
void SessionFixture::begin_task(int64_t task) { impl_->session.model().begin_task(task); }

void SessionFixture::set_examples(int64_t task, const TaskData& s) {
    const auto n = static_cast<int64_t>(s.labels.size());
    const auto x =
        at::from_blob(const_cast<uint8_t*>(s.pixels.data()), {n, layout_.features}, at::kByte)
            .clone();
    const auto y = at::from_blob(const_cast<int64_t*>(s.labels.data()), {n}, at::kLong).clone();
    impl_->data_by_task[task] = std::make_unique<mneme_examples>(
        mneme_examples{&impl_->session,
                       {x, y},
                       at::full({n}, task, at::kLong),
                       layout_.tasks.at(static_cast<std::size_t>(task))});
}

mneme_task SessionFixture::raw(int64_t task) const {
    return host::TaskView(task, static_cast<int64_t>(layout_.tasks.size()),
                          *impl_->data_by_task.at(task))
        .raw;
}
Task SessionFixture::task(int64_t task) const { return Task(raw(task)); }
std::pair<std::vector<double>, std::vector<double>> SessionFixture::train_loss() {
    const auto [sum, weight] = impl_->session.model().take_train_loss();
    return {values_of(sum), values_of(weight)};
}
const std::map<std::string, std::vector<std::vector<double>>>& SessionFixture::reports() const {
    return impl_->reports;
}
void SessionFixture::record(bool on) { impl_->session.set_recording(on); }
Random SessionFixture::own(const std::string& purpose) {
    return Random(&impl_->session.draws().own(purpose));
}

Setup& SessionFixture::setup(const Json& options, const Json& train) {
    impl_->books.push_back(
        std::make_unique<host::OptionBook>(book("method", layout_.seeds.size(), options, train)));
    impl_->contexts.push_back(std::make_unique<mneme_setup_context>(
        mneme_setup_context{&impl_->session, impl_->books.back().get()}));
    const uint32_t flags = layout_.hidden_boundaries ? MNEME_HIDDEN_BOUNDARIES : 0;
    const mneme_setup raw{sizeof(mneme_setup), flags, impl_->session.replicas(),
                          impl_->session.net(), impl_->contexts.back().get()};
    impl_->setups.push_back(std::make_unique<Setup>(raw, net()));
    return *impl_->setups.back();
}

struct PluginLearner::Impl {
    host::OptionBook options;
    host::Learner learner;
    Impl(host::Session& session, const std::string& plugin, const Json& given, const Json& train)
        : options(book(plugin, static_cast<std::size_t>(session.replicas()), given, train)),
          learner(method(plugin), session, options) {
        options.refuse_leftovers();
    }
};

PluginLearner::PluginLearner(SessionFixture& fixture, const std::string& plugin,
                             const Json& options, const Json& train)
    : fixture_(fixture),
      impl_(std::make_unique<Impl>(fixture.impl_->session, plugin, options, train)) {}
PluginLearner::~PluginLearner() = default;

void PluginLearner::begin_task(int64_t task) {
    fixture_.begin_task(task);
    impl_->learner.begin_task({task, static_cast<int64_t>(fixture_.layout_.tasks.size()),
                               *fixture_.impl_->data_by_task.at(task)});
}
std::vector<Phase> PluginLearner::phases(int64_t task) {
    std::vector<Phase> out;
    for (const auto& phase :
         impl_->learner.phases({task, static_cast<int64_t>(fixture_.layout_.tasks.size()),
                                *fixture_.impl_->data_by_task.at(task)}))
        out.push_back(border::borrow(phase));
    return out;
}
void PluginLearner::begin_phase(const Phase& phase, int64_t task, uint32_t index) {
    fixture_.seek(task, index, host::step_begin);
    impl_->learner.begin_phase(border::lend(phase));
}
void PluginLearner::begin_epoch(const Phase& phase, int64_t task, int64_t epoch, uint32_t index) {
    fixture_.seek(task, index, host::step_begin);
    impl_->learner.begin_epoch(border::lend(phase), epoch);
}
void PluginLearner::observe(const Batch& batch, int64_t task, uint32_t step, const Batch* companion,
                            uint32_t phase) {
    fixture_.seek(task, phase, step);
    const auto second = companion ? border::lend(*companion) : mneme_batch{};
    impl_->learner.observe(border::lend(batch), companion ? &second : nullptr);
}
void PluginLearner::end_phase(const Phase& phase, int64_t task, uint32_t index) {
    fixture_.seek(task, index, host::step_end);
    impl_->learner.end_phase(border::lend(phase));
}
Tensor PluginLearner::predict(const Tensor& x, TaskId task) {
    return Tensor(
        host::hand_out(impl_->learner.predict(host::value_of(x.handle()), task.value_or(-1))));
}
void PluginLearner::end_task(int64_t task) {
    impl_->learner.end_task({task, static_cast<int64_t>(fixture_.layout_.tasks.size()),
                             *fixture_.impl_->data_by_task.at(task)});
}

std::vector<double> PluginLearner::theta() const {
    return values_of(impl_->learner.weights().theta);
}

std::map<std::string, std::vector<double>> PluginLearner::state() const {
    std::map<std::string, std::vector<double>> out;
    for (const auto& [name, value] : impl_->learner.save().values)
        if (const auto* t = std::get_if<at::Tensor>(&value)) out[name] = values_of(*t);
    return out;
}

void PluginLearner::put(const std::string& name, const std::vector<double>& values) {
    auto snapshot = impl_->learner.save();
    for (auto& [known, value] : snapshot.values)
        if (known == name) {
            auto& t = std::get<at::Tensor>(value);
            t = at::from_blob(const_cast<double*>(values.data()), t.sizes(), at::kDouble)
                    .to(t.scalar_type())
                    .clone();
            return impl_->learner.load(snapshot);
        }
    throw std::logic_error(name + ": no such tensor is kept");
}

std::string PluginLearner::saved() const { return impl_->learner.save().bytes(); }
void PluginLearner::restore(const std::string& bytes) {
    impl_->learner.load(host::Snapshot::from_bytes(bytes));
}
std::string PluginLearner::digest() const { return impl_->learner.save().digest(); }
double PluginLearner::kept_bytes() const { return impl_->learner.save().kept_bytes("weights."); }

int64_t live_handles() { return host::live_handles(); }

std::vector<double> TaskData::input(int64_t row, int64_t features) const {
    std::vector<double> x;
    for (int64_t k = 0; k < features; ++k)
        x.push_back(static_cast<float>(pixels[static_cast<std::size_t>(row * features + k)]) /
                    255.0f);
    return x;
}

TaskData make_task_data(int64_t rows, int64_t features, const std::vector<int64_t>& classes,
                        uint32_t which) {
    TaskData s;
    std::vector<int64_t> drawn(static_cast<std::size_t>(rows * features));
    bench::integers(rows * features, 256, {which, 78}, {0, 0, 0}, drawn.data());
    for (int64_t v : drawn) s.pixels.push_back(static_cast<uint8_t>(v));
    for (int64_t k = 0; k < rows; ++k)
        s.labels.push_back(classes[static_cast<std::size_t>(k) % classes.size()]);
    return s;
}

std::vector<double> numbers(int64_t n, uint32_t which) {
    std::vector<float> out(static_cast<std::size_t>(n));
    bench::normal(n, {which, 77}, {0, 0, 0}, out.data());
    return {out.begin(), out.end()};
}

Tensor tensor(const std::vector<double>& values, const std::vector<int64_t>& shape, DType type) {
    return border::create(shape, DType::float64, values.data()).to(type);
}

Batch batch(int64_t replicas, const std::vector<double>& x, const std::vector<int64_t>& y,
            const std::vector<int64_t>& task, const std::vector<double>& weight) {
    const auto rows = static_cast<int64_t>(y.size()) / replicas,
               features = static_cast<int64_t>(x.size() / y.size());
    const std::vector<int64_t> shape{replicas, rows};
    return {tensor(x, {replicas, rows, features}, DType::float32), Tensor::of(y, shape),
            task.empty() ? zeros(shape, DType::int64) : Tensor::of(task, shape),
            weight.empty() ? zeros(shape) + 1 : tensor(weight, shape, DType::float32), rows};
}

double largest(const std::vector<double>& values) {
    double most = 0;
    for (double v : values) most = std::isnan(v) ? v : std::max(most, std::abs(v));
    return most;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size())
        throw std::logic_error("distance: " + std::to_string(a.size()) + " numbers and " +
                               std::to_string(b.size()));
    auto difference = a;
    for (std::size_t k = 0; k < a.size(); ++k) difference[k] -= b[k];
    const double size = largest(b);
    return size > 0 ? largest(difference) / size : largest(difference);
}

std::string refusal(const std::function<void()>& body) {
    try {
        body();
        return "";
    } catch (const std::runtime_error& e) { // mneme::Error, or base::ExitError
        return e.what();
    }
}

} // namespace mneme::test
