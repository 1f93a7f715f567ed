//! Verbs that indicate the effect of an operation: the generator looks for them in the names of operations, and the runtime in the
//! names of requested tools.

use crate::Effect;
pub use crate::words::words;

/// Verbs of operations that remove something, or that cannot be undone.
pub const DESTROYS: [&str; 34] = [
    "ban",
    "cancel",
    "clear",
    "decommission",
    "delete",
    "deprovision",
    "deregister",
    "destroy",
    "detach",
    "discard",
    "drop",
    "erase",
    "evict",
    "expunge",
    "flush",
    "forget",
    "invalidate",
    "kick",
    "prune",
    "purge",
    "rebuild",
    "recycle",
    "redact",
    "remove",
    "reset",
    "retire",
    "revoke",
    "shutdown",
    "terminate",
    "truncate",
    "uninstall",
    "unregister",
    "void",
    "wipe",
];

/// Verbs of operations that change something, even if HTTP defines the method as safe.
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

/// Verbs of operations that only query.
pub const ASKS: [&str; 10] =
    ["calculate", "count", "estimate", "find", "list", "lookup", "preview", "query", "search", "validate"];

/// Verbs that do not change the effect of a reading method, such as GET, if an operation's name begins with them.
pub const READS: [&str; 19] = [
    "check", "count", "describe", "download", "export", "fetch", "find", "get", "inspect", "is", "list",
    "query", "read", "resolve", "retrieve", "search", "show", "view", "watch",
];

/// Additional verbs of changes. They count only at the beginning of a sentence, followed by their object: `Open a view`.
pub const DOES: [&str; 16] = [
    "assign", "close", "complete", "exchange", "indicate", "join", "leave", "mark", "move", "open", "post",
    "push", "rename", "run", "schedule", "share",
];

/// HTTP methods that occur at the beginning of names, and `replace`, the verb for PUT.
const WRITING_METHODS: [&str; 4] = ["patch", "post", "put", "replace"];

impl Effect {
    /// Returns the effect that the words of a name imply: `delete_book` is destructive, `listBooks` reads. A name without a known verb
    /// reads.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_implies_the_effect_of_its_first_verb() {
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
