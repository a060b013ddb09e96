#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/data/message.hpp>
#include <lambent/data/value.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::bloblang {

class block;

/// The maps a mapping can apply, by name.
using map_table = std::map<std::string, std::shared_ptr<const block>, std::less<>>;
using variable_table = std::map<std::string, data::value, std::less<>>;

/// A value captured under a name by a lambda, innermost first.
struct capture
{
    const std::string* name;
    const data::value* item;
    const capture* outer;
};

/// A value that `this` was bound to, innermost first. A lambda takes the innermost one off and gives it a name.
struct binding
{
    const data::value* item;
    const binding* outer;
};

/// What `this` means when nothing rebound it.
enum class document {
    undefined,  ///< there is none: "context was undefined, ..."
    if_any,     ///< the reference message's, parsed when first asked for; `undefined` where it is no document (interpolation)
    of_message, ///< the same; what is no document is an error of its own
};

/// A message that is changed while it is read (`mutation`): earlier assignments are visible through `this`, content(), json().
struct live_document
{
    data::message* message = nullptr;
    std::size_t index = 0;
    const data::value* tree = nullptr; ///< what `this` is; null when the contents are no document
    mutable std::optional<std::string> contents{}; ///< of `tree` as it was when content() was first asked for; later assignments do not show
};

/// Everything an expression may look at while it is evaluated. Points into the caller's stack; copied when `this` or the names change.
struct frame
{
    const environment* world = nullptr;
    const map_table* maps = nullptr;
    variable_table* variables = nullptr;     ///< null: `let` and `$x` see none
    const data::batch* reference = nullptr;  ///< the messages that `this`, content() and metadata() read
    std::size_t index = 0;
    std::size_t document_index = 0;          ///< whose document `this` is: `from` moves `index` only
    data::message* target = nullptr;         ///< whose metadata @ reads; null: the reference's
    data::value* root = nullptr;             ///< null: root cannot be referred to
    const binding* self = nullptr;           ///< `this`; null: see `fallback`
    document fallback = document::undefined;
    const capture* names = nullptr;
    unsigned maps_entered = 0;

    const live_document* live = nullptr;     ///< set while the reference message is the one that is being changed

    /// The message at `i`; null beyond the batch. The one that is being changed is seen as it is now.
    const data::message* message(std::size_t i) const noexcept
    {
        if (live != nullptr && i == live->index)
            return live->message;
        return reference != nullptr && i < reference->size() ? &(*reference)[i] : nullptr;
    }
    /// The document of the message at `i` while it is being changed; null: ask `message`.
    const data::value* live_tree(std::size_t i) const noexcept
    {
        return live != nullptr && i == live->index ? live->tree : nullptr;
    }
    /// `link` must live as long as the returned frame.
    frame bound(const binding& link) const noexcept
    {
        frame inner = *this;
        inner.self = &link;
        return inner;
    }
};

} // namespace lambent::bloblang
