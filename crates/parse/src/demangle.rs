//! Symbol names in the form in which their authors wrote them.

/// The longest name in bytes that is demangled.
const LONGEST_NAME: usize = 16 * 1024;

/// Returns a symbol's name for people: C++ and Rust names are demangled, without
/// parameters.
pub(crate) fn demangle(raw: &[u8]) -> Option<String> {
    let raw = std::str::from_utf8(raw).ok().filter(|raw| !raw.is_empty())?;
    if raw.len() > LONGEST_NAME {
        return None;
    }
    // An @ and a version may follow the name.
    let plain = raw.split_once('@').map_or(raw, |(name, _)| name);
    if let Ok(rust) = rustc_demangle::try_demangle(plain) {
        return Some(format!("{rust:#}"));
    }
    if let Some(mangled) = plain.strip_prefix("_Z") {
        if let Some(name) = plain_name(mangled) {
            return Some(name);
        }
        let options = cpp_demangle::DemangleOptions::new().no_params().no_return_type();
        let symbol = cpp_demangle::Symbol::new(plain).ok();
        let name = symbol.and_then(|symbol| symbol.demangle_with_options(&options).ok());
        // An empty pack of template arguments leaves its comma.
        let name = name.map(|name| name.replace(", >", ">"));
        let name = name.map(|name| thunk(&name).unwrap_or(name));
        return Some(name.or_else(|| nested_name(mangled)).unwrap_or_else(|| plain.to_owned()));
    }
    Some(plain.to_owned())
}

/// Demangles a name of namespaces, classes and a function that all are plain, as most names are. The
/// general demangler gives the same name, but takes many times longer. `mangled` is without `_Z`.
fn plain_name(mangled: &str) -> Option<String> {
    let nested = mangled.strip_prefix('N').filter(|rest| !rest.contains('.'))?;
    let mut rest = nested.strip_prefix('K').unwrap_or(nested);
    let (mut name, mut last) = (String::new(), "");
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (length, after) = rest.split_at_checked(digits)?;
        let Ok(length) = length.parse() else { break };
        (last, rest) = after.split_at_checked(length)?;
        let is_plain = last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_plain || last.is_empty() || last.starts_with("_GLOBAL_") {
            return None;
        }
        if !name.is_empty() {
            name.push_str("::");
        }
        name.push_str(last);
    }
    let special = [("C1", "::"), ("C2", "::"), ("D0", "::~"), ("D1", "::~"), ("D2", "::~")];
    let found = special.iter().find_map(|(code, sign)| Some((rest.strip_prefix(code)?, *sign)));
    if let Some((after, sign)) = found {
        name.extend([sign, last]);
        rest = after;
    }
    (rest.starts_with('E') && !last.is_empty()).then_some(name)
}

/// Returns the name of a thunk, which is code that adjusts `this` and calls a method, in
/// the form of other demanglers. The input is such as `{virtual override
/// thunk({offset(-32)}, a::B::run)}`.
fn thunk(name: &str) -> Option<String> {
    let mut method = name.strip_prefix("{virtual override thunk(")?.strip_suffix(")}")?;
    let is_virtual = method.starts_with("{virtual");
    while method.starts_with("{offset(") || method.starts_with("{virtual offset(") {
        method = method.split_once(")}, ")?.1;
    }
    let kind = if is_virtual { "virtual" } else { "non-virtual" };
    Some(format!("{kind} thunk to {method}"))
}

/// Demangles the beginning of a name, as far as it consists of plain parts. It is for names
/// that the demangler does not know, such as those with C++20's constraints. `mangled` is
/// without `_Z`.
fn nested_name(mangled: &str) -> Option<String> {
    // Local names contain their function's name; nested ones may be const and similar.
    let mut rest = mangled.trim_start_matches('Z');
    rest = rest
        .strip_prefix('N')
        .map_or(rest, |rest| rest.trim_start_matches(['r', 'V', 'K', 'R', 'O']));
    let mut parts: Vec<&str> = Vec::new();
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest = if digits > 0 {
            let (length, after) = rest.split_at_checked(digits)?;
            let (part, after) = after.split_at_checked(length.parse().ok()?)?;
            parts.push(if part.starts_with("_GLOBAL__N_") {
                "(anonymous namespace)"
            } else {
                part
            });
            after
        } else if let Some(after) = rest.strip_prefix("St") {
            parts.push("std");
            after
        } else if let Some(after) = rest.strip_prefix('L') {
            after
        } else {
            break;
        };
    }
    let cut = if rest.starts_with('I') { "<...>" } else { "" };
    (!parts.is_empty()).then(|| parts.join("::") + cut)
}

