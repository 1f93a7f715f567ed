//! The words that indicate the effect of an operation, and words that could be mistaken for them.

/// Verbs that indicate a read even at the end of a name, because no resource has such a name.
pub(crate) const ONLY_ASKS: [&str; 9] =
    ["calculate", "describe", "find", "get", "lookup", "query", "retrieve", "search", "validate"];

/// Additional verbs, besides `ASKS`, that indicate a read in a name.
pub(crate) const FETCHES: [&str; 3] = ["describe", "get", "retrieve"];

/// Additional verbs that indicate a read at the beginning of a sentence. In a name, `read` may mean "mark as read".
pub(crate) const TELLS: [&str; 6] = ["check", "compute", "fetch", "obtain", "read", "show"];

/// Verbs that change the stored resource if they follow its identifier: `/domains/{id}/validate`,
/// `/items/{id}/list`.
pub(crate) const SETTLES: [&str; 6] = ["calculate", "check", "estimate", "list", "validate", "verify"];

/// Additional verbs of changes, which count only if a sentence is about them.
pub(crate) const MAKES: [&str; 47] = [
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

/// Verbs of changes whose third person cannot be a noun: `creates`, unlike `updates`.
pub(crate) const ALWAYS_VERBS: [&str; 17] = [
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

/// Verbs in advice about arguments: `Set limit to 10`.
pub(crate) const ADVICE: [&str; 12] =
    ["add", "apply", "append", "copy", "execute", "link", "replace", "run", "send", "set", "start", "submit"];

/// Nouns of things that an operation issues when a caller requests one.
pub(crate) const ISSUED: [&str; 7] =
    ["credential", "credentials", "key", "password", "secret", "session", "token"];

/// Verbs whose object may look destructive: `create_remove_token` does not remove anything.
pub(crate) const GENTLE: [&str; 17] = [
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
pub(crate) const UNDOES: [&str; 8] =
    ["abort", "block", "disable", "prevent", "restore", "stop", "un", "undo"];

/// Verbs that check an action without performing it, and are never nouns: `validate_delete`.
pub(crate) const ALWAYS_HARMLESS: [&str; 13] = [
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

/// Destructive verbs that are also nouns of events. In sentences they count only in the position of a verb.
pub(crate) const EVENTS: [&str; 4] = ["ban", "drop", "reset", "void"];

/// Nouns of destructive verbs.
pub(crate) const LOSSES: [&str; 10] = [
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

/// Words that may follow a destructive word without making it an attribute: `deletion job`, `removal of`.
pub(crate) const RUNS: [&str; 24] = [
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

/// Words after a verb that change its meaning: `kick off`, `drop down`.
pub(crate) const PARTICLES: [&str; 7] = ["down", "in", "off", "out", "shipping", "up", "zone"];

/// Words that turn any preceding destructive word into an attribute.
pub(crate) const HELD: [&str; 14] = [
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

/// Nouns for copies of data. A restore overwrites the current data with such a copy.
pub(crate) const COPIES: [&str; 10] = [
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

/// Verbs of [`MAKES`] that cannot be nouns, so that they also count in names.
pub(crate) const ONLY_MAKES: [&str; 14] = [
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

/// Verbs that execute commands in a running process or forward requests to it.
pub(crate) const REACHES: [&str; 4] = ["attach", "connect", "exec", "proxy"];

/// Words between a verb and its object. Without such a word, the verb may be part of a noun: `Update
/// history` changes nothing.
pub(crate) const ARTICLES: [&str; 9] = ["a", "all", "an", "any", "one", "that", "the", "this", "your"];

/// Names of arguments that contain the action. The action does not depend on the name of the operation.
pub(crate) const ORDERS: [&str; 5] = ["code", "command", "script", "sql", "statement"];
