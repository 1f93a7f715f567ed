//! The verbs that tell what a name does to the service: of operations when a connector is made, of tools that a client
//! asks for when it runs.

use crate::Effect;

/// Verbs that remove something, or cannot be undone.
pub const DESTROYS: [&str; 23] = [
    "ban",
    "cancel",
    "clear",
    "delete",
    "destroy",
    "drop",
    "erase",
    "flush",
    "forget",
    "invalidate",
    "kick",
    "prune",
    "purge",
    "redact",
    "remove",
    "reset",
    "revoke",
    "terminate",
    "truncate",
    "uninstall",
    "unregister",
    "void",
    "wipe",
];

/// Verbs that change something, where a method promises that nothing changes.
pub const CHANGES: [&str; 31] = [
    "activate",
    "add",
    "approve",
    "archive",
    "create",
    "deactivate",
    "disable",
    "edit",
    "enable",
    "execute",
    "insert",
    "invite",
    "logout",
    "modify",
    "publish",
    "register",
    "restart",
    "restore",
    "save",
    "send",
    "set",
    "signout",
    "start",
    "stop",
    "submit",
    "subscribe",
    "trigger",
    "unsubscribe",
    "update",
    "upload",
    "write",
];

/// Verbs that only ask.
pub const ASKS: [&str; 10] =
    ["calculate", "count", "estimate", "find", "list", "lookup", "preview", "query", "search", "validate"];

/// First words of an operation that say no more than its method.
pub const READS: [&str; 19] = [
    "check", "count", "describe", "download", "export", "fetch", "find", "get", "inspect", "is", "list",
    "query", "read", "resolve", "retrieve", "search", "show", "view", "watch",
];

/// Further verbs that change something, where a sentence begins with one and its object: `Open a view`.
pub const DOES: [&str; 16] = [
    "assign", "close", "complete", "exchange", "indicate", "join", "leave", "mark", "move", "open", "post",
    "push", "rename", "run", "schedule", "share",
];

/// Methods of HTTP that begin names, and what the one that is no everyday verb does.
const WRITING_METHODS: [&str; 4] = ["patch", "post", "put", "replace"];

impl Effect {
    /// The effect that the words of a name ask for: `delete_book` destroys, `listBooks` reads. A name without a known verb
    /// asks for no more than reading.
    pub fn asked_by(name: &str) -> Self {
        let words = words(name);
        let reads = |word: Option<&String>| {
            word.is_some_and(|word| READS.contains(&word.as_str()) || ASKS.contains(&word.as_str()))
        };
        if reads(words.first()) || reads(words.last()) {
            return Self::Read;
        }
        let effects = words.iter().filter_map(|word| match word.as_str() {
            word if DESTROYS.contains(&word) => Some(Self::Destroy),
            word if CHANGES.contains(&word) || DOES.contains(&word) || WRITING_METHODS.contains(&word) => {
                Some(Self::Write)
            }
            _ => None,
        });
        effects.into_iter().next().unwrap_or(Self::Read)
    }
}

/// The words of a name or a sentence in lower case: `deleteBook` and `delete-book` have two.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_alphanumeric() {
            if !before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_asks_for_the_effect_of_its_first_verb() {
        for (name, expected) in [
            ("list_books", Effect::Read),
            ("getBook", Effect::Read),
            ("list_deleted_books", Effect::Read),
            ("books_list", Effect::Read),
            ("delete_book", Effect::Destroy),
            ("bulkDeleteBooks", Effect::Destroy),
            ("orders_cancel", Effect::Destroy),
            ("create_ban", Effect::Write),
            ("replace-books", Effect::Write),
            ("book", Effect::Read),
            ("delte_book", Effect::Read),
            ("", Effect::Read),
        ] {
            assert_eq!(Effect::asked_by(name), expected, "{name}");
        }
    }
}
