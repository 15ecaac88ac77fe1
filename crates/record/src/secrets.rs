//! Command lines without their secrets, for `run.json` and messages.

/// Parts of names whose values are secrets, wherever in the name they stand.
const SECRETS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "authorization",
    "credential",
    "cookie",
];

/// Whole words of names whose values are secrets. As parts of other words they are none, as in
/// `--passes`, `--author` and `--design`.
const SECRET_WORDS: [&str; 9] =
    ["pass", "pwd", "pw", "auth", "jwt", "bearer", "sig", "signature", "key"];

/// Returns a command line without its secrets. Values are replaced when the name of their option,
/// variable, header, field or parameter looks like a secret; passwords within addresses and of
/// `-u USER:PASSWORD` are replaced too.
///
/// ```
/// use spikeflame_record::redacted;
///
/// let command = ["node", "app.js", "--password", "secret"].map(String::from);
/// assert_eq!(redacted(&command), ["node", "app.js", "--password", "***"]);
/// ```
pub fn redacted(command: &[String]) -> Vec<String> {
    let mut state = State::Plain;
    command
        .iter()
        .map(|word| {
            // One word may hold a whole command line, as in `sh -c "..."`, or a header.
            let is_option = word.starts_with('-');
            let parts: Vec<&str> =
                if is_option { vec![word.as_str()] } else { word.split(' ').collect() };
            let mut shown = Vec::with_capacity(parts.len());
            for part in parts {
                if let Some(text) = state.read(part) {
                    shown.push(text);
                }
            }
            // A quote does not go on in the next word, but a name may have its value there.
            if matches!(state, State::Until(_)) {
                state = State::Plain;
            }
            shown.join(" ")
        })
        .collect()
}

/// The part of a command line that is hidden next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// The next part is a secret.
    Next,
    /// The next part is `USER:PASSWORD`.
    User,
    /// All parts up to one that ends with this quote are secrets.
    Until(char),
}

impl State {
    /// Reads a part. Returns the text to show in its place, if any.
    fn read(&mut self, part: &str) -> Option<String> {
        match *self {
            Self::Until(quote) => {
                if part.ends_with(quote) {
                    *self = Self::Plain;
                }
                return None;
            }
            Self::Next if !part.starts_with('-') => {
                // The scheme of `Authorization: Bearer abc` is no secret.
                let bare = part.trim_matches(['\'', '"']).to_lowercase();
                if !matches!(bare.as_str(), "bearer" | "basic" | "") {
                    *self = open_quote(part).map_or(Self::Plain, Self::Until);
                }
                return Some("***".to_owned());
            }
            Self::User if part.contains(':') => {
                *self = Self::Plain;
                let user = part.split(':').next().unwrap_or_default();
                return Some(format!("{user}:***"));
            }
            _ => *self = Self::Plain,
        }
        if part.starts_with('-') && !part.contains(['=', ':']) && first_secret(part).is_some() {
            *self = Self::Next;
        } else if matches!(part, "-u" | "--user") {
            *self = Self::User;
        } else if let Some((user, _)) =
            part.strip_prefix("-u").and_then(|pair| pair.split_once(':'))
        {
            return Some(format!("-u{user}:***"));
        }
        let (shown, is_open) = masked(part);
        let is_hidden = shown != part;
        match open_quote(part).filter(|_| is_hidden) {
            Some(quote) => *self = Self::Until(quote),
            None if is_open => *self = Self::Next,
            None => {}
        }
        Some(without_password(&shown))
    }
}

/// Returns the quote that a part opens and does not close.
fn open_quote(part: &str) -> Option<char> {
    let quote = part.chars().find(|c| matches!(c, '\'' | '"'))?;
    (part.matches(quote).count() % 2 == 1).then_some(quote)
}

/// Returns the place after the first name of a secret.
fn first_secret(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let parts = SECRETS.iter().filter_map(|name| Some(lower.find(name)? + name.len()));
    parts.chain(first_secret_word(text)).min()
}

/// Returns the place after the first whole word of [`SECRET_WORDS`]. Words of a name are parted by `_`, `-`, digits and capitals: `DB_PWD`, `--db-pass`, `userPass`.
fn first_secret_word(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let get = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    let begins = |at: usize| {
        let (last, this) = (at.checked_sub(1).map_or(b' ', get), get(at));
        !last.is_ascii_alphabetic() || last.is_ascii_lowercase() && this.is_ascii_uppercase()
    };
    let ends = |at: usize| {
        let (last, this) = (get(at.saturating_sub(1)), get(at));
        !this.is_ascii_alphabetic() || last.is_ascii_lowercase() && this.is_ascii_uppercase()
    };
    let ends_at = |from: usize, word: &str| {
        let to = from + word.len();
        let here = bytes.get(from..to)?;
        (here.eq_ignore_ascii_case(word.as_bytes()) && begins(from) && ends(to)).then_some(to)
    };
    (0..text.len()).find_map(|from| SECRET_WORDS.iter().find_map(|word| ends_at(from, word)))
}

