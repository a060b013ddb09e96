#include <lambent/bloblang/expression.hpp>

#include <lambent/data/path.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

std::string dotted(const std::vector<std::string>& path)
{
    std::string out;
    for (const std::string& segment : path) {
        if (!out.empty() || &segment != &path.front())
            out.push_back('.');
        out += data::escape_segment(segment);
    }
    return out;
}

/// `this.a.b`, `root.a`, `item.a`.
class field_expression final : public expression
{
public:
    field_expression(path_start start, std::string name, std::vector<std::string> path)
        : start_(start), name_(std::move(name)), path_(std::move(path))
    {
    }

    std::string annotation() const override { return "field `" + shown() + "`"; }
    path_start start() const noexcept { return start_; }
    const std::string& name() const noexcept { return name_; }
    const std::vector<std::string>& path() const noexcept { return path_; }

protected:
    answer run(const frame& at) const override
    {
        switch (start_) {
        case path_start::self:
            return of_this(at);
        case path_start::root:
            if (at.root == nullptr)
                return failed("unable to reference `root` from this context");
            return below(*at.root);
        case path_start::name:
            for (const capture* c = at.names; c != nullptr; c = c->outer) {
                if (*c->name == name_)
                    return below(*c->item);
            }
            return failed("unable to find the context `" + name_ + "`");
        }
        return value();
    }

private:
    std::string shown() const
    {
        std::string out = start_ == path_start::self ? "this" : start_ == path_start::root ? "root" : name_;
        if (!path_.empty())
            out += "." + dotted(path_);
        return out;
    }
    answer below(const value& from) const
    {
        if (path_.empty())
            return from;
        auto found = data::find_path(from, path_);
        return found ? std::move(*found) : value();
    }
    problem unreadable(const std::string& reason) const
    {
        problem why = failed("unable to reference message as structured (with '" + shown() + "'): " + reason);
        why->document_words = why->text;
        return why;
    }
    answer of_this(const frame& at) const
    {
        if (at.self != nullptr)
            return below(*at.self->item);
        if (const value* tree = at.live_tree(at.document_index))
            return below(*tree);
        const data::message* message = at.fallback != document::undefined ? at.message(at.document_index) : nullptr;
        if (message != nullptr) {
            if (const value* tree = message->peek_structured())
                return below(*tree);
        }
        if (at.fallback != document::of_message) {
            if (path_.empty())
                return failed("context was undefined");
            return failed("context was undefined, unable to reference `" + dotted(path_) + "`");
        }
        if (message == nullptr)
            return unreadable("message is empty");
        const std::string why = message->structured().error().text();
        return unreadable(why == "message is empty" ? why : "parse as json: " + why);
    }

    path_start start_;
    std::string name_;
    std::vector<std::string> path_;
};

class path_expression final : public expression
{
public:
    path_expression(expression_ptr from, std::vector<std::string> path) : from_(std::move(from)), path_(std::move(path)) {}

    std::string annotation() const override { return "path `" + dotted(path_) + "`"; }
    const expression_ptr& from() const noexcept { return from_; }
    const std::vector<std::string>& path() const noexcept { return path_; }

protected:
    answer run(const frame& at) const override
    {
        answer a = from_->eval(at);
        if (!a.ok())
            return a;
        auto found = data::find_path(a.value(), path_);
        return found ? std::move(*found) : value();
    }

private:
    expression_ptr from_;
    std::vector<std::string> path_;
};

class variable_expression final : public expression
{
public:
    explicit variable_expression(std::string name) : name_(std::move(name)) {}

    std::string annotation() const override { return "variable " + name_; }

protected:
    answer run(const frame& at) const override
    {
        if (at.variables == nullptr)
            return failed("variables were undefined");
        const auto found = at.variables->find(name_);
        if (found == at.variables->end())
            return failed("variable '" + name_ + "' undefined");
        return found->second;
    }

private:
    std::string name_;
};

const data::message* meta_source(const frame& at) noexcept { return at.target != nullptr ? at.target : at.message(at.index); }

class meta_field_expression final : public expression
{
public:
    explicit meta_field_expression(std::string name) : name_(std::move(name)) {}

