//! Lines that are records in a notation of their own: Fluent Bit's output `stdout`, and logfmt.

use super::level;

/// Returns the object of JSON that a line of Fluent Bit holds, with its time as `date`:
/// `[0] web: [1795933720.123456789, {"log"=>"text"}]`, or `[[1795933720.1, {}], {"log"=>"text"}]`.
pub(super) fn object(line: &str) -> Option<String> {
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

/// The most fields of a line of logfmt.
const MOST_FIELDS: usize = 100;

/// Returns the object of JSON that a line of logfmt holds: `time=... level=error msg="text"`. The line
/// has a level and a message.
pub(super) fn logfmt(line: &str) -> Option<String> {
    const LEVELS: [&str; 3] = [" level=", " lvl=", " severity="];
    let first = line.split(' ').next().unwrap_or_default();
    // Nearly every line of text ends here.
    if !line.starts_with(|c: char| c.is_ascii_lowercase()) || !first.contains('=') {
        return None;
    }
    let has = |name: &str| line.starts_with(name.trim_start()) || line.contains(name);
    if !LEVELS.iter().any(|name| has(name)) {
        return None;
    }
    let mut object = serde_json::Map::new();
    let (mut rest, mut has_level, mut has_message) = (line.trim(), false, false);
    while !rest.is_empty() && object.len() < MOST_FIELDS {
        let (key, behind) = rest.split_once('=')?;
        if key.is_empty() || key.contains([' ', '"']) {
            return None;
        }
        let (value, behind) = match behind.strip_prefix('"') {
            Some(_) => quoted(behind)?,
            None => {
                let (value, behind) = behind.split_once(' ').unwrap_or((behind, ""));
                (value.to_owned(), behind)
            }
        };
        has_level |= level::scale(key).is_some();
        has_message |= matches!(key, "msg" | "message" | "err" | "error");
        object.insert(key.to_owned(), serde_json::Value::String(value));
        rest = behind.trim_start();
    }
    (has_level && has_message).then(|| serde_json::Value::Object(object).to_string())
}

/// Splits a text in quotes, whose escapes are those of JSON, from the start of a text.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next()?.ok()?;
    Some((value, text.get(values.byte_offset()..)?))
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
        assert_eq!(logfmt(line).as_deref(), Some(want));
        for line in ["", "level=", "the level=error of msg", "a=1 b=2", "level=error msg=\"x"] {
            assert_eq!(logfmt(line), None, "{line}");
        }
        for line in ["", "[0] x", "[0] web: [1, {}]", "[Nest] 7  - x", "[0] a: [1, {\"a\":1}]"] {
            assert_eq!(object(line), None, "{line}");
        }
    }
}
