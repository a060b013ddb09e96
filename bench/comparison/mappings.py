"""Ten mappings of real use, each with its document: what bench/bloblang measures."""
import dataclasses
import json


@dataclasses.dataclass
class Mapping:
    name: str
    title: str
    goal: float              # how many times faster than the original
    mapping: str
    input: str
    meta: dict = dataclasses.field(default_factory=dict)
    quick: bool = True


def _text(document):
    return json.dumps(document, separators=(",", ":"))


def _small():
    return '{"id":"ord-4711","customer":{"name":"Ada Lovelace","tier":"gold"},"total":129.90,"items":312,"paid":true}'


def _items():
    """About 7 KiB: 120 objects between other members."""
    kinds = ("book", "pen", "lamp", "chair")
    return _text({
        "id": "basket-77", "customer": {"name": "Ada Lovelace", "mail": "ada@example.com"},
        "items": [{"id": 1000 + i, "kind": kinds[i % 4], "price": (i * 37) % 101 + 0.5, "qty": i % 5 + 1} for i in range(120)],
        "remarks": "Leave it with the neighbour at number nine, please. " * 27, "total": 8123.5})


def all_mappings():
    small, large = _small(), _items()
    person = _text({"name": "  Ada King Lovelace ", "email": "ada.lovelace@example.com", "city": "london", "code": "gb"})
    order = _text({"id": "ord-4711", "type": "order", "total": 129.9, "password": "secret", "card": {"number": "4111111111111111", "owner": "Ada"},
                   "lines": [{"sku": "a-1", "qty": 2}, {"sku": "b-2", "qty": 1}]})
    return [
        Mapping("request_small", "request map, two paths of 105 B", 10,
                "root.name = this.customer.name\nroot.total = this.total", small),
        Mapping("request_large", "request map, two paths of 7 KiB", 25,
                "root.name = this.customer.name\nroot.total = this.total", large),
        Mapping("copy_three", "full copy, three changes", 5,
                'root = this\nroot.status = "done"\nroot.customer.tier = deleted()\nroot.total = this.total * 2', small),
        Mapping("filter_map", "filter and map_each over 120 objects", 5,
                'root.dear = this.items.filter(i -> i.price > 50).map_each(i -> {"id": i.id, "cost": i.price * i.qty})', large),
        Mapping("fold", "fold over 120 objects", 5,
                "root.sum = this.items.fold(0, item -> item.tally + item.value.price * item.value.qty)", large),
        Mapping("regexp", "regular expression, replace all", 5,
                'root.line = this.line.re_replace_all("[0-9]{3,}", "#")',
                _text({"line": "user 123456 logged in from 10.0.0.17 port 50022 session 998877"})),
        Mapping("time", "parse and format a time", 5,
                'root.day = this.at.ts_parse("2006-01-02T15:04:05Z07:00").ts_format("Mon, 02 Jan 2006 15:04 MST")',
                _text({"at": "2026-03-04T05:06:07Z", "id": 17})),
        Mapping("hash", "SHA-256 and hex", 5,
                'root.digest = this.body.hash("sha256").encode("hex")',
                _text({"id": 17, "body": "The Analytical Engine weaves algebraical patterns."})),
        Mapping("result_map", "result map: without, match, if, metadata", 5,
                'root = this.without("password", "card.number")\nmeta kind = match this.type {\n  "order" => "o"\n  _ => "other"\n}\n'
                'root.kind = @kind\nroot.source = @source\nroot.big = if this.total > 100 { true } else { deleted() }',
                order, {"source": "queue-1"}),
        Mapping("text", "text: trim, case, split, join, format", 5,
                'root.slug = this.name.trim().lowercase().split(" ").join("-")\nroot.user = this.email.split("@").index(0)\n'
                'root.place = "%s (%s)".format(this.city.capitalize(), this.code.uppercase())\nroot.key = this.code + "/" + this.city',
                person),
    ]
