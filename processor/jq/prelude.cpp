#include <lambent/processor/jq/prelude.hpp>

#include <array>
#include <string>

namespace lambent::processor::jq {
namespace {

struct checked
{
    std::string_view name;
    std::string_view types; ///< that it takes
};

/// Functions without arguments whose refusals the original words in one way.
constexpr std::array<checked, 24> plain{{
    {"keys", "array object"}, {"length", "null number string array object"}, {"utf8bytelength", "string"}, {"add", "array object"},
    {"min", "array"}, {"max", "array"}, {"sort", "array"}, {"unique", "array"}, {"reverse", "array"},
    {"ascii_downcase", "string"}, {"ascii_upcase", "string"}, {"explode", "string"}, {"implode", "array"},
    {"flatten", "array object"}, {"floor", "number"}, {"ceil", "number"}, {"round", "number"}, {"sqrt", "number"},
    {"trunc", "number"}, {"fabs", "number"}, {"exp", "number"}, {"log", "number"}, {"log2", "number"}, {"log10", "number"},
}};

/// With one argument: both must be strings.
constexpr std::array<std::string_view, 5> of_two_texts{"startswith", "endswith", "ltrimstr", "rtrimstr", "test"};

/// Operators: libjq's function, the original's word, and when it can be done ($s and $t are the operands' types).
struct checked_operator
{
    std::string_view function;
    std::string_view sign;
    std::string_view word;
    std::string_view possible;
};

constexpr std::array<checked_operator, 5> operators{{
    {"_plus", "+", "add", R"($s == "null" or $t == "null" or ($s == $t and $s != "boolean"))"},
    {"_minus", "-", "subtract", R"($s == $t and ($s == "number" or $s == "array"))"},
    {"_multiply", "*", "multiply",
        R"(($s == $t and ($s == "number" or $s == "object")) or ($s == "string" and $t == "number"))"},
    {"_divide", "/", "divide", R"($s == $t and ($s == "number" or $s == "string"))"},
    {"_mod", "%", "modulo", R"($s == $t and $s == "number")"},
}};

/// What is new since libjq 1.6, and what the original does in another way.
constexpr std::string_view definitions = R"jq(
def to_entries: [keys[] as $k | {key: $k, value: .[$k]}];
def from_entries: map({(.key // .Key // .name // .Name
    | if type == "string" then . else _lambent_fail(["key", "", .]) end):
  (if has("value") then .value else .Value end)}) | add // {};
def with_entries(f): to_entries | map(f) | from_entries;
def _lambent_tonumber: tonumber;
def tonumber: if type == "number" then . elif type == "string" then
    reduce (. as $s | try _lambent_tonumber catch _lambent_fail(["number", "tonumber", $s])) as $x (null; $x)
  else _lambent_fail(["call", "tonumber", .]) end;
def _lambent_fromjson: fromjson;
def fromjson: if type == "string" then
    reduce (. as $s | try _lambent_fromjson catch _lambent_fail(["json", "fromjson", $s])) as $x (null; $x)
  else _lambent_fail(["call", "fromjson", .]) end;
def _lambent_has($k): has($k);
def has($k): if (type == "object" and ($k | type) == "string") or (type == "array" and ($k | type) == "number")
  then _lambent_has($k) else _lambent_fail(["call", "has", ., $k]) end;
def _lambent_contains($x): contains($x);
def contains($x): if type == ($x | type) then _lambent_contains($x) else _lambent_fail(["call", "contains", ., $x]) end;
def _lambent_split($x): split($x);
def split($x): if type != "string" then _lambent_fail(["call", "split", .])
  elif ($x | type) != "string" then $x | _lambent_fail(["call", "split", .]) else _lambent_split($x) end;
def join($x): if type == "array" then
    reduce .[] as $e (null; (if . == null then "" else . + $x end)
      + ($e | if . == null then "" elif type == "string" then . else tojson end)) // ""
  else _lambent_fail(["call", "join", ., $x]) end;
def add(f): reduce f as $x (null; . + $x);
def pick(f): . as $v | reduce path(f) as $p (null; setpath($p; $v | getpath($p)));
def abs: if type == "number" then if . < 0 then -. else . end else _lambent_fail(["call", "abs", .]) end;
def toarray: if type == "array" then . else [.] end;
def ltrim: if type == "string" then sub("^\\s+"; "") else _lambent_fail(["call", "ltrim", .]) end;
def rtrim: if type == "string" then sub("\\s+$"; "") else _lambent_fail(["call", "rtrim", .]) end;
def trim: if type == "string" then sub("^\\s+"; "") | sub("\\s+$"; "") else _lambent_fail(["call", "trim", .]) end;
def trimstr($x): ltrimstr($x) | rtrimstr($x);
def skip($n; g): if $n > 0 then foreach g as $item ($n; . - 1; if . < 0 then $item else empty end) else g end;
def walk(f): def w: if type == "array" then map(w) elif type == "object" then map_values(w) else . end | f; w;
def env: {};
def _lambent_text($re; $flags): if type == "string" and ($re | type) == "string" then .
  else _lambent_fail(["call", "match", ., $re, $flags]) end;
def _lambent_capture($re): capture($re);
def capture($re): _lambent_text($re; null) | _lambent_capture($re);
def _lambent_scan($re): scan($re);
def scan($re): _lambent_text($re; "g") | _lambent_scan($re);
def _lambent_splits($re): splits($re);
def splits($re): _lambent_text($re; "g") | _lambent_splits($re);
def _lambent_sub($re; f): sub($re; f);
def sub($re; f): _lambent_text($re; null) | _lambent_sub($re; f);
def _lambent_gsub($re; f): gsub($re; f);
def gsub($re; f): _lambent_text($re; "g") | _lambent_gsub($re; f);
def _lambent_range($n): range($n);
def range($n): if ($n | type) == "number" then _lambent_range($n) else $n | _lambent_fail(["call", "range", .]) end;
)jq";

void append_checked(std::string& all, const checked& one)
{
    const std::string name(one.name);
    all += "def _lambent_" + name + ": " + name + ";\ndef " + name + ": if type as $t | \"" + std::string(one.types)
        + "\" / \" \" | any(. == $t) then _lambent_" + name + " else _lambent_fail([\"call\", \"" + name + "\", .]) end;\n";
}

std::string written()
{
    std::string all = "def _lambent_fail($why): {\"\\u0001jq\": $why} | error;\n";
    for (const checked_operator& one : operators) {
        const std::string f(one.function);
        all.append("def _lambent").append(f).append("(a; b): a ").append(one.sign).append(" b;\n");
    }
    for (const checked& one : plain)
        append_checked(all, one);
    for (const std::string_view name : of_two_texts) {
        const std::string n(name);
        const std::string shown = n == "test" ? "$x, null" : "$x";
        all += "def _lambent_" + n + "($x): " + n + "($x);\ndef " + n
            + "($x): if type == \"string\" and ($x | type) == \"string\" then _lambent_" + n
            + "($x) else _lambent_fail([\"call\", \"" + n + "\", ., " + shown + "]) end;\n";
    }
    all += definitions;
    // The operators last: the definitions above use libjq's own.
    for (const checked_operator& one : operators) {
        const std::string f(one.function);
        const std::string fail = "_lambent_fail([\"two\", \"" + std::string(one.word) + "\", $a, $b])";
        std::string native = "_lambent" + f + "($a; $b)";
        if (one.word == "divide" || one.word == "modulo") {
            const std::string zero = one.word == "divide" ? "$b == 0" : "($b | _lambent_trunc) == 0";
            native = "if $t == \"number\" and (" + zero + ") then _lambent_fail([\"zero\", \"" + std::string(one.word)
                + "\", $a, $b]) else " + native + " end";
        }
        all += "def " + f + "(a; b): b as $b | a as $a | ($a | type) as $s | ($b | type) as $t | if "
            + std::string(one.possible) + " then " + native + " else " + fail + " end;\n";
    }
    all += "def _lambent_negate: -.;\ndef _negate: if type == \"number\" then _lambent_negate "
           "else _lambent_fail([\"one\", \"negate\", .]) end;\n";
    return all;
}

} // namespace

std::string_view prelude()
{
    static const std::string text = written();
    return text;
}

} // namespace lambent::processor::jq
