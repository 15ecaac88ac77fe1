//! Replaces the values of secrets in one part of a command line.

use super::names::first_secret;

/// Beginnings of keys and tokens whose makers mark them so.
const TOKEN_STARTS: [&str; 12] = [
    "eyJ",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "npm_",
    "sk-",
    "sk_live_",
    "xoxb-",
    "xoxp-",
    "AKIA",
];
/// Length from which a text that begins with one of [`TOKEN_STARTS`], or stands alone in front of the `@` of
/// an address, is a key.
const LENGTH_OF_KEY: usize = 16;

/// Replaces the keys in a part whose makers mark them, such as JSON Web Tokens.
pub(super) fn without_keys(part: &str) -> String {
    let in_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let pieces = part.split_inclusive(|c: char| !in_key(c));
    let shown = pieces.map(|piece| {
        let key = piece.trim_end_matches(|c: char| !in_key(c));
        let is_marked = TOKEN_STARTS.iter().any(|mark| key.starts_with(mark));
        match is_marked && key.len() >= LENGTH_OF_KEY && key.bytes().any(|b| b.is_ascii_digit()) {
            true => format!("***{}", piece.strip_prefix(key).unwrap_or_default()),
            false => piece.to_owned(),
        }
    });
    shown.collect()
}

/// Replaces the values of secrets in a part. Also returns true when the last of them has its
/// value in the next part.
pub(super) fn masked(part: &str) -> (String, bool) {
    let (mut shown, mut rest, mut is_open) = (String::new(), part, false);
    while let Some(end) = first_secret(rest) {
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // The name may go on, as in `API_TOKEN_1=` and `"password":`.
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'');
        let value = after.trim_start_matches(in_name);
        let between = after.strip_suffix(value).unwrap_or_default();
        shown.push_str(name);
        shown.push_str(between);
        rest = value;
        let Some(separator) = value.chars().next().filter(|c| matches!(c, '=' | ':')) else {
            continue;
        };
        if is_port(value) {
            continue;
        }
        let value = value.get(1..).unwrap_or_default();
        let length = length_of(value, between.contains(['"', '\'']), shown.contains(['?', '&']));
        is_open = value.is_empty();
        shown.push(separator);
        shown.push_str("***");
        rest = value.get(length..).unwrap_or_default();
    }
    shown.push_str(rest);
    (shown, is_open)
}

/// Returns true for the port of a host: `:8080`, or `:8080/path`.
pub(super) fn is_port(value: &str) -> bool {
    let Some(port) = value.strip_prefix(':').and_then(|rest| rest.split('/').next()) else {
        return false;
    };
    (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the length of a secret value: to its closing quote, to the end of its field of JSON or of its
/// parameter, or to the end of the part.
fn length_of(value: &str, in_json: bool, in_query: bool) -> usize {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let end = match quote {
        Some(quote) => value.get(1..).and_then(|rest| rest.find(quote)).map(|at| at + 2),
        None if in_json => value.find([',', '}']),
        None if in_query => value.find('&'),
        None => None,
    };
    end.unwrap_or(value.len())
}

/// Replaces the password in an address, also without a scheme: `mysql://shop:***@host/db`. A long user
/// without a password is a key.
pub(super) fn without_password(word: &str) -> String {
    let (scheme, rest) = match word.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, word),
    };
    let found = rest.rsplit_once('@').and_then(|(user, host)| {
        let start = scheme.map_or(String::new(), |scheme| format!("{scheme}://"));
        match user.split_once(':') {
            Some((name, _)) => Some(format!("{start}{name}:***@{host}")),
            None if scheme.is_none() || user.contains('/') => None,
            None if user.len() >= LENGTH_OF_KEY => Some(format!("{start}***@{host}")),
            None => None,
        }
    });
    found.unwrap_or_else(|| word.to_owned())
}
