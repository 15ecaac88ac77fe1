//! The text of a statement without its values, by which statements are grouped.

/// Largest size in bytes of a text without values.
const LONGEST_TEXT_BYTES: usize = 4096;

/// Returns the text of a statement in a form that is equal for statements which differ in their
/// values only: in small letters, with single spaces, without comments, and with `?` for each
/// value. Names in quotes stay as they are, and lists of values become `(?+)`. A long text is cut, and ends
/// with `…`.
pub(crate) fn digest(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len().min(LONGEST_TEXT_BYTES));
    let mut rest = sql.trim();
    let quotes_names = quotes_names(rest);
    while let Some(char) = rest.chars().next() {
        if text.len() >= LONGEST_TEXT_BYTES {
            text.push('…');
            break;
        }
        rest = match char {
            '"' if quotes_names => {
                let behind = after_quote(rest, char);
                copy(&mut text, rest, rest.len() - behind.len())
            }
            '$' if is_placeholder(rest) && !text.ends_with(char::is_alphanumeric) => {
                value(&mut text, after_number(rest.get(1..).unwrap_or_default()))
            }
            '\'' | '"' => value(&mut text, after_quote(rest, char)),
            '`' => {
                let end =
                    rest.get(1..).and_then(|inner| inner.find('`')).map_or(rest.len(), |at| at + 2);
                copy(&mut text, rest, end)
            }
            '/' if rest.starts_with("/*") && !rest.starts_with("/*!") => {
                space(&mut text);
                rest.find("*/").and_then(|at| rest.get(at + 2..)).unwrap_or_default()
            }
            '#' => comment(&mut text, rest),
            '-' if rest.starts_with("-- ") || rest.starts_with("--\n") => comment(&mut text, rest),
            '-' | '+' if is_sign(&text, rest) => {
                value(&mut text, after_number(rest.get(1..).unwrap_or_default()))
            }
            '0'..='9' | '.' if begins_number(&text, rest) => value(&mut text, after_number(rest)),
            char if char.is_alphabetic() || char == '_' => word(&mut text, rest),
            char if char.is_whitespace() => {
                space(&mut text);
                rest.get(char.len_utf8()..).unwrap_or_default()
            }
            ')' => close(&mut text, rest),
            ';' if rest.trim_end() == ";" => "",
            char => copy(&mut text, rest, char.len_utf8()),
        };
    }
    lists(text.trim_end())
}

/// Returns true for a placeholder of PostgreSQL, such as `$1`.
fn is_placeholder(text: &str) -> bool {
    text.as_bytes().first() == Some(&b'$') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// Returns true when the double quotes of a statement hold names. A value in MySQL has no point beside
/// its quotes, and is not what a statement inserts into, updates or deletes from.
fn quotes_names(sql: &str) -> bool {
    const BEFORE_NAMES: [&str; 3] = ["insert into \"", "update \"", "delete from \""];
    let starts =
        |start: &&str| sql.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    if !sql.contains('"') {
        return false;
    }
    if BEFORE_NAMES.iter().any(starts) {
        return true;
    }
    let mut rest = sql;
    let mut before = ' ';
    while let Some(at) = rest.find(['\'', '"', '`', '$']) {
        before = rest.get(..at).and_then(|text| text.chars().next_back()).unwrap_or(before);
        let found = rest.get(at..).unwrap_or_default();
        rest = match found.chars().next() {
            Some('$') if is_placeholder(found) && !before.is_alphanumeric() => return true,
            Some(quote @ ('\'' | '"' | '`')) => {
                let behind = after_quote(found, quote);
                if quote == '"' && (before == '.' || behind.starts_with('.')) {
                    return true;
                }
                behind
            }
            _ => found.get(1..).unwrap_or_default(),
        };
        before = ' ';
    }
    false
}

fn copy<'a>(text: &mut String, rest: &'a str, length: usize) -> &'a str {
    let (part, rest) = rest.split_at_checked(length).unwrap_or((rest, ""));
    text.push_str(part);
    rest
}

fn space(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

/// Adds a value. A list of values keeps one of them, so that a long list does not fill the text.
fn value<'a>(text: &mut String, rest: &'a str) -> &'a str {
    shorten_list(text);
    if !text.ends_with("(?") {
        text.push('?');
    }
    rest
}

