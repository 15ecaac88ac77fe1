//! Lines that are records in a notation of their own: Fluent Bit's output `stdout`, PostgreSQL's `csvlog`, and
//! logfmt.

use super::{colours, level};

/// Returns the object of JSON that a line of Fluent Bit holds, with its time as `date`:
/// `[0] web: [1795933720.123456789, {"log"=>"text"}]`, or `[[1795933720.1, {}], {"log"=>"text"}]`. Its
/// output `file` writes no number, and JSON: `web: [1795933720.1, {"log":"text"}]`.
pub(super) fn object(line: &str) -> Option<String> {
    const LONGEST_TAG: usize = 120;
    if line.ends_with("}]")
        && let Some((tag, rest)) = line.split_once(": [")
        && tag.len() <= LONGEST_TAG
        && !tag.contains([' ', '"', '{', '['])
        && let Some((time, fields)) = rest.split_once(", {")
        && !time.is_empty()
        && time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Some(format!("{{\"date\":{time},{}", fields.strip_suffix(']')?));
    }
    let rest =
        line.strip_prefix('[').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    let (number, rest) = rest.split_once("] ")?;
    if number.len() > 19 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (tag, rest) = rest.split_once(": [")?;
    let rest = rest.strip_prefix('[').unwrap_or(rest);
    let (time, rest) = rest.split_once(", {")?;
    let rest = rest.split_once("}], {").map_or(rest, |(_, rest)| rest);
    let fields = rest.trim_end().strip_suffix("}]")?;
    let is_time = time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if tag.contains(' ') || !is_time || time.is_empty() || !fields.contains("\"=>") {
        return None;
    }
    Some(format!("{{\"date\":{time},{}}}", fields.replace("\"=>", "\":")))
}

/// Returns the object of JSON that a line of PostgreSQL's `csvlog` holds. Its severity is the twelfth field,
/// and the code and the message follow.
pub(super) fn postgres(line: &str) -> Option<String> {
    const SEVERITY: usize = 11;
    // A time with its zone, and the name of the user.
    let is_time = line.as_bytes().get(10) == Some(&b' ') && line.as_bytes().get(23) == Some(&b' ');
    if !is_time || !line.starts_with(|c: char| c.is_ascii_digit()) || line.len() > LONGEST_ROW {
        return None;
    }
    let mut fields: Vec<String> = Vec::new();
    let mut rest = line;
    while fields.len() < SEVERITY + 3 {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(within) => quoted(within),
            None => {
                let (field, behind) = rest.split_once(',').unwrap_or((rest, ""));
                (field.to_owned(), behind)
            }
        };
        fields.push(field);
        rest = behind;
    }
    let [severity, code, message] = fields.get(SEVERITY..)? else { return None };
    let is_severity =
        severity.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let fits = is_severity && code.len() == 5 && !severity.is_empty() && !message.is_empty();
    let object = serde_json::json!({
        "timestamp": fields.first()?, "level": severity, "code": code, "message": message,
    });
    fits.then(|| object.to_string())
}

/// The longest line of `csvlog` that is read, in bytes.
const LONGEST_ROW: usize = 64 * 1024;

/// Returns the text in quotes, up to its end or that of the line, and the text behind the comma that follows.
fn quoted(text: &str) -> (String, &str) {
    let mut at = 0;
    while let Some(quote) = text.get(at..).and_then(|rest| rest.find('"')) {
        let end = at + quote;
        match text.get(end + 1..).unwrap_or_default() {
            rest if rest.starts_with('"') => at = end + 2,
            rest => {
                let field = text.get(..end).unwrap_or_default().replace("\"\"", "\"");
                return (field, rest.strip_prefix(',').unwrap_or_default());
            }
        }
    }
    (text.replace("\"\"", "\""), "")
}

/// The most fields of a line of logfmt.
const MOST_FIELDS: usize = 100;