    std::string annotation() const override { return "meta field " + name_; }

protected:
    answer run(const frame& at) const override
    {
        const data::message* from = meta_source(at);
        if (from == nullptr)
            return failed("metadata cannot be queried in this context");
        const value* found = from->meta(name_);
        return found != nullptr ? *found : value();
    }

private:
    std::string name_;
};

class meta_object_expression final : public expression
{
public:
    std::string annotation() const override { return "meta object"; }

protected:
    answer run(const frame& at) const override
    {
        const data::message* from = meta_source(at);
        if (from == nullptr)
            return failed("metadata cannot be queried in this context");
        std::vector<data::member> all;
        for (const auto& [key, item] : from->metadata())
            all.push_back({value(key), item});
        return value::object(std::move(all));
    }
};

class lambda_expression final : public expression
{
public:
    lambda_expression(std::string name, expression_ptr body) : name_(std::move(name)), body_(std::move(body)) {}

    std::string annotation() const override { return body_->annotation(); }
    const std::string& name() const noexcept { return name_; }

protected:
    answer run(const frame& at) const override
    {
        answer whole_document = value();
        frame inner = at;
        const value* item = nullptr;
        if (at.self != nullptr) {
            item = at.self->item;
            inner.self = at.self->outer;
        } else {
            static const expression_ptr whole = make_field(path_start::self, {}, {});
            whole_document = whole->eval(at);
            if (!whole_document.ok() && at.fallback == document::of_message)
                return whole_document;
            if (!whole_document.ok())
                return within("failed to capture context " + name_ + ": ", std::move(whole_document).take_failure());
            item = &whole_document.value();
        }
        if (name_ == "_")
            return body_->eval(inner);
        const capture named{&name_, item, at.names};
        inner.names = &named;
        return body_->eval(inner);
    }

private:
    std::string name_;
    expression_ptr body_;
};

class map_query_expression final : public expression
{
public:
    map_query_expression(expression_ptr from, expression_ptr inner) : from_(std::move(from)), inner_(std::move(inner)) {}

    std::string annotation() const override { return inner_->annotation(); }

protected:
    answer run(const frame& at) const override
    {
        answer a = from_->eval(at);
        if (!a.ok())
            return a;
        const binding link{&a.value(), at.self};
        return inner_->eval(at.bound(link));
    }

private:
    expression_ptr from_;
    expression_ptr inner_;
};

} // namespace

expression_ptr make_field(path_start start, std::string name, std::vector<std::string> path)
{
    return std::make_shared<field_expression>(start, std::move(name), std::move(path));
}

expression_ptr make_path(expression_ptr from, std::vector<std::string> more)
{
    if (const auto* field = dynamic_cast<const field_expression*>(from.get())) {
        std::vector<std::string> path = field->path();
        path.insert(path.end(), more.begin(), more.end());
        return make_field(field->start(), field->name(), std::move(path));
    }
    if (const auto* below = dynamic_cast<const path_expression*>(from.get())) {
        std::vector<std::string> path = below->path();
        path.insert(path.end(), more.begin(), more.end());
        return std::make_shared<path_expression>(below->from(), std::move(path));
    }
    return std::make_shared<path_expression>(std::move(from), std::move(more));
}

expression_ptr make_variable(std::string name) { return std::make_shared<variable_expression>(std::move(name)); }
expression_ptr make_meta_field(std::string name) { return std::make_shared<meta_field_expression>(std::move(name)); }
expression_ptr make_meta_object() { return std::make_shared<meta_object_expression>(); }

expression_ptr make_lambda(std::string name, expression_ptr body)
{
    return std::make_shared<lambda_expression>(std::move(name), std::move(body));
}

const std::string* lambda_name(const expression& e) noexcept
{
    const auto* lambda = dynamic_cast<const lambda_expression*>(&e);
    return lambda != nullptr ? &lambda->name() : nullptr;
}

expression_ptr make_map_query(expression_ptr from, expression_ptr inner)
{
    return std::make_shared<map_query_expression>(std::move(from), std::move(inner));
}

} // namespace lambent::bloblang