/// Cuts the open list of values at the end of a text down to `(?`. Any other text stays.
fn shorten_list(text: &mut String) {
    let Some(at) = text.rfind(|char: char| !"?, \n".contains(char)) else { return };
    let list = text.get(at..).unwrap_or_default();
    if list.starts_with('(') && list.contains('?') {
        text.truncate(at + 1);
        text.push('?');
    }
}

/// Closes a bracket. A row of values below another row, as an insert has them, is left out.
fn close<'a>(text: &mut String, rest: &'a str) -> &'a str {
    shorten_list(text);
    let above = text.strip_suffix("(?").map(|above| above.trim_end_matches([' ', '\n']));
    let above =
        above.and_then(|above| Some(above.strip_suffix(',')?.trim_end_matches([' ', '\n'])));
    if let Some(above) = above.filter(|above| above.ends_with("(?)")) {
        text.truncate(above.len());
        return rest.get(1..).unwrap_or_default();
    }
    copy(text, rest, 1)
}

/// Skips a comment up to the end of its line.
fn comment<'a>(text: &mut String, rest: &'a str) -> &'a str {
    space(text);
    rest.find('\n').and_then(|at| rest.get(at..)).unwrap_or_default()
}

/// Returns the text after a quoted one, which is empty when the quote stays open.
fn after_quote(text: &str, quote: char) -> &str {
    end_of_quote(text, quote).unwrap_or_default()
}

/// Returns the text after a quoted one. A quote within it is doubled or follows a backslash.
fn end_of_quote(text: &str, quote: char) -> Option<&str> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char == '\\' {
            chars.next();
        } else if char == quote {
            if chars.peek().is_some_and(|next| next.1 == quote) {
                chars.next();
            } else {
                return Some(text.get(at + 1..).unwrap_or_default());
            }
        }
    }
    None
}

/// Returns true when a quote of `sql` is not closed at its end.
pub(super) fn is_open(sql: &str) -> bool {
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"', '`', '#', '-', '/']) {
        let found = rest.get(at..).unwrap_or_default();
        let skipped = |end: &str| found.split_once(end).map_or("", |(_, behind)| behind);
        rest = match found.chars().next() {
            Some(quote @ ('\'' | '"' | '`')) => match end_of_quote(found, quote) {
                Some(behind) => behind,
                None => return true,
            },
            Some('#') => skipped("\n"),
            Some('-') if found.starts_with("-- ") => skipped("\n"),
            Some('/') if found.starts_with("/*") => skipped("*/"),
            _ => found.get(1..).unwrap_or_default(),
        };
    }
    false
}

/// Returns the text after a number such as `1.5e-3` or `0xff`.
fn after_number(text: &str) -> &str {
    let mut before = ' ';
    let end = text.find(|char: char| {
        let exponent = matches!(before, 'e' | 'E') && matches!(char, '+' | '-');
        before = char;
        !(char.is_ascii_alphanumeric() || char == '.' || exponent)
    });
    end.and_then(|end| text.get(end..)).unwrap_or_default()
}

/// Returns true for a digit, or a point before one, that does not belong to a name.
fn begins_number(text: &str, rest: &str) -> bool {
    let digit = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let in_name = text.ends_with(|char: char| char.is_alphanumeric() || "_$`.".contains(char));
    !in_name && (digit(0) || digit(1))
}

/// Returns true for a sign of a number, which is not an operator between two values.
fn is_sign(text: &str, rest: &str) -> bool {
    let number = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    number && text.trim_end().ends_with(['=', '(', ',', '<', '>'])
}

/// Copies a word. Words that are values become `?`.
fn word<'a>(text: &mut String, rest: &'a str) -> &'a str {
    let end = rest.find(|char: char| !(char.is_alphanumeric() || "_$".contains(char)));
    let (word, rest) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
    let lower = word.to_lowercase();
    let is_value = matches!(lower.as_str(), "null" | "true" | "false" | "default")
        && !text.ends_with("is ")
        && !text.ends_with("not ");
    // x'ff', b'1', N'text'.
    let marks_text = matches!(lower.as_str(), "x" | "b" | "n") && rest.starts_with('\'');
    if is_value {
        return value(text, rest);
    }
    if !marks_text {
        text.push_str(&lower);
    }
    rest
}

/// Lists of values become one: `(?, ?)` is `(?+)`, and rows of them are one row.
fn lists(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('(') {
        let (before, list) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        match after_list(list) {
            Some(after) => {
                out.push_str("(?+)");
                rest = after;
                // Further rows of an insert.
                while let Some(next) = rest.trim_start().strip_prefix(',').map(str::trim_start)
                    && let Some(after) = after_list(next)
                {
                    rest = after;
                }
            }
            None => rest = copy(&mut out, list, 1),
        }
    }
    out + rest
}

