#pragma once

#include <cstddef>

namespace lambent::http {

template <class T>
class chain;

/// Link of an object that is in at most one chain at a time. Leaves its chain when it dies.
template <class T>
class chained
{
public:
    chained() noexcept = default;
    chained(const chained&) = delete;
    chained& operator=(const chained&) = delete;

protected:
    ~chained()
    {
        if (chain_ != nullptr)
            chain_->unlink(*this);
    }

private:
    friend class chain<T>;
    chained* next_ = nullptr;
    chained* previous_ = nullptr;
    chain<T>* chain_ = nullptr;
};

/// Doubly linked list through the objects themselves: no allocation, removal from the middle.
template <class T>
class chain
{
    using link = chained<T>; // never cast to T in the link's own destructor: T is gone by then

public:
    chain() noexcept = default;
    chain(const chain&) = delete;
    chain& operator=(const chain&) = delete;
    ~chain()
    {
        while (first_ != nullptr)
            unlink(*first_);
    }

    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }
    T* first() const noexcept { return static_cast<T*>(first_); }
    T* last() const noexcept { return static_cast<T*>(last_); }
    static T* after(const T& item) noexcept { return static_cast<T*>(static_cast<const link&>(item).next_); }
    bool holds(const T& item) const noexcept { return static_cast<const link&>(item).chain_ == this; }

    /// Takes it out of whatever chain it is in first.
    void push_back(T& item) noexcept
    {
        leave(item);
        link& l = item;
        l.previous_ = last_;
        (last_ != nullptr ? last_->next_ : first_) = &l;
        last_ = &l;
        l.chain_ = this;
        ++size_;
    }
    void remove(T& item) noexcept { unlink(item); }
    T* pop_front() noexcept
    {
        T* const item = first();
        if (item != nullptr)
            unlink(*item);
        return item;
    }
    static void leave(T& item) noexcept
    {
        link& l = item;
        if (l.chain_ != nullptr)
            l.chain_->unlink(l);
    }

private:
    friend class chained<T>;

    void unlink(link& l) noexcept
    {
        (l.previous_ != nullptr ? l.previous_->next_ : first_) = l.next_;
        (l.next_ != nullptr ? l.next_->previous_ : last_) = l.previous_;
        l.next_ = nullptr;
        l.previous_ = nullptr;
        l.chain_ = nullptr;
        --size_;
    }

    link* first_ = nullptr;
    link* last_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace lambent::http
