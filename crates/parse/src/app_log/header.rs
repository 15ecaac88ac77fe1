//! The line that names an error: `QueryFailedError: Duplicate entry`.

use super::normal::normalised;
use super::record::NO_MESSAGE;
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// The longest name of an error, in characters; the rest is cut.
const LONGEST_NAME: usize = 300;

/// The ends of names of error classes.
const WORDS: [&str; 3] = ["Error", "Exception", "UnhandledPromiseRejection"];

/// This search is prepared once, because every line is searched.
static WARNING: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Warning: "));

/// The error that a text names: the text from the start of the error's class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// The error's class and message: `TypeError: x is no function`.
    pub(super) text: &'a str,
    /// True when other text stands before it: `could not read: Error: x`.
    pub(super) is_within: bool,
}

/// Finds the error that a line names.
pub(super) fn find(text: &str) -> Option<Header<'_>> {
    let bytes = text.as_bytes();
    for end in ends(text) {
        let length =
            bytes.get(..end)?.iter().rev().take_while(|b| is_word(char::from(**b))).count();
        let start = end - length;
        let named = text.get(start..)?;
        // Node prints an error without a stack in brackets: `[Error: x]`, `[Error: x] {`.
        let boxed = text.strip_prefix('[').filter(|_| start == 1).and_then(without_fields);
        if let Some(text) = boxed.filter(|text| text.starts_with(|c: char| c.is_ascii_uppercase()))
        {
            return Some(Header { text, is_within: false });
        }
        // `could not read [Error: x] {`
        if start > 1 && bytes.get(start - 2..start) == Some(b" [") {
            let boxed = without_fields(named);
            if let Some(text) =
                boxed.filter(|text| text.starts_with(|c: char| c.is_ascii_uppercase()))
            {
                return Some(Header { text, is_within: true });
            }
        }
        let stands = start == 0 || bytes.get(start - 1) == Some(&b' ');
        if stands && named.starts_with(|c: char| c.is_ascii_uppercase()) {
            let before = text.get(..start)?.trim();
            return Some(Header { text: named.trim_end(), is_within: !before.is_empty() });
        }
    }
    None
}

/// Removes the bracket that closes an error without a stack, and its properties or the bracket that opens them:
/// `Error: x]`, `Error: x] {`, `Error: x] { code: 'ENOENT' }`.
fn without_fields(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let short = text.strip_suffix('}').and_then(|text| Some(text.split_once("] { ")?.0));
    short.or_else(|| text.trim_end_matches('{').trim_end().strip_suffix(']'))
}

/// Returns true when the first word of a text ends like the name of an error class. [`find`] finds
/// an error at the start of a text only then.
pub(super) fn starts(text: &str) -> bool {
    let text = text.trim_start();
    let word = text.split(|c: char| !is_word(c)).next().unwrap_or_default();
    WORDS.iter().any(|end| word.ends_with(end))
}

/// Returns true for a character of a class name: `errors.QueryError`.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.')
}

/// Returns the end of each word that ends like the name of an error class.
fn ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    // Every line is searched. To look for the two letters once takes less than for the three words.
    let starts = memchr::memchr2_iter(b'E', b'U', text.as_bytes());
    let found = starts.filter_map(|at| {
        let rest = text.get(at..)?;
        WORDS.iter().find(|word| rest.starts_with(**word)).map(|word| at + word.len())
    });
    found.filter(|&end| {
        let rest = text.get(end..).unwrap_or_default();
        rest.trim_end().is_empty()
            || rest.starts_with(": ")
            || rest.trim_end() == ":"
            || code(rest).is_some_and(|code| {
                let behind = rest.get(code.end..).unwrap_or_default();
                behind.is_empty() || behind.starts_with(':')
            })
    })
}

/// Returns the range of the ` [CODE]` at the start of a text.
fn code(text: &str) -> Option<Range<usize>> {
    let within = text.strip_prefix(" [")?;
    let end = within.find(']')?;
    let is_code = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    within.get(..end)?.bytes().all(is_code).then_some(0..end + 3)
}

/// Returns true for texts that are printed with a stack but are not errors.
pub(super) fn is_no_error(text: &str) -> bool {
    text.starts_with("Trace:")
        || text == "Trace"
        // Node prints these itself, for instance below the stack of an error without a
        // listener.
        || text.starts_with("Emitted '")
        || WARNING.find(text.as_bytes()).is_some() && find(text).is_none()
}

/// Returns true for a text that ends with a place: `/srv/app.js:7`. Node prints it above the code of an
/// error of syntax, and above the name of the error.
pub(super) fn ends_with_place(text: &str) -> bool {
    let last = text.trim_end().rsplit([' ', '[']).next().unwrap_or_default();
    last.rsplit_once(':').is_some_and(is_place)
}

