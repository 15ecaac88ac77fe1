//! The operators and names in a source text for which V8 calls a builtin.

use std::iter;

/// Beginnings of the names of builtins, each with texts of which a function that calls the builtin has at
/// least one. The texts are in lower case, so that `indexof` is also found in `ArrayPrototypeIndexOf` of
/// Node's own code. The first beginning that fits is used.
const WORDS: [(&str, &[&str]); 31] = [
    ("StringEqual", EQUALITY),
    ("StrictEqual", EQUALITY),
    ("StringOrOddballStrictEqual", EQUALITY),
    ("Equal", EQUALITY),
    ("BigIntEqual", EQUALITY),
    ("StringLessThan", &["<", ">"]),
    ("StringGreaterThan", &["<", ">"]),
    ("StringAdd", &["+", "`", "concat"]),
    ("NumberToString", &["+", "`", "string", "concat", "join"]),
    ("StringSubstring", &["substr", "slice"]),
    ("StringIndexOf", &["indexof", "includes"]),
    ("ArrayIncludes", &["includes"]),
    ("ArrayIndexOf", &["indexof"]),
    ("FindOrderedHashMapEntry", &["get", "has", "set", "delete"]),
    ("FindOrderedHashSetEntry", &["has", "add", "delete"]),
    ("KeyedLoadIC", &["[", "#"]),
    ("KeyedHasIC", &["in"]),
    ("LoadIC", &[".", "{", "[", "of", "yield", "await", "in", "class"]),
    ("CloneObjectIC", &["..."]),
    ("CloneFastJSArray", &["slice", "..."]),
    ("GrowFast", &["push", "unshift", "[", "map", "filter"]),
    ("BigIntAdd", &["+", INCREMENT]),
    ("BigIntSubtract", &["-", DECREMENT]),
    ("BigIntMultiply", &["*"]),
    ("BigIntDivide", &["/"]),
    ("BigIntModulus", &["%"]),
    ("BigIntBitwiseAnd", &["&", "asuintn", "asintn"]),
    ("BigIntBitwiseOr", &["|"]),
    ("BigIntBitwiseXor", &["^"]),
    ("BigIntShiftLeft", &["<<"]),
    ("BigIntShiftRight", &[">>"]),
];

/// These stand for `++` and `--`, which are no sums of texts.
const INCREMENT: &str = "\u{1}";
const DECREMENT: &str = "\u{2}";

/// The operators that compare, and the statement that does.
const EQUALITY: &[&str] = &["==", "!=", "switch"];

/// Returns a text in lower case, in the form in which the words are searched. Each UTF-16 unit is a byte.
pub(super) fn searchable(text: &str) -> String {
    let units = |c: char| iter::repeat_n(if c.is_ascii() { c } else { '?' }, c.len_utf16());
    let mut text = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().flat_map(units).collect::<String>().to_ascii_lowercase(),
    };
    for (operator, sign) in [("++", INCREMENT), ("--", DECREMENT), ("=>", " ")] {
        text = text.replace(operator, &[sign, " "].concat());
    }
    text
}

/// Returns the texts of which a function that calls this builtin has at least one, and their index in the
/// list. Returns `None` for a builtin that V8 calls for many reasons.
pub(super) fn of(builtin: &str) -> Option<(usize, &'static [&'static str])> {
    let class = WORDS.iter().position(|(start, _)| builtin.starts_with(start))?;
    WORDS.get(class).map(|&(_, words)| (class, words))
}

/// Returns true for builtins that are never called by code that V8 inlined: those of baseline code, and
/// those that read the feedback of the function whose frame they are in.
pub(super) fn is_of_frame(builtin: &str) -> bool {
    builtin.ends_with("_Baseline")
        || builtin.contains("ICTrampoline")
        || builtin.ends_with("ICBaseline")
}

/// Returns true for builtins that only functions call. Texts are also compared and joined by other builtins,
/// such as the look-up in a map.
pub(super) fn is_called_by_functions(builtin: &str) -> bool {
    const STARTS: [&str; 8] = [
        "ArrayIncludes",
        "ArrayIndexOf",
        "BigInt",
        "CloneObjectIC",
        "FindOrderedHash",
        "KeyedLoadIC",
        "StringIndexOf",
        "StringSubstring",
    ];
    STARTS.iter().any(|start| builtin.starts_with(start))
}