/// Returns a C++ name in the style of `nm --demangle`, without parameters, return type, and
/// the additions of compilers and linkers.
pub(crate) fn without_parameters(name: &str) -> &str {
    let name = name.split_once(" [clone ").map_or(name, |(name, _)| name);
    // An @ and a version may follow the name.
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    let name = name.strip_suffix(" const").unwrap_or(name);
    let mut depth = 0u32;
    let opened = name.char_indices().rev().find(|(_, c)| {
        match c {
            ')' => depth += 1,
            '(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let open = opened.filter(|_| name.ends_with(')')).map_or(name.len(), |(at, _)| at);
    let bare = name.get(..open).filter(|bare| !bare.is_empty() && !bare.ends_with("operator"));
    let bare = bare.unwrap_or(name);
    // Only names of templates have a return type in front.
    if !bare.ends_with('>') || bare.contains("operator") {
        return bare;
    }
    let mut depth = 0i32;
    let space = bare.char_indices().rev().find(|(_, c)| {
        match c {
            '>' | ')' | '}' | ']' => depth += 1,
            '<' | '(' | '{' | '[' => depth -= 1,
            _ => {}
        }
        depth == 0 && *c == ' '
    });
    space.and_then(|(at, _)| bare.get(at + 1..)).unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_demangled_without_parameters() {
        let cases = [
            ("_ZN4node6Buffer3NewEPN2v87IsolateEm", "node::Buffer::New"),
            ("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"),
            (
                "_ZN2v88internal7Factory20InternalizeSubStringINS0_16SeqOneByteStringENS0_6Handle\
                 EQsr3stdE16is_convertible_vIT0_IT_EEEEENS4_S7_jjb",
                "v8::internal::Factory::InternalizeSubString<...>",
            ),
            ("_ZNK3std1aEQzz", "std::a"),
            ("_ZN1aIiJEE1bEv", "a<int>::b"),
            ("_ZThn32_N1a1B3runEv", "non-virtual thunk to a::B::run"),
            ("_ZTv0_n24_N1a1B3runEv", "virtual thunk to a::B::run"),
            ("_ZTch0_v0_n24_N1a1B3runEv", "non-virtual thunk to a::B::run"),
            ("_ZN1a1BC2ERKS0_", "a::B::B"),
            ("_ZN1a1BD0Ev", "a::B::~B"),
            ("_ZNK1a1B3getEv", "a::B::get"),
            ("_ZN1a12_GLOBAL__N_11fEv", "a::(anonymous namespace)::f"),
            ("_ZN1a1fEv.cold", "a::f"),
            ("_Z99999999999999999999x", "_Z99999999999999999999x"),
            ("_Z9x", "_Z9x"),
            ("write@@GLIBC_2.2.5", "write"),
            ("_Znot", "_Znot"),
        ];
        for (raw, name) in cases {
            assert_eq!(demangle(raw.as_bytes()).as_deref(), Some(name), "{raw}");
        }
    }

    #[test]
    fn parameters_and_return_types_are_left_out() {
        let cases = [
            ("main", "main"),
            ("node::Buffer::New(v8::Isolate*, unsigned long)", "node::Buffer::New"),
            ("node::(anonymous namespace)::F::g() const", "node::(anonymous namespace)::F::g"),
            ("a::(anonymous namespace)::F(int*) [clone .cold]", "a::(anonymous namespace)::F"),
            (
                "std::basic_string<char, x> node::SPrintF<char const*>(char)",
                "node::SPrintF<char const*>",
            ),
            ("void f<int (*)(char)>(int (*)(char))", "f<int (*)(char)>"),
            ("A::operator()(int) const", "A::operator()"),
            ("write@@GLIBC_2.2.5", "write"),
            ("(anonymous)", "(anonymous)"),
            ("", ""),
            (")", ")"),
        ];
        for (name, plain) in cases {
            assert_eq!(without_parameters(name), plain);
        }
    }
}
