//! Properties that Node prints below an error: its cause, its class and its code.

use super::header;

/// Returns the name of a cause: `[cause]: Error: x`, `caused by: Error: x`, `cause: Error: x`. A cause that is
/// no error (`undefined`, or an object) has no name.
pub(super) fn cause(text: &str) -> Option<&str> {
    let plain = text.trim_start().trim_start_matches("{ ");
    // tslog numbers the causes: `Caused by (1): Error: x`.
    let numbered = plain.strip_prefix("Caused by (").and_then(|rest| rest.split_once("): "));
    if let Some((number, cause)) = numbered {
        return number.bytes().all(|byte| byte.is_ascii_digit()).then_some(cause);
    }
    let marks = ["[cause]: ", "caused by: ", "Caused by: "];
    // A cause that was set as a property has a key without brackets.
    let is_indented = text.starts_with("  ");
    let is_named = |cause: &&str| header::starts(cause) || is_indented && is_instance(cause);
    let property = || plain.strip_prefix("cause: ").filter(is_named);
    // A list or `[Object]` is no error, and `[Error: x]` is one without a stack.
    let is_error = |cause: &&str| match cause.as_bytes().first() {
        Some(b'[') => header::find(cause).is_some(),
        Some(b'{') => false,
        _ => !["undefined", "null"].contains(&cause.trim_end_matches(',')),
    };
    marks.iter().find_map(|mark| plain.strip_prefix(mark)).filter(is_error).or_else(property)
}

/// Returns true for an error whose class has any name, as Node prints it in a property: `ApplicationFailure: x`. Texts
/// have quotes there.
fn is_instance(text: &str) -> bool {
    text.split_once(": ").is_some_and(|(class, _)| {
        class.starts_with(|c: char| c.is_ascii_uppercase())
            && class.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Returns the error in a property of the object that a program logged behind a message: `  error: Error: x`.
pub(super) fn property(text: &str) -> Option<&str> {
    let (key, value) = text.strip_prefix("  ")?.split_once(": ")?;
    let is_key =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_key && (header::starts(value) || is_instance(value))).then_some(value)
}

/// Returns the class of an error in the property `name` below its stack: `  name: 'ValidationError',`.
pub(super) fn class(text: &str) -> Option<&str> {
    let value = text.strip_prefix("  name: '")?.trim_end_matches(',').strip_suffix('\'')?;
    value.ends_with("Error").then_some(value)
}

/// Returns the name of the error in the property `parent`, which Sequelize has for the driver's error.
pub(super) fn parent(text: &str) -> Option<&str> {
    text.strip_prefix("  parent: ").filter(|parent| header::starts(parent))
}

/// Returns the code in a property line below a stack: `code: 'ER_X',` or `errno: 1040,`.
pub(super) fn code(text: &str) -> Option<String> {
    let (key, value) = text.trim().trim_start_matches("{ ").split_once(": ")?;
    let value = value.trim_end_matches([' ', '}', ',']).trim_matches(['\'', '"']);
    match key {
        "code" => Some(value.to_owned()).filter(|value| super::record::is_code(value)),
        "errno" => value.parse::<u32>().ok().map(|number| format!("errno {number}")),
        _ => None,
    }
}
