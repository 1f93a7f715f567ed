//! The words of a name, and what they say about the effect of a tool.

/// Words in names of operations that remove something.
const REMOVES: [&str; 9] =
    ["delete", "remove", "destroy", "purge", "revoke", "drop", "erase", "wipe", "terminate"];
/// Words with which names of operations begin that only read.
pub(super) const READS: [&str; 12] =
    ["get", "list", "read", "search", "find", "fetch", "query", "view", "show", "describe", "select", "head"];
/// Words with which names of operations begin that change something.
pub(super) const WRITES: [&str; 13] = [
    "create", "update", "delete", "set", "add", "remove", "insert", "post", "put", "patch", "write", "send",
    "cancel",
];

/// Returns the words of a name in lower case: `deleteBook`, `delete_book` and `delete-book` have the same words.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut continues = false;
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            continues = false;
            continue;
        }
        let begins = !continues || (c.is_uppercase() && was_lower);
        match words.last_mut().filter(|_| !begins) {
            Some(word) => word.extend(c.to_lowercase()),
            None => words.push(c.to_lowercase().collect()),
        }
        (continues, was_lower) = (true, c.is_lowercase());
    }
    words
}

/// Returns whether a word of the name says that the operation removes something.
pub(super) fn removes(name: &str) -> bool {
    words(name).iter().any(|word| REMOVES.contains(&word.as_str()))
}

/// Returns whether the name begins with a word of a list.
pub(super) fn begins_with(name: &str, list: &[&str]) -> bool {
    words(name).first().is_some_and(|word| list.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_in_all_spellings_are_found() {
        for name in ["deleteBook", "delete_book", "Delete-Book", "delete.book", "DELETE book"] {
            assert_eq!(words(name), ["delete", "book"], "{name}");
        }
        assert_eq!(words("getHTTPStatus2"), ["get", "httpstatus2"]);
        assert!(removes("bulkDelete") && !removes("list_deleted") && !removes(""));
    }
}
