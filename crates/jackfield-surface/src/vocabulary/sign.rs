//! The words that tell the effect of an operation, and those that could be mistaken for them.

/// Verbs that indicate a read even at the end of a name, because resources are not named so.
pub(crate) const ONLY_ASKS: [&str; 9] =
    ["calculate", "describe", "find", "get", "lookup", "query", "retrieve", "search", "validate"];

/// Additional verbs, besides `ASKS`, that indicate a read in a name.
pub(crate) const FETCHES: [&str; 3] = ["describe", "get", "retrieve"];

/// Additional verbs that indicate a read at the beginning of a sentence. In a name, `read` may mean "mark as read".
pub(crate) const TELLS: [&str; 6] = ["check", "compute", "fetch", "obtain", "read", "show"];

/// Verbs that, behind the identifier of a thing, change what is kept of it: `/domains/{id}/validate`, `/items/{id}/list`.
pub(crate) const SETTLES: [&str; 6] = ["calculate", "check", "estimate", "list", "validate", "verify"];

/// More verbs of changes, which count where a sentence is about them.
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

/// Verbs of changes whose third person is not a noun: `creates`, unlike `updates`.
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

/// Bare verbs that tell readers how to give arguments: `Set limit to 10`.
pub(crate) const ADVICE: [&str; 12] =
    ["add", "apply", "append", "copy", "execute", "link", "replace", "run", "send", "set", "start", "submit"];

/// Nouns of things that an operation issues when a caller requests one.
pub(crate) const ISSUED: [&str; 7] =
    ["credential", "credentials", "key", "password", "secret", "session", "token"];

/// Verbs whose object follows as a noun: what `create_remove_token` makes removes nothing yet.
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

/// Verbs that are never nouns, so that the action after them is not performed: `validate_delete`.
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

/// Nouns of destroying verbs.
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

/// Words that a destroying word can stand before without being an attribute of them: `deletion job`, `removal of`.
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

/// Words behind a verb that give it another meaning: `kick off`, `drop down`.
pub(crate) const PARTICLES: [&str; 7] = ["down", "in", "off", "out", "shipping", "up", "zone"];

/// Words that make any destroying word in front of them an attribute.
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

/// Data that a restore writes over.
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

/// Verbs among [`MAKES`] that are no nouns of things either, so that they count in names.
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

/// Words between a verb and its object. Without one of them the verb may be part of a noun: `Update history` changes nothing.
pub(crate) const ARTICLES: [&str; 9] = ["a", "all", "an", "any", "one", "that", "the", "this", "your"];

/// Arguments that hold what is to be done, whatever the operation is called.
pub(crate) const ORDERS: [&str; 5] = ["code", "command", "script", "sql", "statement"];
