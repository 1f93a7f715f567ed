use jackfield_build::model::Effect;

use super::hit::{Hit, each};
use crate::surface::document::{Document, Tool};
use crate::surface::text::{is_form, sentences, words};

/// Verbs of operations that only read.
const READS: [&str; 16] = [
    "search",
    "query",
    "lookup",
    "get",
    "list",
    "read",
    "estimate",
    "find",
    "fetch",
    "retrieve",
    "count",
    "describe",
    "calculate",
    "preview",
    "return",
    "show",
];
/// Verbs of operations that create or change.
const WRITES: [&str; 44] = [
    "create",
    "add",
    "update",
    "delete",
    "remove",
    "set",
    "start",
    "send",
    "upload",
    "import",
    "insert",
    "register",
    "enable",
    "disable",
    "change",
    "modify",
    "edit",
    "replace",
    "submit",
    "trigger",
    "generate",
    "save",
    "store",
    "run",
    "execute",
    "schedule",
    "publish",
    "apply",
    "assign",
    "attach",
    "move",
    "copy",
    "merge",
    "archive",
    "activate",
    "cancel",
    "close",
    "reset",
    "approve",
    "invite",
    "export",
    "subscribe",
    "initiate",
    "sync",
];
/// Destructive verbs, and nouns that are derived from these verbs.
const DESTROYS: [&str; 33] = [
    "delete",
    "deletion",
    "remove",
    "removal",
    "purge",
    "destroy",
    "erase",
    "wipe",
    "terminate",
    "revoke",
    "uninstall",
    "truncate",
    "flush",
    "prune",
    "rebuild",
    "recycle",
    "retire",
    "detach",
    "shutdown",
    "deactivate",
    "deregister",
    "unregister",
    "ban",
    "kick",
    "invalidate",
    "clear",
    "discard",
    "cancel",
    "void",
    "forget",
    "redact",
    "drop",
    "deprovision",
];
/// Nouns that make a destructive word before them an attribute, as in "deletion policy".
const THINGS: [&str; 17] = [
    "policy",
    "policies",
    "protection",
    "setting",
    "settings",
    "date",
    "reason",
    "status",
    "rule",
    "rules",
    "flag",
    "schedule",
    "template",
    "templates",
    "list",
    "lists",
    "token",
];
/// Phrases for operations that cannot be undone.
const FOREVER: [&str; 8] = [
    "permanently",
    "irreversible",
    "irreversibly",
    "cannot be undone",
    "can not be undone",
    "can't be undone",
    "overwritten",
    "will be deleted",
];

/// Finds POST operations with two signs of reading and no sign of a change, whose effect is not `read`.
pub(super) fn reading_posts(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        if tool.method != "POST" || tool.effect == Effect::Read {
            return None;
        }
        // The verb `return` can mean the return of goods, and a command can have any effect.
        let orders = ["sql", "statement", "script", "command", "code"];
        if tool.arguments.iter().any(|argument| orders.contains(&argument.name.as_str())) {
            return None;
        }
        let reads = |word: &String| word != "return" && READS.iter().any(|verb| is_form(word, verb));
        let (id, segment) = (words(&own(&tool.id)), words(last_segment(&tool.path)));
        let in_name = [id.first(), id.last(), segment.first(), segment.last()]
            .into_iter()
            .flatten()
            .find(|it| reads(it))?;
        let said = said(tool);
        let summary = words(said.first()?);
        let verb = summary.first().filter(|it| reads(it))?;
        let changes = |word: &String| WRITES.iter().any(|verb| is_form(word, verb));
        let is_changed =
            id.iter().chain(&segment).any(changes) || said.iter().any(|sentence| changes_something(sentence));
        (!is_changed).then(|| format!("{in_name}, {verb}"))
    })
}

/// Finds tools with the effect `write` whose name or text says that something is lost.
pub(super) fn destroying_words(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let is_write = ["POST", "PUT", "PATCH"].contains(&tool.method.as_str());
        if !is_write || tool.effect == Effect::Destroy {
            return None;
        }
        let mut lists = vec![words(&own(&tool.id)), words(last_segment(&tool.path)), words(&tool.summary)];
        if tool.summary.is_empty() {
            lists.extend(sentences(&tool.text).first().map(|sentence| words(sentence)));
        }
        let word = lists.iter().find_map(|list| destroying(list));
        let word = word.filter(|word| !word.starts_with("deactivat") || !has_way_back(document, &tool.path));
        let text = crate::surface::text::plain(&tool.text).to_lowercase();
        word.or_else(|| FOREVER.iter().find(|it| text.contains(**it)).map(|it| (*it).to_owned()))
    })
}

fn destroying(words: &[String]) -> Option<String> {
    // A destructive word can be an attribute of a noun, as in `deletion policy`, or a part of another verb, as in `Kicks off a run`.
    let is_attribute =
        |at: usize| words.get(at + 1).is_some_and(|next| THINGS.contains(&next.as_str()) || next == "off");
    let found = words
        .iter()
        .enumerate()
        .find(|(at, word)| DESTROYS.iter().any(|verb| is_form(word, verb)) && !is_attribute(*at));
    let shuts_down = words.windows(2).any(|pair| pair == ["shut", "down"] || pair == ["close", "account"]);
    found.map(|(_, word)| word.clone()).or_else(|| shuts_down.then(|| words.join(" ")))
}

/// Whether the document has a path that undoes the operation, such as `/activate` for `/deactivate`.
fn has_way_back(document: &Document, path: &str) -> bool {
    let back = path.replace("deactivat", "activat");
    document.tools.iter().any(|tool| tool.path == back && tool.path != path)
}

/// Returns the sentences of the summary and the description.
fn said(tool: &Tool) -> Vec<String> {
    [sentences(&tool.summary), sentences(&tool.text)].concat()
}

/// Whether the main verb of a sentence creates or changes something: `Creates a job`, `This endpoint starts
/// it`, `Search and save`.
fn changes_something(sentence: &str) -> bool {
    let words = words(sentence);
    let changes = |word: &String| WRITES.iter().any(|verb| is_form(word, verb));
    let subjects = [
        "this",
        "it",
        "the",
        "endpoint",
        "operation",
        "method",
        "api",
        "call",
        "request",
        "action",
        "will",
        "also",
        "then",
    ];
    let verb = words.iter().find(|word| !subjects.contains(&word.as_str()));
    let joined =
        words.windows(2).any(|pair| ["and", "or", "then"].contains(&pair[0].as_str()) && changes(&pair[1]));
    verb.is_some_and(changes) || joined
}

/// Returns the part of an operationId after the tag.
fn own(id: &str) -> String {
    id.rsplit(['/', '.', ':', '#']).next().unwrap_or_default().to_owned()
}

/// Returns the last path segment that is not a variable.
fn last_segment(path: &str) -> &str {
    path.trim_end_matches('/').rsplit(['/', ':']).find(|segment| !segment.contains('{')).unwrap_or_default()
}
