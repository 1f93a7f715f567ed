//! The words that tell what an operation does, and those that could be mistaken for them.

pub(super) use jackfield_model::verbs::{ASKS, CHANGES, DESTROYS, DOES, READS, words};

/// Those among them that are no nouns of things that a service keeps.
pub(super) const ONLY_ASKS: [&str; 6] = ["calculate", "find", "lookup", "query", "search", "validate"];

/// Verbs of operations that are not what a destructive word behind them says: `create_cancellation`, `restore_deleted`.
pub(super) const GENTLE: [&str; 14] = [
    "add", "confirm", "create", "get", "list", "preview", "request", "restore", "schedule", "send", "set",
    "undo", "update", "verify",
];

/// The beginnings of words that forbid to call an operation harmless. What is as often a thing as a deed is not among
/// them: orders, payments and posts are searched for.
pub(super) const WRITES: [&str; 44] = [
    "accept",
    "activat",
    "appl",
    "approv",
    "archiv",
    "assign",
    "attach",
    "chang",
    "clos",
    "confirm",
    "creat",
    "deactivat",
    "disabl",
    "edit",
    "enabl",
    "enqueu",
    "execut",
    "export",
    "generat",
    "import",
    "insert",
    "install",
    "invit",
    "merg",
    "modif",
    "mov",
    "persist",
    "publish",
    "push",
    "regist",
    "renam",
    "replac",
    "restor",
    "sav",
    "schedul",
    "send",
    "start",
    "stop",
    "submit",
    "subscrib",
    "sync",
    "trigger",
    "updat",
    "upload",
];

/// Verbs that reach into what runs, and then do whatever they are sent.
pub(super) const REACHES: [&str; 4] = ["attach", "connect", "exec", "proxy"];

/// What stands between a verb and what it is done to, so that the verb is no noun: `Update history` changes nothing.
pub(super) const ARTICLES: [&str; 9] = ["a", "all", "an", "any", "one", "that", "the", "this", "your"];

/// Arguments that hold what is to be done, whatever the operation is called.
pub(super) const ORDERS: [&str; 5] = ["code", "command", "script", "sql", "statement"];
