//! Escapes names from hostile input for each kind of output.
//!
//! ```
//! use spikeflame_render::clean;
//!
//! assert_eq!(clean::html("<b>"), "&lt;b&gt;");
//! assert_eq!(clean::terminal("red\u{1b}[31m"), "red\u{fffd}[31m");
//! ```

mod forge;

/// Characters after which a name is cut in every view. Folded stacks and JSON keep whole names.
const LONGEST_NAME: usize = 400;

/// Characters after which a sentence is cut. A sentence holds names, each of which may be long.
const LONGEST_SENTENCE: usize = 1_200;

/// The mark of a text that was cut.
const ELLIPSIS: char = '…';

/// Returns text that is harmless in XML once it is escaped, and harmless on a screen. Characters
/// that XML forbids, control characters, and marks that hide text or change its direction become
/// U+FFFD. Line breaks and tabs become spaces. A text is cut after 400 characters, and `…` is added.
/// This function does not escape.
pub fn xml(text: &str) -> String {
    within(text, LONGEST_NAME)
}

/// Returns a sentence in which characters are replaced as [`xml`] does it for a name. It is cut after 1,200
/// characters. This function does not escape.
pub fn sentence(text: &str) -> String {
    within(text, LONGEST_SENTENCE)
}

/// Returns the character that is shown in place of `c`.
fn visible(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() || is_invisible(c) => char::REPLACEMENT_CHARACTER,
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

fn within(text: &str, longest: usize) -> String {
    // Most names are short, and all of their bytes are shown as they are.
    if text.len() <= longest && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut clean: String = text.chars().take(longest).map(visible).collect();
    if text.chars().nth(longest).is_some() {
        clean.push(ELLIPSIS);
    }
    clean
}

/// Returns a text without the characters after the first `most` ones, which `…` replaces. This
/// function makes nothing harmless.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{ELLIPSIS}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Returns the cell of a Markdown table: one line, in which nothing has a meaning for Markdown or
/// HTML, or is a reference of a code forge such as `@mention` and `#1`. The text is first made
/// harmless and cut, as [`xml`] does it, and loses the spaces at its start.
pub fn markdown(text: &str) -> String {
    for_markdown(&xml(text))
}

/// Returns a sentence for Markdown, escaped as [`markdown`] does it. It may be longer than a name
/// before it is cut.
pub(crate) fn markdown_sentence(text: &str) -> String {
    for_markdown(&sentence(text))
}

fn for_markdown(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let plain = text.trim_start_matches(' ');
    let (number, mark) = list_mark(plain);
    clean.push_str(number);
    if !mark.is_empty() {
        clean.push('\\');
        clean.push_str(mark);
    }
    let mut breaks = forge::breaks(plain).peekable();
    let skipped = number.len() + mark.len();
    for (at, c) in plain.char_indices().skip_while(|(at, _)| *at < skipped) {
        let end = at + c.len_utf8();
        match c {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '#' => clean.push_str("&#35;"),
            '|' | '`' | '*' | '_' | '\\' | '[' | ']' | '~' | '!' | '$' => {
                clean.push('\\');
                clean.push(c);
            }
            // GitLab takes `%name` for a milestone.
            '%' if plain.get(end..).is_some_and(forge::is_name) => clean.push_str("\\%"),
            c => clean.push(c),
        }
        // A code forge reads an entity as the character that it stands for, and most of them ignore a
        // backslash. A space without width leaves nothing to refer to.
        if breaks.next_if(|at| *at <= end).is_some() {
            clean.push('\u{200b}');
        }
    }
    // Without its dot, this is no address of which Markdown makes a link.
    clean.replace("www.", "www&#46;")
}

/// Returns the digits and the mark that would begin a list, or underline a title, at the start of a
/// text: `-` of `- x`, and `1` and `.` of `1. x`. Both are empty for any other text.
fn list_mark(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let split = text.split_at_checked(digits).unwrap_or(("", text));
    let (number, rest) = if digits < 10 { split } else { ("", "") };
    let marks: &[char] = if number.is_empty() { &['-', '+', '='] } else { &['.', ')'] };
    let mark = rest.get(..1).filter(|_| rest.starts_with(marks)).unwrap_or_default();
    let behind = rest.get(mark.len()..).unwrap_or_default();
    let line =
        number.is_empty() && !behind.is_empty() && behind.chars().all(|c| mark.starts_with(c));
    if !mark.is_empty() && (behind.starts_with(' ') || line) { (number, mark) } else { ("", "") }
}

/// Returns a name as the text of an HTML element. The name gets the replacements of [`xml`]; then
/// `&`, `<` and `>` are escaped. The result is not safe in an
/// attribute.
pub fn html(text: &str) -> String {
    escaped(&xml(text))
}

/// Returns a sentence as the text of an HTML element, escaped as [`html`] does it. It may be longer
/// than a name before it is cut. The result is not safe in an attribute.
pub(crate) fn html_sentence(text: &str) -> String {
    escaped(&sentence(text))
}

/// Returns a name as the value of an HTML attribute, to be written between quotes. It is made as
/// [`html`] does it, and single and double quotes are escaped too.
pub(crate) fn attribute(text: &str) -> String {
    escaped(&xml(text)).replace('"', "&quot;").replace('\'', "&#39;")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns JSON for an HTML `script` element, with the same meaning as before. Characters such as
/// `<` become escapes (`\u003c`), so that nothing can end the element or begin a comment. `json`
/// must be valid JSON.
pub(crate) fn script_json(json: &str) -> String {
    let mut clean = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => clean.push_str("\\u003c"),
            '>' => clean.push_str("\\u003e"),
            '&' => clean.push_str("\\u0026"),
            '\u{2028}' => clean.push_str("\\u2028"),
            '\u{2029}' => clean.push_str("\\u2029"),
            c => clean.push(c),
        }
    }
    clean
}

