//! Tick logs whose wall-clock marks are changed, as a load generator with another clock would see them.

/// Returns the text of a tick log whose wall-clock marks are later by some seconds.
pub(crate) fn later(text: &str, late_s: i64) -> String {
    let mut parts = text.split("__wallmark_");
    let mut shifted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (us, rest) = part.split_at(16);
        let us = us.parse::<i64>().unwrap() + late_s * 1_000_000;
        shifted += &format!("__wallmark_{us}{rest}");
    }
    shifted
}
