#include <lambent/processor/aws_session.hpp>

#include <lambent/aws/session.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

using namespace std::chrono_literals;

config::spec tcp_spec()
{
    using config::field_type;
    config::spec keep_alive("keep_alive");
    keep_alive.field("idle", field_type::duration, "Silence before the first probe; negative: no probes.").fallback("15s");
    keep_alive.field("interval", field_type::duration, "Between probes.").fallback("15s");
    keep_alive.field("count", field_type::integer, "Unanswered probes until the connection is given up.").fallback("9");
    config::spec tcp("tcp");
    tcp.field("connect_timeout", field_type::duration, "Bounds connecting; 0s: only `timeout` does.").fallback("0s");
    tcp.object("keep_alive", std::move(keep_alive), "TCP keep-alive probes.");
    tcp.field("tcp_user_timeout", field_type::duration, "How long sent bytes may stay unacknowledged; 0s: as the system says.")
        .fallback("0s");
    return tcp;
}

config::spec credentials_spec()
{
    using config::field_type;
    config::spec keys("credentials");
    keys.field("profile", field_type::string, "A profile of the shared files; the three keys are then ignored.").fallback(R"("")");
    keys.field("id", field_type::string, "Access key id.").fallback(R"("")");
    keys.field("secret", field_type::string, "Secret access key.").fallback(R"("")").secret();
    keys.field("token", field_type::string, "Session token.").fallback(R"("")");
    keys.field("from_ec2_role", field_type::boolean, "Take the keys of the EC2 instance's role.").fallback("false");
    keys.field("role", field_type::string, "A role to assume.").fallback(R"("")");
    keys.field("role_external_id", field_type::string, "What the role's owner asks for.").fallback(R"("")");
    keys.field("expiry_window", field_type::duration, "Renew keys that expire this long before; empty: no earlier than needed.")
        .fallback(R"("")");
    return keys;
}

/// As Go prints a duration: "1m30s", "1.5s", "100ms".
std::string go_duration(core::duration d)
{
    if (d == core::duration::zero())
        return "0s";
    std::string text = d < core::duration::zero() ? "-" : "";
    const auto fraction = [](std::int64_t part, std::int64_t whole) {
        std::string digits = std::to_string(whole + part).substr(1);
        digits.erase(digits.find_last_not_of('0') + 1);
        return digits.empty() ? digits : "." + digits;
    };
    std::int64_t ns = d.count() < 0 ? -d.count() : d.count();
    for (const auto& [unit, name] : {std::pair{1'000LL, "ns"}, std::pair{1'000'000LL, "µs"}, std::pair{1'000'000'000LL, "ms"}}) {
        if (ns < unit) {
            const std::int64_t one = unit / 1000;
            return text + std::to_string(ns / one) + (one > 1 ? fraction(ns % one, one) : "") + name;
        }
    }
    const std::int64_t seconds = ns / 1'000'000'000;
    if (seconds >= 3600)
        text += std::to_string(seconds / 3600) + "h";
    if (seconds >= 60)
        text += std::to_string(seconds / 60 % 60) + "m";
    return text + std::to_string(seconds % 60) + fraction(ns % 1'000'000'000, 1'000'000'000) + "s";
}

core::result<void> read_tcp(const config::reader& read, http::tcp_options& into)
{
    if (!read.has("tcp"))
        return {};
    auto connect = read.duration("tcp.connect_timeout");
    if (!connect)
        return connect.error();
    auto idle = read.duration("tcp.keep_alive.idle");
    if (!idle)
        return idle.error();
    auto interval = read.duration("tcp.keep_alive.interval");
    if (!interval)
        return interval.error();
    auto count = read.integer("tcp.keep_alive.count");
    if (!count)
        return count.error();
    auto user = read.duration("tcp.tcp_user_timeout");
    if (!user)
        return user.error();
    // Zero stands for the default, as in the original.
    const auto or_default = [](core::duration d, core::duration standard) { return d == core::duration::zero() ? standard : d; };
    into.connect_timeout = or_default(*connect, core::forever);
    into.keep_alive_idle = or_default(*idle, 15s);
    into.keep_alive_interval = or_default(*interval, 15s);
    into.keep_alive_count = *count > 0 && *count < 256 ? static_cast<int>(*count) : 9;
    into.user_timeout = *user;
    if (*user > core::duration::zero() && into.keep_alive_idle <= *user)
        return unusable("keep_alive.idle (" + go_duration(into.keep_alive_idle) + ") must be greater than tcp_user_timeout ("
            + go_duration(*user) + ")");
    return {};
}

