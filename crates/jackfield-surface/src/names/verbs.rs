//! Verbs in names, paths and summaries of operations.

/// Verbs in operation names. The first of them is the verb of the name; the words before it name the place.
pub(super) const VERBS: [&str; 108] = [
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

/// Additional verbs that begin summaries or end paths. In names, they are as often nouns.
const ACTIONS: [&str; 87] = [
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
    "pay",
    "pin",
    "present",
    "process",
    "provision",
    "prune",
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
    "verify",
    "view",
    "void",
    "withdraw",
];

/// Verbs that only read, and mean no more than `get` and `list`.
const LOOKS: [&str; 12] = [
    "describe", "display", "fetch", "get", "list", "obtain", "read", "retrieve", "return", "show", "view",
    "provide",
];

/// Whether the word is a verb with which a path can end.
pub(super) fn is_verb(word: &str) -> bool {
    VERBS.binary_search(&word).is_ok() || ACTIONS.binary_search(&word).is_ok()
}

/// The verb with which a summary begins, in its plain form: `Creates a book` has `create`.
pub(super) fn leading_verb(summary: &str) -> Option<String> {
    let word =
        summary.split_whitespace().next()?.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_lowercase();
    let plain = ["", "s", "es"].iter().filter_map(|end| word.strip_suffix(end)).find(|stem| is_verb(stem));
    let in_y = || word.strip_suffix("ies").map(|stem| format!("{stem}y")).filter(|stem| is_verb(stem));
    plain.map(str::to_owned).or_else(in_y)
}

/// Whether the word is a verb that only reads.
pub(super) fn looks(word: &str) -> bool {
    LOOKS.contains(&word)
        || ["check", "count", "download", "export", "find", "query", "search"].contains(&word)
}

/// The verb with which a summary begins, unless it only means reading.
pub(super) fn telling_verb(summary: &str) -> Option<String> {
    leading_verb(summary).filter(|verb| !LOOKS.contains(&verb.as_str())).map(|verb| match verb.as_str() {
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
    fn summary_gives_its_verb_in_the_plain_form() {
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
