//! Names of errors as tslog prints them above a stack: ` TypeError  text`.

use super::record::is_code;

/// Words in the field `severity` of errors of PostgreSQL, which look like codes.
const SEVERITIES: [&str; 3] = ["ERROR", "FATAL", "PANIC"];

/// Returns the name of an error with a colon, and the error's code, if the line has it.
///
/// tslog puts the values of the error's own fields behind the message, without their names: `connect ECONNREFUSED
/// 127.0.0.1:3306, -111, ECONNREFUSED, connect`. They are left out from the code on, or from a number or a severity
/// directly before it, because errors of Node and of databases have the code there. Nothing shows where a message
/// without a code ends.
pub(super) fn spaced_name(text: &str) -> Option<(String, Option<&str>)> {
    let (class, message) = text.trim().split_once(' ')?;
    let is_class = class.ends_with("Error")
        && class.starts_with(|c: char| c.is_ascii_uppercase())
        && class.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_class {
        return None;
    }
    let message = message.trim();
    // The errors within an `AggregateError`, which JSON keeps nothing of.
    let message = message.split(", [{}").next().unwrap_or(message);
    let (message, code) = without_fields(message);
    Some((format!("{class}: {message}"), code))
}

/// Splits a message from the values of the fields behind it, and returns their code.
fn without_fields(text: &str) -> (&str, Option<&str>) {
    let mut end = 0;
    let mut last: Option<usize> = None;
    for part in text.split(", ") {
        let begin = end;
        end += part.len() + ", ".len();
        let is_name = |code: &str| is_code(code) && !SEVERITIES.contains(&code);
        let before = text.get(..begin).unwrap_or_default();
        // A list of words in capitals belongs to the message.
        let is_sure = || last.is_some() || part.contains('_') || before.contains(part);
        if begin > 0 && is_name(part) && is_sure() {
            let cut = last.unwrap_or(begin);
            return (text.get(..cut - ", ".len()).unwrap_or(text), Some(part));
        }
        let is_before = part.parse::<i64>().is_ok() || SEVERITIES.contains(&part);
        last = if is_before && begin > 0 { last.or(Some(begin)) } else { None };
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::spaced_name;

    #[test]
    fn the_values_of_fields_are_no_part_of_a_name() {
        for (text, name, code) in [
            (" Error  a, b", "Error: a, b", None),
            (
                "Error  connect ECONNREFUSED ::1:1, -111, ECONNREFUSED, connect, ::1, 1",
                "Error: connect ECONNREFUSED ::1:1",
                Some("ECONNREFUSED"),
            ),
            (
                "Error  no such file, open '/a', -2, ENOENT, open, /a",
                "Error: no such file, open '/a'",
                Some("ENOENT"),
            ),
            (
                "Error  Too many connections, ER_CON_COUNT_ERROR, 1040, 08004",
                "Error: Too many connections",
                Some("ER_CON_COUNT_ERROR"),
            ),
            (
                "DatabaseError  duplicate key, 212, ERROR, 23505, Key (id)",
                "DatabaseError: duplicate key",
                Some("23505"),
            ),
            (
                "AggregateError  All promises were rejected, [{},{}]",
                "AggregateError: All promises were rejected",
                None,
            ),
            (
                "Error  connect ETIMEDOUT, ETIMEDOUT, ETIMEDOUT, connect",
                "Error: connect ETIMEDOUT",
                Some("ETIMEDOUT"),
            ),
            ("Error  sent to EU, EMEA, APAC", "Error: sent to EU, EMEA, APAC", None),
            ("Error  got 3, 4, 5", "Error: got 3, 4, 5", None),
            ("Error  ENOENT, stat 'a'", "Error: ENOENT, stat 'a'", None),
            ("RangeError  use GET, POST, PUT", "RangeError: use GET, POST, PUT", None),
        ] {
            assert_eq!(spaced_name(text), Some((name.to_owned(), code)), "{text}");
        }
        assert_eq!(spaced_name("an Error  x"), None);
    }
}