fn is_place((path, line): (&str, &str)) -> bool {
    (path.contains('/') || path.contains('\\') || path.starts_with("node:"))
        && !path.contains(' ')
        && (path.starts_with("file://") || !path.contains("://"))
        && !line.is_empty()
        && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns true for a request in place of a message: `"POST /x/" 500 31ms`. Ghost writes the message and the stack
/// below it.
pub(super) fn is_request(text: &str) -> bool {
    let request = text.strip_prefix('"').and_then(|rest| rest.split_once("\" "));
    request.is_some_and(|(request, rest)| request.contains(" /") && rest.trim_end().ends_with("ms"))
}

/// Returns true for the lines that Node prints around the stack of an error that nobody caught: the
/// place (`/srv/app.js:7`), its version, and a hint.
pub(super) fn is_of_crash(text: &str) -> bool {
    let text = text.trim_end();
    text.starts_with("Node.js v")
        || text.starts_with("(Use `node --trace-")
        || text.starts_with("Thrown at:")
        || text.rsplit_once(':').is_some_and(is_place)
}

/// Returns the name of an error's frame: the text without the parts that differ between
/// errors of one kind. It is marked where it would not look like an error, and a blank text has a name that
/// states this.
pub(super) fn label(mark: &str, text: &str) -> String {
    let short: String = text.trim().chars().take(4 * LONGEST_NAME).collect();
    let name = short.trim_end_matches([':', '{', ' ']);
    let name = if name.is_empty() { NO_MESSAGE } else { name };
    let rejected = rejected(name);
    let name = rejected.as_deref().unwrap_or(name);
    let mut name: String = normalised(name).chars().take(LONGEST_NAME).collect();
    name = name.replace(|c: char| c.is_control(), " ");
    if mark.is_empty() && !spikeflame_profile::is_error(&name) {
        name = format!("[error] {name}");
    }
    format!("{mark}{name}")
}

/// Returns the name of a rejection whose reason is no error, with that reason. Node writes a sentence of 200
/// letters before it.
fn rejected(text: &str) -> Option<String> {
    const ABOVE: &str = "The promise rejected with the reason \"";
    let message = text.strip_prefix("UnhandledPromiseRejection: This error originated")?;
    let reason = message.split_once(ABOVE)?.1.trim_end_matches(['.', ']']).trim_end_matches('"');
    Some(format!("UnhandledPromiseRejection: the reason is {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_found_where_they_are_named() {
        let cases = [
            ("Error: x", Some(("Error: x", false))),
            ("QueryFailedError: x", Some(("QueryFailedError: x", false))),
            ("Exception: Queue limit reached.", Some(("Exception: Queue limit reached.", false))),
            ("could not read: Error: x", Some(("Error: x", true))),
            ("RangeError [ERR_X]: y", Some(("RangeError [ERR_X]: y", false))),
            ("AggregateError [ECONNREFUSED]: ", Some(("AggregateError [ECONNREFUSED]:", false))),
            ("Error", Some(("Error", false))),
            ("throw new Error(\"x\")", None),
            ("onError: x", None),
            ("[Error: x]", Some(("Error: x", false))),
            ("[SystemError [ERR_X]: x] {", Some(("SystemError [ERR_X]: x", false))),
            ("[onError: x]", None),
            ("[TypeOrmError] x", None),
            ("[UnhandledPromiseRejection: x] {", Some(("UnhandledPromiseRejection: x", false))),
            ("[\"Error: x\"]", None),
            ("failed [AggregateError: x] {", Some(("AggregateError: x", true))),
            ("failed [Error: x] again", None),
            ("[Error: x] { code: 'ENOENT' }", Some(("Error: x", false))),
            ("Error handling is on", None),
            ("no error at all", None),
        ];
        for (text, found) in cases {
            let found_here = find(text).map(|header| (header.text, header.is_within));
            assert_eq!(found_here, found, "{text}");
        }
        assert_eq!(label("", "no way"), "[error] no way");
        assert_eq!(label("[cause] ", "Error: 7 of 9"), "[cause] Error: <n> of <n>");
        assert_eq!(
            label("", "AggregateError [ECONNREFUSED]:"),
            "[error] AggregateError [ECONNREFUSED]"
        );
    }

    proptest::proptest! {
        #[test]
        fn an_error_at_the_start_of_a_text_starts_it(text in "[ ]?((Type|db\\.)?Error|x)[ :a\\]]{0,4}(Error: y)?\\PC{0,9}") {
            let is_found = find(&text).is_some_and(|header| !header.is_within);
            proptest::prop_assert!(!is_found || starts(&text));
        }
    }
}
