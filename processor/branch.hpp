#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/processor/stage.hpp>

#include <optional>
#include <string>
#include <vector>

namespace lambent::processor {

/// A branch: a request message per message, child processors over the requests, results mapped back onto the originals.
///
/// The two halves are apart because `workflow` runs the first half of several branches at once and the second one in order.
class branch final : public stage
{
public:
    /// @param below  where in `who`'s part of the config the branch is: "branch" has none, "workflow" "branches.<name>".
    static core::result<std::unique_ptr<branch>> make(
        const context& who, const config::reader& read, const std::string& below = {});

    awaitable<core::result<batches>> process(data::batch batch) override;
    awaitable<void> close() override;

    /// What a message of the batch has to show for its request.
    struct failed_message
    {
        std::size_t index;
        std::string text;
    };
    struct answers
    {
        /// One per message of the batch; nothing where it was skipped or failed.
        std::vector<std::optional<data::message>> results;
        std::vector<failed_message> failed;
        /// Set: the branch failed as a whole, every message with it; those in `failed` have a text of their own.
        std::optional<std::string> all_failed;
    };

    /// Requests and children. `batch` is only read and must outlive the await.
    /// @param skip  by index; messages that take no part. Empty: none.
    /// The error is fatal: cancellation, shutdown.
    awaitable<core::result<answers>> ask(const data::batch& batch, const std::vector<bool>& skip);

    /// The result map, onto the messages of `batch`. What failed is appended to nothing else than the returned list.
    std::vector<failed_message> overlay(data::batch& batch, const answers& from) const;

    static config::spec spec();

private:
    branch(const context& who, std::optional<bloblang::mapping> request, std::vector<stage_ptr> stages,
        std::optional<bloblang::mapping> result);

    data::batch requests(const data::batch& batch, const std::vector<bool>& skip, answers& into,
        std::vector<std::size_t>& sent) const;
    void align(data::batch replies, const std::vector<std::size_t>& sent, std::size_t count, answers& into) const;

    context who_;
    std::optional<bloblang::mapping> request_;
    std::vector<stage_ptr> stages_;
    std::optional<bloblang::mapping> result_;
};

} // namespace lambent::processor
