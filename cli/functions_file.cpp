#include <lambent/cli/functions_file.hpp>

#include <lambent/cli/mapped_function.hpp>
#include <lambent/cli/strict_map.hpp>

#include <algorithm>
#include <utility>

namespace lambent::cli {
namespace {

using emulator::latency_shape;

emulator::access_key example_key()
{
    emulator::access_key key;
    key.id = example_key_id;
    key.secret = example_key_secret;
    return key;
}

/// Where line and column of a mapping are in the file that holds it.
config::place place_in_file(std::string_view file_text, const config::node& mapping, const bloblang::parse_error& flaw)
{
    config::place at = mapping.where();
    std::size_t start = 0;
    std::size_t line = 1;
    const auto next_line = [&] {
        const std::size_t end = file_text.find('\n', start);
        start = end == std::string_view::npos ? file_text.size() : end + 1;
        ++line;
    };
    while (line < at.line && start < file_text.size())
        next_line();
    if (!mapping.is_block_scalar()) {
        // One past an opening quote. Escapes and folds before the flaw are not counted: the line is right, the column near.
        const std::string_view from = file_text.substr(std::min(start + at.column - 1, file_text.size()));
        const bool quoted = from.starts_with('"') || from.starts_with('\'');
        at.column = flaw.line == 1 ? at.column + (quoted ? 1 : 0) + flaw.column - 1 : flaw.column;
        at.line += flaw.line - 1;
        return at;
    }
    // A block scalar starts one line lower and is indented as far as its first line that is not empty.
    next_line();
    std::size_t indent = 0;
    while (start < file_text.size()) {
        const std::string_view rest = file_text.substr(start, file_text.find('\n', start) - start);
        indent = rest.find_first_not_of(" \r");
        if (indent != std::string_view::npos)
            break;
        indent = 0;
        next_line();
    }
    at.line += flaw.line;
    at.column = indent + flaw.column;
    return at;
}

/// A parser's message ends in what it found there, which may be the end of a line, or nothing.
std::string one_line(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (text.ends_with(' ') || text.ends_with(':'))
        text.pop_back();
    return text;
}

class reading
{
public:
    reading(std::string_view text, const bloblang::environment& world) : text_(text), world_(world) {}

    core::result<emulator::account_options> account(const config::node& document)
    {
        strict_map fields(document, "");
        emulator::account_options account;
        std::uint64_t concurrency = account.concurrency;
        keys(fields, account.keys);
        fields.text("region", account.region);
        account_id(fields, account.id);
        fields.whole("concurrency", concurrency);
        account.concurrency = static_cast<std::size_t>(concurrency);
        fields.whole("seed", account.seed);
        const config::node functions = fields.value("functions");
        if (functions.exists() && !functions.is_map() && !functions.is_null())
            fields.fail(functions.where(), "field 'functions' must be a map of names to functions");
        for (const auto& [name, node] : functions.items())
            function(fields, name, node, account);
        fields.done();
        if (fields.flaw())
            return *fields.flaw();
        if (account.keys.empty())
            account.keys.push_back(example_key());
        if (!functions.exists())
            account.functions = echo_account().functions;
        return account;
    }

private:
    static void account_id(strict_map& fields, std::string& id)
    {
        fields.text("account", id);
        if (id.size() != 12 || !std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; }))
            fields.fail(fields.value("account").where(), "field 'account' must be twelve digits, got `" + id + "`");
    }

    static void keys(strict_map& fields, std::vector<emulator::access_key>& keys)
    {
        const config::node list = fields.value("keys");
        if (list.exists() && !list.is_sequence() && !list.is_null())
            fields.fail(list.where(), "field 'keys' must be a list of {id, secret, token}");
        for (std::size_t i = 0; i < list.size(); ++i) {
            strict_map one(list.at(i), "key " + std::to_string(i + 1));
            emulator::access_key key;
            one.text("id", key.id);
            one.text("secret", key.secret);
            one.text("token", key.token);
            one.boolean("expired", key.expired);
            one.done();
            if (key.id.empty() || key.secret.empty())
                one.fail(list.at(i).where(), "fields 'id' and 'secret' are required");
            if (one.flaw())
                return fields.fail(*one.flaw());
            keys.push_back(std::move(key));
        }
    }

    void function(strict_map& fields, const std::string& name, const config::node& node, emulator::account_options& account)
    {
        if (fields.flaw())
            return;
        strict_map one(node, "function '" + name + "'");
        const auto named = emulator::read_function_name(name);
        if (!named || named->name != name)
            one.fail(node.key_place(), "a name is made of letters, digits, '-', '_' and '.'");
        emulator::function_options options;
        body(one, options);
        latency(one, options.latency);
        one.size("concurrency", options.reserved_concurrency);
        one.duration("timeout", options.timeout);
        if (options.timeout == core::duration::zero())
            one.fail(one.value("timeout").where(), "field 'timeout' must be longer than nothing");
        faults(one, options.faults);
        versions(one, options.versions);
        one.done();
        if (one.flaw())
            return fields.fail(*one.flaw());
        account.functions.emplace(name, std::move(options));
    }

