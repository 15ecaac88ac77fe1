//! Distinct names for threads.

use hashbrown::HashMap;

/// Returns a name that is not in `used`: `name` itself, or with a number after it. `used`
/// maps each name to the last number tried.
pub(crate) fn distinct(name: String, used: &mut HashMap<String, u64>) -> String {
    let mut distinct = name.clone();
    while used.contains_key(&distinct) {
        let number = used.entry_ref(&name).or_insert(1);
        *number += 1;
        distinct = format!("{name} ({number})");
    }
    used.insert(distinct.clone(), 1);
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_distinct() {
        let mut used = HashMap::new();
        let mut name = |name: &str| distinct(name.to_owned(), &mut used);
        let all = ["a", "a (2)", "a", "a", "b"].map(&mut name);
        assert_eq!(all, ["a", "a (2)", "a (3)", "a (4)", "b"]);
    }
}
