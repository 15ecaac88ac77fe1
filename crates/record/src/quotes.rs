//! Puts `$RUN` in a load command in double quotes, so that a path with spaces stays one word.

use std::borrow::Cow;
use std::path::Path;

/// Forms of the variable in a shell command.
const FORMS: [&str; 2] = ["$RUN", "${RUN}"];

/// Returns the load command for a run folder. When the folder's path has characters at which a shell
/// divides words or looks for files, each `$RUN` outside of quotes is put in double quotes.
///
/// A command with a here-document stays as it is: quotes would be a part of its text.
pub(crate) fn for_folder<'a>(load: &'a str, folder: &Path) -> Cow<'a, str> {
    let divides = |c: char| c.is_whitespace() || matches!(c, '*' | '?' | '[');
    if !folder.to_string_lossy().contains(divides) || load.contains("<<") {
        return Cow::Borrowed(load);
    }
    Cow::Owned(with_quotes(load))
}

fn with_quotes(load: &str) -> String {
    let mut text = String::with_capacity(load.len());
    let (mut rest, mut quote) = (load, None);
    while let Some(c) = rest.chars().next() {
        if let Some(form) = FORMS.iter().find(|form| quote.is_none() && names(rest, form)) {
            text = text + "\"" + form + "\"";
            rest = rest.get(form.len()..).unwrap_or_default();
            continue;
        }
        // A backslash takes the next character out of the shell's grammar, but not within single quotes.
        let length = match c {
            '\\' if quote != Some('\'') => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => c.len_utf8(),
        };
        if matches!(c, '\'' | '"') {
            quote = match quote {
                None => Some(c),
                Some(open) if open == c => None,
                open => open,
            };
        }
        text += rest.get(..length).unwrap_or_default();
        rest = rest.get(length..).unwrap_or_default();
    }
    text
}

/// Returns true when a text begins with this form of the variable, and not with a longer name.
fn names(text: &str, form: &str) -> bool {
    let after = text.strip_prefix(form).map(|after| after.chars().next());
    let is_longer = |next: char| next.is_ascii_alphanumeric() || next == '_';
    after.is_some_and(|next| form.ends_with('}') || !next.is_some_and(is_longer))
}

#[cfg(test)]
mod tests {
    use super::for_folder;
    use std::path::Path;

    /// The error was: the README's own command failed in a folder whose path has a space.
    #[test]
    fn the_variable_is_one_word_in_a_folder_with_spaces() {
        let cases = [
            (
                "k6 run --out json=$RUN/k6.json.gz a.js",
                r#"k6 run --out json="$RUN"/k6.json.gz a.js"#,
            ),
            ("cp ${RUN}/a ${RUN}b $RUNNER", r#"cp "${RUN}"/a "${RUN}"b $RUNNER"#),
            (r#"k6 --out "json=$RUN/k6.json""#, r#"k6 --out "json=$RUN/k6.json""#),
            (r"echo '$RUN' \$RUN", r"echo '$RUN' \$RUN"),
            (r#"echo "it's" $RUN"#, r#"echo "it's" "$RUN""#),
            (r#"echo 'a\' $RUN"#, r#"echo 'a\' "$RUN""#),
            (r#"echo "a\"" $RUN é"#, r#"echo "a\"" "$RUN" é"#),
            ("cat <<END >$RUN/x\n$RUN\nEND", "cat <<END >$RUN/x\n$RUN\nEND"),
            ("echo \\", "echo \\"),
        ];
        for (load, quoted) in cases {
            assert_eq!(for_folder(load, Path::new("/srv/my app/run")), quoted);
            assert_eq!(for_folder(load, Path::new("/srv/app/run")), load);
        }
    }
}