    void body(strict_map& one, emulator::function_options& options)
    {
        const config::node mapping = one.value("mapping");
        const config::node reply = one.value("reply");
        if (mapping.exists() && reply.exists())
            return one.fail(reply.key_place(), "fields 'mapping' and 'reply' exclude each other");
        if (reply.exists()) {
            std::string text;
            one.text("reply", text);
            options.body = make_fixed(std::move(text));
            return;
        }
        if (!mapping.exists()) {
            options.body = emulator::make_echo();
            return;
        }
        std::string text;
        one.text("mapping", text);
        auto parsed = bloblang::mapping::parse(text, world_);
        if (const auto* flaw = std::get_if<bloblang::parse_error>(&parsed))
            return one.fail(place_in_file(text_, mapping, *flaw), "field 'mapping': " + one_line(flaw->message));
        options.body = make_mapped(std::get<bloblang::mapping>(std::move(parsed)));
    }

    static void latency(strict_map& one, latency_shape& shape)
    {
        const config::node node = one.value("latency");
        if (!node.exists())
            return;
        strict_map fields(node, one.about() + ": latency");
        std::string kind = "fixed";
        fields.text("kind", kind);
        if (kind == "fixed" || kind == "normal") {
            fields.duration("mean", shape.mean);
            if (!node.get("mean").exists())
                fields.fail(node.where(), "field 'mean' is required for kind " + kind);
        }
        if (kind == "normal") {
            shape.kind = latency_shape::distribution::normal;
            fields.duration("stddev", shape.stddev);
        } else if (kind == "lognormal") {
            shape.kind = latency_shape::distribution::lognormal;
            fields.duration("median", shape.median);
            fields.duration("p99", shape.p99);
            if (!fields.flaw() && (shape.median == core::duration::zero() || shape.p99 < shape.median))
                fields.fail(node.where(), "kind lognormal needs 'median' and 'p99', the latter not below the former");
        } else if (kind != "fixed") {
            fields.fail(node.get("kind").where(), "field 'kind' must be fixed, normal or lognormal, got `" + kind + "`");
        }
        fields.done();
        if (fields.flaw())
            one.fail(*fields.flaw());
    }

    static void faults(strict_map& one, emulator::fault_rates& rates)
    {
        const config::node node = one.value("faults");
        if (!node.exists())
            return;
        strict_map fields(node, one.about() + ": faults");
        for (const auto& field : emulator::fault_fields) {
            double& rate = rates.*field.rate;
            fields.real(emulator::fault_name(field.what), rate);
            if (!(rate >= 0 && rate <= 1))
                fields.fail(node.get(emulator::fault_name(field.what)).where(), emulator::rates_flaw(rates));
        }
        fields.done();
        if (const auto flaw = emulator::rates_flaw(rates); !flaw.empty())
            fields.fail(node.where(), flaw);
        if (fields.flaw())
            one.fail(*fields.flaw());
    }

    static void versions(strict_map& one, emulator::function_versions& known)
    {
        std::vector<std::string> numbers;
        one.texts("versions", numbers);
        known.versions.insert(numbers.begin(), numbers.end());
        const config::node aliases = one.value("aliases");
        if (aliases.exists() && !aliases.is_map())
            return one.fail(aliases.where(), "field 'aliases' must be a map of names to versions");
        for (const auto& [name, version] : aliases.items()) {
            if (!version.is_scalar() || (version.text() != "$LATEST" && !known.versions.contains(version.text())))
                return one.fail(version.where(), "alias '" + name + "' must name one of the function's 'versions', or $LATEST");
            known.aliases.emplace(name, version.text());
        }
    }

    std::string_view text_;
    const bloblang::environment& world_;
};

} // namespace

emulator::account_options echo_account()
{
    emulator::account_options account;
    account.keys.push_back(example_key());
    account.functions["echo"].body = emulator::make_echo();
    return account;
}

core::result<emulator::account_options> read_functions(std::string_view text, const std::string& file, const bloblang::environment& world)
{
    const auto document = config::node::parse(text, file);
    if (!document)
        return document.error();
    if (!document->is_map() && !document->is_null())
        return flaw_at(document->where(), "a functions file is a map: keys, region, account, concurrency, seed, functions");
    return reading(text, world).account(*document);
}

} // namespace lambent::cli
