//! Words that say what an operation does, and words that look like them.

pub(super) use jackfield_model::verbs::{ASKS, CHANGES, DESTROYS, DOES, READS, words};

/// Verbs that mean a read even at the end of a name, because no resource has such a name.
pub(super) const ONLY_ASKS: [&str; 9] =
    ["calculate", "describe", "find", "get", "lookup", "query", "retrieve", "search", "validate"];

/// More verbs that mean a read in a name, in addition to [`ASKS`].
pub(super) const FETCHES: [&str; 3] = ["describe", "get", "retrieve"];

/// More verbs that mean a read at the beginning of a sentence. In a name, `read` may mean "mark as read".
pub(super) const TELLS: [&str; 6] = ["check", "compute", "fetch", "obtain", "read", "show"];

/// Verbs that change a resource if they follow its identifier: `/domains/{id}/validate`, `/items/{id}/list`.
pub(super) const SETTLES: [&str; 6] = ["calculate", "check", "estimate", "list", "validate", "verify"];

/// More verbs of changes. In names, they do not count, except those in [`ONLY_MAKES`].
pub(super) const MAKES: [&str; 47] = [
    "accept",
    "acknowledge",
    "append",
    "apply",
    "attach",
    "book",
    "buy",
    "change",
    "charge",
    "clone",
    "confirm",
    "copy",
    "deploy",
    "enqueue",
    "enrol",
    "export",
    "generate",
    "grant",
    "import",
    "increment",
    "initiate",
    "install",
    "issue",
    "launch",
    "link",
    "lock",
    "log",
    "merge",
    "pay",
    "persist",
    "provision",
    "purchase",
    "queue",
    "rebuild",
    "record",
    "refresh",
    "replace",
    "report",
    "reserve",
    "rotate",
    "sign",
    "store",
    "sync",
    "synchronize",
    "transfer",
    "unlock",
    "upsert",
];

/// Verbs of changes whose third person is not a plural noun: `creates` is always a verb, whereas `updates`
/// may be a noun.
pub(super) const ALWAYS_VERBS: [&str; 17] = [
    "activate",
    "add",
    "apply",
    "create",
    "deactivate",
    "disable",
    "generate",
    "initiate",
    "insert",
    "modify",
    "persist",
    "publish",
    "register",
    "save",
    "send",
    "store",
    "submit",
];

/// Bare verbs that tell readers how to set arguments: `Set limit to 10`.
pub(super) const ADVICE: [&str; 12] =
    ["add", "apply", "append", "copy", "execute", "link", "replace", "run", "send", "set", "start", "submit"];

/// Nouns for things that an operation issues when a caller requests one.
pub(super) const ISSUED: [&str; 7] =
    ["credential", "credentials", "key", "password", "secret", "session", "token"];

/// Verbs whose object is a noun: the token that `create_remove_token` creates removes nothing yet.
pub(super) const GENTLE: [&str; 17] = [
    "add",
    "configure",
    "create",
    "edit",
    "get",
    "list",
    "modify",
    "patch",
    "preview",
    "save",
    "schedule",
    "send",
    "set",
    "store",
    "update",
    "upsert",
    "verify",
];

/// Verbs that prevent the action after them.
pub(super) const UNDOES: [&str; 8] =
    ["abort", "block", "disable", "prevent", "restore", "stop", "un", "undo"];

/// Verbs that are never nouns, so that the action after them does not happen: `validate_delete`.
pub(super) const ALWAYS_HARMLESS: [&str; 13] = [
    "abort",
    "calculate",
    "describe",
    "estimate",
    "get",
    "prevent",
    "preview",
    "restore",
    "retrieve",
    "un",
    "undo",
    "validate",
    "verify",
];

/// Destructive verbs that are also nouns, so that they count in sentences only in the position of a verb.
pub(super) const EVENTS: [&str; 4] = ["ban", "drop", "reset", "void"];

/// Nouns that are derived from destructive verbs.
pub(super) const LOSSES: [&str; 10] = [
    "cancellation",
    "closure",
    "deactivation",
    "deletion",
    "destruction",
    "removal",
    "revocation",
    "shutdown",
    "termination",
    "uninstallation",
];

/// Words before which a destructive word is not an attribute: `deletion job`, `removal of`.
pub(super) const RUNS: [&str; 24] = [
    "a",
    "action",
    "all",
    "an",
    "any",
    "batch",
    "by",
    "for",
    "from",
    "in",
    "job",
    "jobs",
    "of",
    "on",
    "operation",
    "or",
    "process",
    "request",
    "requests",
    "run",
    "task",
    "tasks",
    "the",
    "to",
];

/// Words that change the meaning of the verb before them: `kick off`, `drop down`.
pub(super) const PARTICLES: [&str; 7] = ["down", "in", "off", "out", "shipping", "up", "zone"];

/// Words that make any destructive word before them an attribute.
pub(super) const HELD: [&str; 14] = [
    "date",
    "flag",
    "policies",
    "policy",
    "protection",
    "reason",
    "reasons",
    "rule",
    "rules",
    "setting",
    "settings",
    "status",
    "template",
    "templates",
];

/// Data that a restore overwrites.
pub(super) const COPIES: [&str; 10] = [
    "backup",
    "backups",
    "checkpoint",
    "dump",
    "image",
    "revision",
    "revisions",
    "snapshot",
    "version",
    "versions",
];

/// Verbs among [`MAKES`] that are never nouns, so that they count in names.
pub(super) const ONLY_MAKES: [&str; 14] = [
    "accept",
    "acknowledge",
    "append",
    "apply",
    "attach",
    "confirm",
    "generate",
    "import",
    "initiate",
    "install",
    "merge",
    "provision",
    "replace",
    "upsert",
];

/// Verbs that send commands to a running system, which may have any effect.
pub(super) const REACHES: [&str; 4] = ["attach", "connect", "exec", "proxy"];

/// Words between a verb and its object. Without one of them, the verb may be part of a noun: `Update history`
/// changes nothing.
pub(super) const ARTICLES: [&str; 9] = ["a", "all", "an", "any", "one", "that", "the", "this", "your"];

/// Arguments that contain the command to execute, whatever the operation is called.
pub(super) const ORDERS: [&str; 5] = ["code", "command", "script", "sql", "statement"];

/// Whether a word is the verb, or its third person.
pub(super) fn is_form(word: &str, verb: &str) -> bool {
    word == verb
        || word.strip_suffix("ies").is_some_and(|stem| verb.strip_suffix('y') == Some(stem))
        || word.strip_prefix(verb).is_some_and(|end| end == "s" || end == "es")
}

/// Whether a word may be a verb in the third person.
pub(super) fn is_third_person(word: &str) -> bool {
    word.len() > 3 && word.ends_with('s') && !word.ends_with("ss")
}
