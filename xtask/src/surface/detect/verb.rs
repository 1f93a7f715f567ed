//! Verbs of operations, and verbs that mean the same in a name.

use crate::surface::text::is_form;

/// Verbs that are synonyms in names.
const SAME: [&[&str]; 6] = [
    &[
        "get", "list", "retrieve", "fetch", "read", "show", "describe", "view", "return", "load", "browse",
        "lookup", "find", "see", "index", "obtain", "query", "search",
    ],
    &["create", "add", "new", "insert", "make", "register", "provision"],
    &["update", "edit", "modify", "change", "set", "replace", "upsert", "save"],
    &["delete", "remove", "destroy", "erase"],
    &["check", "verify", "validate", "test", "is", "has"],
    &["run", "execute", "exec", "start", "trigger", "launch", "perform", "invoke"],
];

/// Verbs without synonyms.
const OWN: [&str; 74] = [
    "accept",
    "acknowledge",
    "activate",
    "apply",
    "approve",
    "archive",
    "assign",
    "attach",
    "authorize",
    "ban",
    "block",
    "bulk",
    "calculate",
    "call",
    "cancel",
    "capture",
    "clear",
    "clone",
    "close",
    "complete",
    "confirm",
    "connect",
    "copy",
    "count",
    "deactivate",
    "decline",
    "detach",
    "disable",
    "disconnect",
    "download",
    "enable",
    "end",
    "estimate",
    "export",
    "follow",
    "generate",
    "import",
    "install",
    "invite",
    "join",
    "leave",
    "link",
    "lock",
    "mark",
    "merge",
    "move",
    "mute",
    "open",
    "pause",
    "pin",
    "preview",
    "publish",
    "purge",
    "push",
    "refund",
    "reject",
    "rename",
    "render",
    "request",
    "reset",
    "resolve",
    "restart",
    "restore",
    "resume",
    "retry",
    "revoke",
    "rotate",
    "send",
    "share",
    "stop",
    "submit",
    "transfer",
    "unarchive",
    "upload",
];

/// The verb of which a word is a form.
pub(super) fn of(word: &str) -> Option<&'static str> {
    let known = SAME.iter().flat_map(|group| group.iter()).chain(&OWN);
    known.copied().find(|verb| is_form(word, verb))
}

/// Whether a name contains that verb or a synonym.
pub(super) fn stands_in(verb: &str, name: &[String]) -> bool {
    let same = SAME.iter().find(|group| group.contains(&verb));
    let alone = [verb];
    let verbs = same.map_or(&alone[..], |group| *group);
    name.iter().any(|word| verbs.iter().any(|verb| is_form(word, verb)))
}