/// Returns the object of JSON that a line of logfmt holds: `time=... level=error msg="text"`. The line
/// has a level and a message. The second value is true when the last text in quotes continues on the
/// next line, as winston writes a stack.
pub(super) fn logfmt(line: &str) -> Option<(String, bool)> {
    if !is_logfmt(line) {
        return None;
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    let (mut rest, mut has_level, mut has_message, mut is_open) =
        (line.trim(), false, false, false);
    let is_message = |key: &str| matches!(key, "msg" | "message" | "err" | "error");
    let mut is_bare = false;
    while !rest.is_empty() && fields.len() < MOST_FIELDS {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (key, behind) = rest.split_at_checked(end)?;
        if key.contains('"') || key.is_empty() {
            return None;
        }
        let Some(behind) = behind.strip_prefix('=') else {
            // A key without a value, or a further word of a text that has no quotes.
            if let Some((_, value)) = fields.last_mut().filter(|it| is_bare && is_message(&it.0)) {
                value.push(' ');
                value.push_str(key);
            }
            rest = behind.trim_start();
            continue;
        };
        is_bare = !behind.starts_with('"');
        let (value, behind) = match behind.strip_prefix('"') {
            Some(within) => {
                let end = end_of_quote(within);
                is_open = end.is_none();
                let end = end.unwrap_or(within.len());
                (unescaped(within.get(..end)?), within.get(end + 1..).unwrap_or_default())
            }
            None => {
                let (value, behind) = behind.split_once(' ').unwrap_or((behind, ""));
                (value.to_owned(), behind)
            }
        };
        // logfmter of Python writes the level as `at`, the first field.
        let is_first = fields.is_empty() && key == "at" && level::is_name(&value);
        let key = if is_first { "level" } else { key };
        has_level |= level::scale(key).is_some();
        has_message |= is_message(key);
        if !fields.iter().any(|(known, _)| known == key) {
            fields.push((key.to_owned(), colours::plain(&value).into_owned()));
        }
        rest = behind.trim_start();
    }
    // Vector writes the fields of a line that it collected, and their order is that of their names.
    let is_record = has_level || fields.iter().any(|(key, _)| key == "timestamp");
    let object: serde_json::Map<_, _> =
        fields.into_iter().map(|(key, value)| (key, serde_json::Value::String(value))).collect();
    (is_record && has_message).then(|| (serde_json::Value::Object(object).to_string(), is_open))
}

/// Returns true for a line that may be one of logfmt. Nearly every line of text is none.
pub(super) fn is_logfmt(line: &str) -> bool {
    const LEVELS: [&str; 8] = [
        " level=",
        " lvl=",
        " severity=",
        " levelname=",
        " loglevel=",
        " log_level=",
        " log.level=",
        " log-level=",
    ];
    let has = |name: &str| line.starts_with(name.trim_start()) || line.contains(name);
    line.starts_with(|c: char| c.is_ascii_lowercase())
        && line.split(' ').next().is_some_and(|first| first.contains('='))
        && (line.starts_with("at=")
            || LEVELS.iter().any(|name| has(name))
            || has(" message=") && has(" timestamp="))
}

/// Returns a line of MongoDB's log with the names that other loggers give its fields.
pub(super) fn mongodb(line: &str) -> Option<String> {
    // Some collectors put blanks between the marks.
    let first = line.strip_prefix("{\"t\"").map(|rest| rest.trim_start_matches([' ', ':', '{']));
    if !first.is_some_and(|rest| rest.starts_with("\"$date\"")) {
        return None;
    }
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |path: &str| line.pointer(path).and_then(serde_json::Value::as_str);
    let level = if matches!(text("/s")?, "E" | "F") { "error" } else { "info" };
    let errors = ["/attr/error", "/attr/error/errmsg", "/attr/error/codeName"];
    let error = errors.iter().find_map(|path| text(path)).unwrap_or_default();
    let object = serde_json::json!({
        "timestamp": text("/t/$date")?, "level": level, "message": text("/msg")?, "error": error,
    });
    Some(object.to_string())
}

/// Returns the object of JSON that a line of LTSV holds: `time:...\tlevel:error\tmessage:text`. The line has a level.
pub(super) fn ltsv(line: &str) -> Option<String> {
    const FIRST: [&str; 4] = ["time:", "timestamp:", "ts:", "level:"];
    if !FIRST.iter().any(|first| line.starts_with(first)) || !line.contains("level:") {
        return None;
    }
    let fields = line.trim_end().split('\t').map(|field| field.split_once(':'));
    let fields: Option<Vec<(&str, &str)>> = fields.take(MOST_FIELDS).collect();
    let fields = fields.filter(|fields| fields.len() > 1)?;
    let has_level = fields.iter().any(|(key, _)| level::scale(key).is_some());
    let text = |(key, value): (&str, &str)| (key.to_owned(), serde_json::Value::from(value));
    let object: serde_json::Map<_, _> = fields.into_iter().map(text).collect();
    has_level.then(|| serde_json::Value::Object(object).to_string())
}

/// Returns the place of the mark that ends a text in quotes.
pub(super) fn end_of_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

/// Replaces the escapes of JSON and of Go (`\x1b`) by their characters.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = behind.chars();
        let Some(first) = chars.next() else { break };
        rest = chars.as_str();
        let digits = match first {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code = rest.get(..digits).filter(|_| digits > 0);
        let code = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        match (first, code) {
            (_, Some(code)) => {
                out.push(code);
                rest = rest.get(digits..).unwrap_or_default();
            }
            ('n', _) => out.push('\n'),
            ('t', _) => out.push('\t'),
            ('r', _) => out.push('\r'),
            _ => out.push(first),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_fluent_bit_is_an_object() {
        let object_of = |line: &str| object(line).unwrap_or_default();
        let want = r#"{"date":1795933720.5,"log":"a \"b\"", "stream":"stdout"}"#;
        let fields = r#"{"log"=>"a \"b\"", "stream"=>"stdout"}"#;
        assert_eq!(object_of(&format!("[0] web: [1795933720.5, {fields}]")), want);
        assert_eq!(object_of(&format!("[17] web: [[1795933720.5, {{}}], {fields}]")), want);
        let line = r#"time=2026-11-29T06:28:40Z level=error msg="a \"b\"" code=7"#;
        let want = r#"{"code":"7","level":"error","msg":"a \"b\"","time":"2026-11-29T06:28:40Z"}"#;
        assert_eq!(logfmt(line), Some((want.to_owned(), false)));
        for line in ["", "level=", "the level=error of msg", "a=1 b=2"] {
            assert_eq!(logfmt(line), None, "{line}");
        }
        let file = r#"web: [1795933720.5, {"log":"x","stream":"stdout"}]"#;
        assert_eq!(object_of(file), r#"{"date":1795933720.5,"log":"x","stream":"stdout"}"#);
        for line in ["", "[0] x", "[0] web: [1, {}]", "[Nest] 7  - x", "[0] a: [1, {\"a\":1}]"] {
            assert_eq!(object(line), None, "{line}");
        }
    }
}
