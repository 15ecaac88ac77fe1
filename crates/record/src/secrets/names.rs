//! Finds names of secrets in a text, as in `--db-password` and `API_KEY`.

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

/// Endings of names whose values are secrets, as in `DBPASS` and `--storepass`.
const SECRET_ENDS: [&str; 2] = ["pass", "pwd"];
/// Names that end like a secret and are none.
const NO_SECRETS: [&str; 5] = ["bypass", "compass", "overpass", "trespass", "underpass"];

/// Returns true for a name of a secret without a value.
pub(super) fn is_name(text: &str) -> bool {
    let name = text.trim_end_matches(['\'', '"']);
    first_secret(name) == Some(name.len())
}

/// Returns the place after the first name of a secret.
pub(super) fn first_secret(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let parts = SECRETS.iter().filter_map(|name| Some(lower.find(name)? + name.len()));
    parts.chain(first_secret_word(text)).min()
}

/// Returns the place after the first whole word of [`SECRET_WORDS`], or after a name that ends as
/// [`SECRET_ENDS`]. Words of a name are parted by `_`, `-`, digits and capitals: `DB_PWD`, `--db-pass`,
/// `userPass`.
fn first_secret_word(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|from| {
        let word = SECRET_WORDS.iter().find_map(|word| end_of_word(bytes, from, word));
        word.or_else(|| SECRET_ENDS.iter().find_map(|ending| end_of_name(bytes, from, ending)))
    })
}

/// Returns the place after a whole word that begins at `from`.
fn end_of_word(bytes: &[u8], from: usize, word: &str) -> Option<usize> {
    let (last, this) =
        (from.checked_sub(1).map_or(b' ', |at| letter(bytes, at)), letter(bytes, from));
    let begins = !last.is_ascii_alphabetic() || is_capital_after(last, this);
    end_of(bytes, from, word).filter(|_| begins)
}

/// Returns the place after a name whose last letters, from `from` on, are those of a secret.
fn end_of_name(bytes: &[u8], from: usize, ending: &str) -> Option<usize> {
    let to = end_of(bytes, from, ending)?;
    let name = bytes.get(..to)?.rsplit(|byte| !byte.is_ascii_alphabetic()).next()?;
    let is_other = NO_SECRETS.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
    (!is_other).then_some(to)
}

/// Returns the place after a text at `from`, when the word ends there.
fn end_of(bytes: &[u8], from: usize, text: &str) -> Option<usize> {
    let to = from + text.len();
    let here = bytes.get(from..to)?;
    let (last, this) = (letter(bytes, to.saturating_sub(1)), letter(bytes, to));
    let ends = !this.is_ascii_alphabetic() || is_capital_after(last, this);
    (here.eq_ignore_ascii_case(text.as_bytes()) && ends).then_some(to)
}

/// Returns true when a new word begins with `this`, as in `userPass`.
fn is_capital_after(last: u8, this: u8) -> bool {
    last.is_ascii_lowercase() && this.is_ascii_uppercase()
}

/// Returns the byte at a place, or a space behind the text.
fn letter(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(b' ')
}
