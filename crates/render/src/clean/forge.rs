//! Finds texts that a code forge (GitHub, GitLab, Gitea) turns into links, mentions or pictures.

/// Returns the places in a text at which a break leaves nothing for a forge to refer to, in bytes from
/// the start and in ascending order.
pub(super) fn breaks(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().filter_map(|(at, c)| {
        let end = at + c.len_utf8();
        let (before, behind) = (text.get(..at)?, text.get(end..)?);
        let refers = match c {
            '@' => true,
            // Issues, requests and epics have numbers. Before labels and snippets (`~1`, `$1`), GitLab
            // respects the backslash of Markdown, and other forges have none.
            '#' | '!' | '&' => behind.starts_with(|c: char| c.is_ascii_digit()),
            ':' => behind.starts_with("//") || is_emoji(behind),
            '-' => behind.starts_with(|c: char| c.is_ascii_digit()) && is_project(before),
            c if c.is_ascii_hexdigit() => {
                !before.ends_with(is_of_word) && is_commit(text.get(at..)?)
            }
            _ => false,
        };
        refers.then_some(end)
    })
}

/// Returns true when a text begins with a name, plain or within quotes.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '"'))
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Returns true when the name of an emoji and a colon begin a text. Names have no capital letters, and
/// two of them are numbers: other numbers between colons are lines of files.
fn is_emoji(text: &str) -> bool {
    let Some((name, _)) = text.split_once(':') else { return false };
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c);
    let is_number = name.chars().all(|c| c.is_ascii_digit());
    !name.is_empty() && name.chars().all(is_part) && (!is_number || ["100", "1234"].contains(&name))
}

/// Returns true when a text ends with `GH`, or with the key of a project, as trackers of issues have
/// them: at least two capital letters, digits or `_`, and a letter first.
fn is_project(text: &str) -> bool {
    let word = text.trim_end_matches(is_of_word);
    let word = text.get(word.len()..).unwrap_or_default();
    let is_part = |c: char| is_of_word(c) && !c.is_ascii_lowercase();
    let is_key = word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(is_part);
    is_key || word.eq_ignore_ascii_case("gh")
}

/// Returns true when a text begins with the number of a commit, whole or shortened: 7 to 64 hexadecimal
/// digits. One without letters would be as likely as others, but long numbers in names of files are
/// times, and such names are copied; one without digits is a word.
fn is_commit(text: &str) -> bool {
    let word = text.split(|c| !is_of_word(c)).next().unwrap_or_default();
    (7..=64).contains(&word.len())
        && word.chars().all(|c| c.is_ascii_hexdigit())
        && word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_alphabetic())
}