/// Replaces the values of secrets in a part. Also returns true when the last of them has its
/// value in the next part.
fn masked(part: &str) -> (String, bool) {
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
fn is_port(value: &str) -> bool {
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

/// Replaces the password in an address: `mysql://shop:***@host/db`.
fn without_password(word: &str) -> String {
    let found = word.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        Some(format!("{scheme}://{name}:***@{host}"))
    });
    found.unwrap_or_else(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_command_line_are_left_out() {
        let words = |text: &str| -> Vec<String> { text.split('|').map(str::to_owned).collect() };
        for (plain, hidden) in [
            ("node|main.js|--port=3000", "node|main.js|--port=3000"),
            ("node|--db-password=x y", "node|--db-password=***"),
            ("node main.js --password=a,b;c&d --n 1", "node main.js --password=*** --n 1"),
            ("node|--token|abc|--port|1", "node|--token|***|--port|1"),
            ("k6 run -e API_KEY=abc spike.js", "k6 run -e API_KEY=*** spike.js"),
            ("curl -H Authorization:Bearer", "curl -H Authorization:***"),
            ("mysql://shop:pw@db:3306/x", "mysql://shop:***@db:3306/x"),
            (
                "curl -H 'Authorization: Bearer abc def' http://x",
                "curl -H 'Authorization:*** http://x",
            ),
            (
                "curl|-H|Authorization: Bearer abc|http://x",
                "curl|-H|Authorization:*** *** ***|http://x",
            ),
            ("curl -u admin:pw http://x", "curl -u admin:*** http://x"),
            ("hey http://x/?id=1&api_key=abc&n=2", "hey http://x/?id=1&api_key=***&n=2"),
            (r#"{"user":"a","password":"x","n":1}"#, r#"{"user":"a","password":***,"n":1}"#),
            ("A_SECRET=x B=1 ./spike.sh --users 3", "A_SECRET=*** B=1 ./spike.sh --users 3"),
            ("node tokenizer.js --max-tokens 5", "node tokenizer.js --max-tokens ***"),
            ("curl --cookie 'sid=a b' x", "curl --cookie *** x"),
            (
                "node|a.js|--passes|3|--author=me|--design=1|--monkey|2|--sign-in=x",
                "node|a.js|--passes|3|--author=me|--design=1|--monkey|2|--sign-in=x",
            ),
            (
                "node passport.js --oauth=google --keys 3 ./auth/main.js",
                "node passport.js --oauth=google --keys 3 ./auth/main.js",
            ),
            ("curl -uadmin:pw http://x", "curl -uadmin:*** http://x"),
            ("k6 run http://auth:8080/x auth:80", "k6 run http://auth:8080/x auth:80"),
        ] {
            assert_eq!(redacted(&words(plain)), words(hidden), "{plain}");
        }
    }

    #[test]
    fn a_planted_value_is_shown_nowhere() {
        for line in [
            "curl -H 'X-Api-Key: planted' x",
            "curl -H \"Cookie: sid=planted; b=planted\" x",
            "DB_PASSWORD='planted planted' node x",
            "k6 run --env TOKEN=planted x",
            "ab --auth-token planted http://x/?secret=planted",
            "wrk http://u:planted@host/?access_token=planted",
            "autocannon -b {\"client_secret\":\"planted\"} x",
            "PASS=planted x",
            "DB_PWD=planted x",
            "PRIVATE_KEY=planted x",
            "AUTH=planted x",
            "DB_PASS_1=planted x",
            "node x --jwt=planted",
            "node x --signing-key planted",
            "node x --pass planted",
            "node x --db-pass=planted",
            "node x --userPass=planted",
            "node x --bearer planted",
            "curl -uadmin:planted x",
            "hey http://x/?sig=planted&n=1",
            "hey http://x/?X-Amz-Signature=planted",
        ] {
            let shown = redacted(&[line.to_owned()]).join(" ");
            assert!(!shown.contains("planted"), "{shown}");
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert!(!redacted(&words).join(" ").contains("planted http"), "{line}");
        }
    }
}
