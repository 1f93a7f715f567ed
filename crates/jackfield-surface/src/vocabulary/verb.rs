//! Verbs in names, paths and summaries of operations.

use jackfield_model::verbs::{CHANGES, DESTROYS, DOES};

use super::class::{VerbClass, is_form};

/// Verbs in operation names. The first of these verbs in a name is the verb of the name. The words before it say to which resource the
/// operation belongs.
pub(crate) const VERBS: [&str; 108] = [
    "accept",
    "activate",
    "add",
    "apply",
    "approve",
    "archive",
    "assign",
    "attach",
    "cancel",
    "change",
    "check",
    "clear",
    "close",
    "complete",
    "configure",
    "confirm",
    "connect",
    "convert",
    "copy",
    "count",
    "create",
    "deactivate",
    "decline",
    "delete",
    "deploy",
    "describe",
    "destroy",
    "detach",
    "disable",
    "disconnect",
    "dismiss",
    "download",
    "edit",
    "enable",
    "execute",
    "export",
    "extract",
    "fetch",
    "find",
    "generate",
    "get",
    "import",
    "initiate",
    "insert",
    "install",
    "invite",
    "lint",
    "list",
    "lock",
    "mark",
    "merge",
    "modify",
    "move",
    "notify",
    "patch",
    "pause",
    "post",
    "preview",
    "publish",
    "purge",
    "put",
    "query",
    "read",
    "refresh",
    "register",
    "reject",
    "remove",
    "rename",
    "render",
    "replace",
    "resend",
    "reset",
    "resolve",
    "restart",
    "restore",
    "resubmit",
    "resume",
    "retrieve",
    "retry",
    "review",
    "revoke",
    "rotate",
    "run",
    "save",
    "scan",
    "search",
    "seek",
    "send",
    "set",
    "show",
    "star",
    "start",
    "stop",
    "submit",
    "subscribe",
    "suspend",
    "test",
    "unarchive",
    "uninstall",
    "unlock",
    "unmerge",
    "unstar",
    "unsubscribe",
    "update",
    "upload",
    "validate",
    "watch",
    "write",
];

/// Additional verbs at the beginning of summaries or the end of paths. In names, they are often nouns.
const ACTIONS: [&str; 90] = [
    "abort",
    "acknowledge",
    "advance",
    "authenticate",
    "authorize",
    "ban",
    "block",
    "boost",
    "bulk",
    "calculate",
    "capture",
    "clone",
    "commit",
    "compute",
    "decrement",
    "deliver",
    "deny",
    "disassociate",
    "end",
    "estimate",
    "evaluate",
    "exchange",
    "expire",
    "fail",
    "favorite",
    "finalize",
    "finish",
    "follow",
    "forget",
    "fork",
    "fund",
    "increment",
    "interrupt",
    "join",
    "kick",
    "kill",
    "launch",
    "leave",
    "link",
    "login",
    "logout",
    "lookup",
    "migrate",
    "mute",
    "parse",
    "pay",
    "pin",
    "present",
    "process",
    "provision",
    "prune",
    "pull",
    "reactivate",
    "rebuild",
    "recycle",
    "redact",
    "redeem",
    "refund",
    "reissue",
    "release",
    "remind",
    "reopen",
    "request",
    "retire",
    "return",
    "reverse",
    "rollback",
    "schedule",
    "settle",
    "share",
    "ship",
    "shutdown",
    "sign",
    "simulate",
    "succeed",
    "sync",
    "transfer",
    "trigger",
    "unassign",
    "unban",
    "unblock",
    "unfollow",
    "unlink",
    "unmute",
    "unpin",
    "upsert",
    "verify",
    "view",
    "void",
    "withdraw",
];

/// Verbs in sentences. In names and paths these words are nearly always nouns.
const SPOKEN: [&str; 4] = ["call", "open", "push", "stream"];