/// Returns the text after a list of one or more values in brackets.
fn after_list(list: &str) -> Option<&str> {
    let inner = list.strip_prefix('(')?;
    let end = inner.find(|char: char| !"?, \n".contains(char))?;
    let (values, rest) = inner.split_at_checked(end)?;
    values.contains('?').then_some(())?;
    rest.strip_prefix(')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quoted_names_of_postgresql_and_sqlite_are_no_values() {
        for (sql, expected) in [
            (
                r#"SELECT "u"."id" FROM "user" "u" WHERE "u"."id" IN ($1, $2) AND "u"."n" = 'x'"#,
                r#"select "u"."id" from "user" "u" where "u"."id" in (?+) and "u"."n" = ?"#,
            ),
            (
                r#"INSERT INTO "user"("id", "name") VALUES (?, ?)"#,
                r#"insert into "user"("id", "name") values (?+)"#,
            ),
            (r#"DELETE FROM "user" WHERE "id" = $12"#, r#"delete from "user" where "id" = ?"#),
            // MySQL.
            (
                r#"SELECT * FROM a WHERE b = "y.z" AND c = "$1" AND t$1 = 2"#,
                "select * from a where b = ? and c = ? and t$1 = ?",
            ),
            (
                r#"SELECT TRIM(LEADING "x" FROM "xy") FROM `a`.`b`"#,
                "select trim(leading ? from ?) from `a`.`b`",
            ),
        ] {
            assert_eq!(digest(sql), expected);
        }
    }

    #[test]
    fn values_are_taken_out() {
        for (sql, expected) in [
            ("select 1;", "select ?"),
            (
                "SELECT a1, b2 FROM t3 WHERE x=-5 AND y-3 > .5",
                "select a1, b2 from t3 where x=? and y-? > ?",
            ),
            ("select * from `User 1` where `id` = 0xFF", "select * from `User 1` where `id` = ?"),
            (
                r#"insert into t (a, b) values (1, 'x\'y'), (2, "z")"#,
                "insert into t (a, b) values (?+)",
            ),
            ("select /* c */ a -- b\nfrom t # d\n", "select a from t"),
            (
                "select * from t where a is not null and b = NULL",
                "select * from t where a is not null and b = ?",
            ),
            ("select * from t limit 10, 20", "select * from t limit ?, ?"),
            (
                "SELECT `b`.`id` FROM `b` WHERE n LIKE '%it''s%'",
                "select `b`.`id` from `b` where n like ?",
            ),
            (
                "update t set a = DEFAULT, b = 1.5e-3 where c = '한글'",
                "update t set a = ?, b = ? where c = ?",
            ),
            ("select sleep(0.2)", "select sleep(?+)"),
            ("select x'ff', N'a'", "select ?, ?"),
            ("it's open", "it?"),
            ("", ""),
        ] {
            assert_eq!(digest(sql), expected, "{sql}");
        }
    }

    /// The error was: a list longer than the text filled it, so that each length was a class of its own.
    #[test]
    fn lists_of_any_length_have_one_text() {
        for (head, item, between, end) in [
            ("select * from t where id in (", "85875", ",", ") order by id"),
            (
                "insert into t values ",
                "(1, 'a', NULL)",
                ",\n",
                " on duplicate key update n = n + 1",
            ),
        ] {
            let of =
                |count: usize| digest(&format!("{head}{}{end}", vec![item; count].join(between)));
            assert_eq!(of(3_000), of(2));
            assert_eq!(of(9), of(1));
        }
        assert_eq!(digest("select f(1, 2) + (3), (4, a)"), "select f(?+) + (?+), (?, a)");
    }

    proptest! {
        #[test]
        fn any_text_has_a_digest(sql in ".{0,200}") {
            digest(&sql);
        }

        #[test]
        fn values_do_not_matter(a in 0..1_000_000_u32, b in "[a-z ]{0,20}", c in -50.0..50.0_f64) {
            let sql = |a: u32, b: &str, c: f64| {
                format!("SELECT * FROM t WHERE a = {a} AND b = '{b}' AND c = {c}")
            };
            prop_assert_eq!(digest(&sql(a, &b, c)), digest(&sql(1, "", 0.0)));
        }
    }
}