core::result<aws::session_settings> read_settings(const context& who, const config::reader& read)
{
    aws::session_settings s;
    std::string secret;
    std::string token;
    for (const auto& [name, into] : {std::pair{"region", &s.region}, std::pair{"endpoint", &s.endpoint},
             std::pair{"credentials.profile", &s.profile}, std::pair{"credentials.id", &s.id},
             std::pair{"credentials.secret", &secret}, std::pair{"credentials.token", &token}}) {
        auto text = read.string(name);
        if (!text)
            return text.error();
        *into = std::move(*text);
    }
    const lambda_defaults& defaults = who.host().lambda_defaults();
    if (s.endpoint.empty() && !defaults.endpoint.empty()) {
        s.endpoint = defaults.endpoint;
        s.ca_file = defaults.ca_file;
    }
    if (s.region.empty())
        s.region = defaults.region;
    if (s.profile.empty() && s.id.empty()) {
        s.id = defaults.id;
        if (!s.id.empty())
            secret = defaults.secret;
    }
    s.secret = aws::secret_string(std::move(secret));
    s.token = aws::secret_string(std::move(token));
    return s;
}

/// Known fields whose machinery is not there yet: said at the start rather than ignored.
core::result<void> refuse_later_fields(const context& who, const config::reader& read)
{
    auto role = read.string("credentials.role");
    if (!role)
        return role.error();
    if (!role->empty())
        return unusable("the field 'credentials.role' is not supported yet: give the keys of the role by "
                        "'credentials.id', 'credentials.secret' and 'credentials.token', or by the environment");
    auto from_ec2 = read.boolean("credentials.from_ec2_role");
    if (!from_ec2)
        return from_ec2.error();
    if (*from_ec2)
        return unusable("the field 'credentials.from_ec2_role' is not supported yet: give keys by "
                        "'credentials.id' and 'credentials.secret', or by the environment");
    auto external_id = read.string("credentials.role_external_id");
    if (!external_id)
        return external_id.error();
    if (!external_id->empty())
        who.log(core::log_level::warn, "The field 'credentials.role_external_id' has no effect without 'credentials.role'.");
    // Keys that never expire have nothing to renew; the value must be right all the same.
    if (auto window = read.optional_duration("credentials.expiry_window"); !window)
        return window.error();
    return {};
}

} // namespace

const config::spec& aws_session_spec()
{
    using config::field_type;
    static const config::spec spec =
        config::spec("aws")
            .field("region", field_type::string, "The AWS region; empty: from the environment or the profile.")
            .fallback(R"("")")
            .field("endpoint", field_type::string, "Another address than the region's own.")
            .fallback(R"("")")
            .advanced()
            .object("tcp", tcp_spec(), "Settings of connections.")
            .optional()
            .advanced()
            .object("credentials", credentials_spec(), "The keys; without any: from the environment or the default profile.")
            .optional()
            .advanced();
    return spec;
}

core::result<std::shared_ptr<aws::credentials_source>> read_aws_session(
    const context& who, const config::reader& read, aws::lambda_options& options)
{
    if (auto tcp = read_tcp(read, options.http.tcp); !tcp)
        return tcp.error();
    auto settings = read_settings(who, read);
    if (!settings)
        return settings.error();
    auto source = aws::resolve(options, who.host().environment(), *settings);
    if (!source)
        return source.error();
    if (auto fine = refuse_later_fields(who, read); !fine)
        return fine.error();
    return source;
}

} // namespace lambent::processor