/// Verbs without a meaning of their own: `Perform an update` means an update.
const EMPTY: [&str; 3] = ["do", "make", "perform"];

/// Verbs that only read, and mean no more than `get` and `list`.
const LOOKS: [&str; 12] = [
    "describe", "display", "fetch", "get", "list", "obtain", "read", "retrieve", "return", "show", "view",
    "provide",
];

/// Whether the word is a verb that can end a path.
pub(crate) fn is_verb(word: &str) -> bool {
    VERBS.binary_search(&word).is_ok() || ACTIONS.binary_search(&word).is_ok()
}

/// Whether the word is a verb with a prefix that undoes or repeats: `unpublish`, `reparse`.
pub(crate) fn is_derived_verb(word: &str) -> bool {
    ["un", "re"].iter().filter_map(|prefix| word.strip_prefix(prefix)).any(is_verb)
}

/// Whether the word is a verb in its base form, in any list of the vocabulary.
pub(crate) fn is_any_verb(word: &str) -> bool {
    verb_of(word) == Some(word) || [&CHANGES[..], &DESTROYS, &DOES].iter().any(|list| list.contains(&word))
}

/// Returns the base form of a verb in any list of this module: `Removes` becomes `remove`.
pub fn verb_of(word: &str) -> Option<&'static str> {
    let classes = VerbClass::ALL.iter().flat_map(|class| class.verbs());
    let known = classes.chain(&VERBS).chain(&ACTIONS).chain(&SPOKEN);
    known.copied().find(|verb| is_form(word, verb))
}

/// Whether the verb has no meaning without its object, as in `perform an update`.
pub fn is_empty_verb(verb: &str) -> bool {
    EMPTY.contains(&verb)
}

/// Returns the verb at the beginning of a summary, in its base form: `Creates a book` gives `create`.
pub(crate) fn leading_verb(summary: &str) -> Option<String> {
    let mut words = summary
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_lowercase())
        .take(2);
    let (first, second) = (words.next()?, words.next());
    // `Post clear books` begins with the method, which is skipped.
    let is_method = matches!(first.as_str(), "patch" | "post" | "put");
    let word = second.filter(|second| is_method && is_verb(second)).unwrap_or(first);
    let plain = ["", "s", "es"].iter().filter_map(|end| word.strip_suffix(end)).find(|stem| is_verb(stem));
    let in_y = || word.strip_suffix("ies").map(|stem| format!("{stem}y")).filter(|stem| is_verb(stem));
    plain.map(str::to_owned).or_else(in_y)
}

/// Whether the word is a verb that only reads.
pub(crate) fn looks(word: &str) -> bool {
    LOOKS.contains(&word)
        || ["check", "count", "download", "export", "find", "query", "search"].contains(&word)
}

/// Whether the word is a verb that means no more than `get` and `list`.
pub(crate) fn only_looks(word: &str) -> bool {
    LOOKS.contains(&word)
}

/// Returns the verb at the beginning of a summary, unless it only means reading.
pub(crate) fn telling_verb(summary: &str) -> Option<String> {
    leading_verb(summary).filter(|verb| !only_looks(verb)).map(|verb| match verb.as_str() {
        "change" | "edit" | "modify" | "patch" | "put" => "update".to_owned(),
        "post" | "insert" => "create".to_owned(),
        _ => verb,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_sorted() {
        assert!(VERBS.is_sorted() && ACTIONS.is_sorted());
    }

    #[test]
    fn verb_of_a_summary_is_returned_in_its_base_form() {
        for (summary, verb) in [
            ("Creates a book", Some("create")),
            ("Publishes a book.", Some("publish")),
            ("Applies a discount", Some("apply")),
            ("Modify a book", Some("update")),
            ("Retrieve a book", None),
            ("Books of a shop", None),
            ("", None),
        ] {
            assert_eq!(telling_verb(summary).as_deref(), verb, "{summary}");
        }
    }
}