/// Returns a name as one line for a terminal, in which nothing moves the cursor, changes colours or
/// hides text. A long name is cut.
pub fn terminal(text: &str) -> String {
    xml(text)
}

/// Returns a path for the address of a link. Every byte but ASCII letters, digits and the marks
/// `/`, `:`, `.`, `-`, `_` and `~` is written as `%XX`, so that nothing in it can end the address.
///
/// ```
/// assert_eq!(spikeflame_render::clean::address("/srv/a b\u{1b}.js"), "/srv/a%20b%1B.js");
/// ```
pub fn address(path: &str) -> String {
    let mut clean = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b':' | b'.' | b'-' | b'_' | b'~' => {
                clean.push(char::from(byte));
            }
            byte => clean.push_str(&format!("%{byte:02X}")),
        }
    }
    clean
}

/// Marks that reorder or hide text on a screen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_a_table() {
        let cases = [
            ("a|b", r"a\|b"),
            ("`x`", r"\`x\`"),
            ("@team <b>", "@\u{200b}team &lt;b&gt;"),
            ("a\nb\u{202e}c", "a b\u{fffd}c"),
            ("https://x.y", "https:\u{200b}//x.y"),
        ];
        for (name, cell) in cases {
            assert_eq!(markdown(name), cell);
        }
    }

    /// The error was: line 100 of a file was a picture on GitHub, and `GH-1` a link to an issue.
    #[test]
    fn names_refer_to_nothing_on_a_forge() {
        let broken = [
            "f app.js:^100:5",
            "ns::^star::x",
            ":^+1: :^tada:",
            "GH-^1 gh-^22 ABC_2-^7",
            "at 3^f2a1bc9 (D^EADBEEF0)",
            "main.3^f2a1bc9.js",
            "file:^///srv/a.js",
            "x@^y",
        ];
        for text in broken {
            let name = text.replace('^', "");
            let plain = markdown(&name).replace('\\', "");
            assert_eq!(plain, text.replace('^', "\u{200b}"), "{name}");
        }
        for (name, cell) in [
            ("a#1", "a&#35;\u{200b}1"),
            ("!7", "\\!\u{200b}7"),
            ("&3", "&amp;\u{200b}3"),
            ("%1 %v2 %\"a\"", "\\%1 \\%v2 \\%\"a\""),
        ] {
            assert_eq!(markdown(name), cell);
        }
        // Most names stay as they are, so that they can be copied.
        for name in [
            "handler /srv/app.js:12:100",
            "37.5 % of 1,000",
            "CPU.1764500000000.7.cpuprofile",
            "node:fs read",
            "std::Vector::push",
            "x-1 a-b-2",
            "facade effacement 0x3f2a1bc9",
        ] {
            assert_eq!(markdown(name), name);
        }
    }

    #[test]
    fn names_cannot_break_out_of_a_page() {
        assert_eq!(html("<img src=x> & \u{202e}"), "&lt;img src=x&gt; &amp; \u{fffd}");
        assert_eq!(attribute("\" onload='x'"), "&quot; onload=&#39;x&#39;");
        let json = r#"{"name":"</script><!-- & -->"}"#;
        let inert = script_json(json);
        assert!(!inert.contains(['<', '>', '&']), "{inert}");
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parsed(&inert), parsed(json));
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(terminal("\u{1b}[31mred\u{9b}0m"), "\u{fffd}[31mred\u{fffd}0m");
        assert_eq!(terminal(&"x".repeat(5000)).chars().count(), LONGEST_NAME + 1);
    }

    /// The error was: a verdict was cut in the middle of a number, like a name.
    #[test]
    fn a_sentence_is_longer_than_a_name() {
        let verdict = "the main thread was busy 100 % of that time; ".repeat(15);
        assert!(verdict.chars().count() > LONGEST_NAME);
        assert_eq!(sentence(&verdict), verdict);
        assert_eq!(html_sentence(&verdict), verdict);
        assert_eq!(markdown_sentence(&verdict), verdict);
        let endless = sentence(&"x".repeat(5000));
        assert_eq!(endless.chars().count(), LONGEST_SENTENCE + 1);
        assert_eq!(sentence("a\u{1b}[31m"), "a\u{fffd}[31m");
    }
}
