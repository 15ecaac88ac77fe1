//! Error messages without the parts that differ between errors of one kind.

/// Words before a quoted name that is kept, because it distinguishes errors. Other quotes
/// contain values.
const NAMED: [&str; 11] = [
    "reading", "setting", "key", "column", "Column", "table", "Table", "property", "module",
    "function", "of",
];

/// Words after a quoted name that is kept: MySQL names limits of its users in this way.
const NAMED_BEHIND: [&str; 3] = [" resource", " active connections", " bytes"];

/// Replaces numbers, ids, addresses and quoted values by `<n>`, `<id>`, `<address>` and
/// `'…'`.
pub(super) fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut last = ' ';
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\'' | '"' if !last.is_alphanumeric() => quoted(rest, first, &mut out),
            c if is_token(c) && !is_token(last) => token(rest, &mut out),
            _ => 0,
        };
        let taken = if taken == 0 {
            out.push(first);
            first.len_utf8()
        } else {
            taken
        };
        let (done, next) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        last = done.chars().next_back().unwrap_or(first);
        rest = next;
    }
    out
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-')
}

/// Writes a quoted part, and returns its length in bytes; 0 for a mark that opens no quote.
fn quoted(text: &str, quote: char, out: &mut String) -> usize {
    let within = text.get(1..).unwrap_or_default();
    let closes = |(at, _): &(usize, &str)| {
        let behind = within.get(at + 1..).unwrap_or_default();
        !behind.starts_with(|c: char| c.is_alphanumeric())
    };
    let Some((end, _)) = within.match_indices(quote).find(closes) else { return 0 };
    let value = within.get(..end).unwrap_or_default();
    let is_name = value.len() <= 80
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '/' | '@' | '-' | ' '));
    let before = out.trim_end_matches([' ', '(']);
    let before = before.rsplit([' ', '(']).next().unwrap_or_default();
    let behind = within.get(end + 1..).unwrap_or_default();
    let named_behind = NAMED_BEHIND.iter().any(|word| behind.starts_with(word));
    let is_key = behind.starts_with(':') && out.trim_end().ends_with(['{', ',']);
    if is_name && (NAMED.contains(&before) || named_behind || is_key) {
        out.extend([quote]);
        out.push_str(value);
    } else {
        out.extend([quote, '…']);
    }
    out.push(quote);
    end + 2
}

/// Writes a word or its replacement, and returns the word's length in bytes.
fn token(text: &str, out: &mut String) -> usize {
    let length = text.find(|c| !is_token(c)).unwrap_or(text.len());
    let token = text.get(..length).unwrap_or_default();
    let token = token.trim_end_matches(['.', ':', '-']);
    let hex = |c: char| c.is_ascii_hexdigit();
    let count = |set: fn(&char) -> bool| token.chars().filter(set).count();
    let digits = count(char::is_ascii_digit);
    let is_uuid = token.len() == 36
        && token.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && token.chars().all(|c| hex(c) || c == '-');
    let is_hex =
        token.strip_prefix("0x").is_some_and(|rest| !rest.is_empty() && rest.chars().all(hex))
            || token.len() >= 12 && digits > 0 && digits < token.len() && token.chars().all(hex);
    let letters = count(char::is_ascii_alphabetic);
    let is_id = token.len() >= 20 && digits >= 4 && letters >= 4 && !token.contains(['.', ':']);
    // pgbouncer names a connection `S-0x55d3a0`.
    let mark = token.as_bytes().windows(3).position(|bytes| bytes == b"-0x");
    let marked = mark.filter(|_| digits > 0).and_then(|at| token.split_at_checked(at));
    let marked = marked.filter(|(_, rest)| rest.chars().skip(3).all(hex) && rest.len() > 3);
    if is_uuid {
        out.push_str("<uuid>");
    } else if let Some((name, _)) = marked {
        numbers(name, out);
        out.push_str("-<hex>");
    } else if is_hex {
        out.push_str("<hex>");
    } else if is_address(token) {
        out.push_str("<address>");
    } else if is_id {
        out.push_str("<id>");
    } else {
        numbers(token, out);
    }
    token.len()
}

/// Returns true for `10.0.0.7`, `10.0.0.7:3306` and `::1:3306`.
fn is_address(token: &str) -> bool {
    let v4 = token.split_once(':').map_or(token, |(host, _)| host);
    let is_part = |part: &str| part.parse::<u8>().is_ok();
    let is_v4 = v4.split('.').count() == 4 && v4.split('.').all(is_part);
    let colons = token.matches(':').count();
    is_v4
        || colons >= 2
            && (token.contains("::") || colons >= 4)
            && token.chars().all(|c| c.is_ascii_hexdigit() || c == ':')
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Writes a word with `<n>` for its numbers. Numbers within names (`utf8`) stay.
fn numbers(token: &str, out: &mut String) {
    let mut rest = token;
    let mut last = ' ';
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        if first.is_ascii_digit() {
            taken = digits(rest);
            let behind = rest.get(taken..).unwrap_or_default();
            if let Some(decimals) = behind.strip_prefix('.').map(digits).filter(|count| *count > 0)
            {
                taken += 1 + decimals;
            }
            if last.is_ascii_alphabetic() || last == '_' {
                out.push_str(rest.get(..taken).unwrap_or_default());
            } else {
                // The dash is a sign, not a hyphen.
                if last == '-' && out.ends_with(" -") {
                    out.pop();
                }
                out.push_str("<n>");
            }
        } else {
            out.push(first);
        }
        let (done, next) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        last = done.chars().next_back().unwrap_or(first);
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_gives_way() {
        let cases = [
            ("connect ECONNREFUSED 127.0.0.1:33308", "connect ECONNREFUSED <address>"),
            ("connect ECONNREFUSED ::1:3306", "connect ECONNREFUSED <address>"),
            ("menu 42 of -3.50, 7ms", "menu <n> of <n>, <n>ms"),
            ("Duplicate entry 'soup' for key 'IDX_24d1'", "Duplicate entry '…' for key 'IDX_24d1'"),
            ("(reading 'title')", "(reading 'title')"),
            ("{\"code\":7,\"at\":\"x\"}", "{\"code\":<n>,\"at\":\"…\"}"),
            ("Can't add new command, don't", "Can't add new command, don't"),
            ("no user 123e4567-e89b-12d3-a456-426614174000.", "no user <uuid>."),
            ("at 0x7f00ab, 507f1f77bcf86cd799439011", "at <hex>, <hex>"),
            ("user-17@test.com: /boards/7?x=1", "user-<n>@test.com: /boards/<n>?x=<n>"),
            ("utf8mb4 ER_X2 Retrying (1)...", "utf8mb4 ER_X2 Retrying (<n>)..."),
            ("no menu for 2026-11-23", "no menu for <n>-<n>-<n>"),
            ("it's \"so", "it's \"so"),
            ("오류 7건", "오류 <n>건"),
        ];
        for (text, plain) in cases {
            assert_eq!(normalised(text), plain);
        }
    }
}
