//! What an operation does to the service: what its method promises, and where its words say otherwise.
//!
//! Words make a tool more careful on any sign, and less careful only where they cannot be mistaken: a person who is
//! asked once too often is annoyed, one who is not asked loses something.

use jackfield_model::{Effect, Method};

/// Verbs that remove something, or cannot be undone.
const DESTROYS: [&str; 17] = [
    "cancel",
    "clear",
    "delete",
    "destroy",
    "drop",
    "erase",
    "forget",
    "purge",
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
const CHANGES: [&str; 31] = [
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
const ASKS: [&str; 10] =
    ["calculate", "count", "estimate", "find", "list", "lookup", "preview", "query", "search", "validate"];

/// Those among them that are no nouns of things that a service keeps.
const ONLY_ASKS: [&str; 6] = ["calculate", "find", "lookup", "query", "search", "validate"];

/// What an operation may begin with that says no more than its method.
const READS: [&str; 16] = [
    "check", "count", "describe", "download", "export", "fetch", "find", "get", "is", "list", "query",
    "read", "retrieve", "search", "show", "view",
];

/// Verbs of operations that are not what a destructive word behind them says: `create_cancellation`, `restore_deleted`.
const GENTLE: [&str; 14] = [
    "add", "confirm", "create", "get", "list", "preview", "request", "restore", "schedule", "send", "set",
    "undo", "update", "verify",
];

/// The beginnings of words that forbid to call an operation harmless. What is as often a thing as a deed is not among
/// them: orders, payments and posts are searched for.
const WRITES: [&str; 44] = [
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

/// What an operation does, and why that is believed.
pub(crate) struct Judgement {
    pub(crate) effect: Effect,
    pub(crate) idempotent: bool,
    pub(crate) because: String,
}

/// The words that an operation is described with.
pub(crate) struct Words<'o> {
    pub(crate) id: &'o str,
    pub(crate) path: &'o str,
    pub(crate) summary: &'o str,
    pub(crate) description: &'o str,
}

/// Judges by the method, then by the words.
pub(crate) fn judge(method: &Method, words: &Words<'_>) -> Judgement {
    let said = Said::of(method, words);
    let judged = |effect, idempotent, word: Option<&str>| Judgement {
        effect,
        idempotent,
        because: word.map_or_else(|| method.to_string(), |word| format!("{method}, and `{word}`")),
    };
    if method.as_str() == "DELETE" {
        return judged(Effect::Destroy, true, None);
    }
    if let Some(word) = said.destroys() {
        return judged(Effect::Destroy, !method.is_safe() && method.is_idempotent(), Some(&word));
    }
    if method.is_safe() {
        return match said.changes() {
            Some(word) => judged(Effect::Write, false, Some(&word)),
            None => judged(Effect::Read, true, None),
        };
    }
    match said.only_asks().filter(|_| method.as_str() == "POST") {
        Some(word) => judged(Effect::Read, true, Some(&word)),
        None => judged(Effect::Write, method.is_idempotent(), None),
    }
}

/// The same words, where they count.
struct Said {
    /// The part of the operationId behind its tag, without the method in front.
    id: Vec<String>,
    /// The last part of the path, where that is no variable.
    segment: Vec<String>,
    summary: Vec<String>,
    /// Every word there is.
    all: Vec<String>,
}

impl Said {
    fn of(method: &Method, words: &Words<'_>) -> Self {
        let own = words.id.rsplit(['/', '.', ':', '#']).next().unwrap_or_default();
        let mut id = split(own);
        if id.len() > 1 && id[0].eq_ignore_ascii_case(method.as_str()) && !method.is_safe() {
            id.remove(0);
        }
        let last = words.path.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        let segment = if last.contains('{') { Vec::new() } else { split(last) };
        let summary = split(words.summary);
        let first_sentence = words.description.split(". ").next().unwrap_or_default();
        let mut all = split(words.path);
        all.extend(id.iter().chain(&summary).cloned());
        all.extend(split(first_sentence));
        Self { id, segment, summary, all }
    }

    /// The word that says something is removed.
    fn destroys(&self) -> Option<String> {
        let is = |word: &&String| DESTROYS.contains(&word.as_str());
        let begins = self.id.first().map_or("", String::as_str);
        let id = self.id.first().filter(is).or_else(|| {
            // `bulk_delete_messages`, `orders_cancel`
            let second = self.id.get(1).filter(|_| ["batch", "bulk", "force", "mass"].contains(&begins));
            second.filter(is).or_else(|| self.id.last().filter(is))
        });
        let said = id.or_else(|| self.segment.iter().find(is)).cloned();
        let summary =
            || self.summary.first().and_then(|word| DESTROYS.iter().find(|verb| is_form(word, verb)));
        let harmless = GENTLE.contains(&begins) || READS.contains(&begins);
        said.filter(|_| !harmless || id.is_some_and(|word| word == begins))
            .or_else(|| summary().filter(|_| !harmless).map(|verb| (*verb).to_owned()))
    }

    /// The word that says something changes, though the method promises otherwise.
    fn changes(&self) -> Option<String> {
        let is = |word: &&String| CHANGES.contains(&word.as_str());
        let begins = self.id.first().map_or("", String::as_str);
        if READS.contains(&begins) {
            return None;
        }
        let segment = match self.segment.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        self.id.first().filter(is).or_else(|| segment.filter(is)).cloned()
    }

    /// The word that says nothing changes. Two of id, path and summary have to agree, and no word may speak of a change.
    fn only_asks(&self) -> Option<String> {
        let forbids = |word: &String| {
            DESTROYS.iter().chain(&CHANGES).any(|verb| is_form(word, verb))
                || WRITES.iter().any(|beginning| word.starts_with(beginning))
        };
        if self.all.iter().any(forbids) {
            return None;
        }
        let asks = |word: &&String| ASKS.contains(&word.as_str());
        let id = match self.id.as_slice() {
            [] => None,
            [.., last] if ONLY_ASKS.contains(&last.as_str()) => Some(last),
            [first, _, ..] => Some(first).filter(asks),
            [_] => None,
        };
        let segment = self.segment.first().filter(asks).or_else(|| self.segment.last().filter(asks));
        let summary = self.summary.first().filter(|_| self.summary.len() > 1);
        let summary = summary.filter(|word| ASKS.iter().any(|verb| is_form(word, verb)));
        let found: Vec<&String> = [id, segment, summary].into_iter().flatten().collect();
        (found.len() > 1).then(|| found[0].clone())
    }
}

/// Whether a word is a verb, or its third person.
fn is_form(word: &str, verb: &str) -> bool {
    word == verb
        || word.strip_suffix("ies").is_some_and(|stem| verb.strip_suffix('y') == Some(stem))
        || word.strip_prefix(verb).is_some_and(|end| end == "s" || end == "es")
}

/// The words of a name or a sentence, in lower case: `bulkDelete-messages` is three.
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
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

    fn effect(method: &str, path: &str, id: &str, summary: &str) -> Effect {
        let method = Method::new(method).expect("a method");
        judge(&method, &Words { id, path, summary, description: "" }).effect
    }

    #[test]
    fn methods_promise() {
        assert_eq!(effect("GET", "/books", "listBooks", "List books"), Effect::Read);
        assert_eq!(effect("POST", "/books", "addBook", "Add a book"), Effect::Write);
        assert_eq!(effect("PUT", "/books/{id}", "replaceBook", ""), Effect::Write);
        assert_eq!(effect("DELETE", "/searches", "search", "Search"), Effect::Destroy);
    }

    #[test]
    fn a_post_that_only_asks_reads() {
        for (path, id, summary) in [
            ("/v1/databases/{id}/query", "post-database-query", "Query a database"),
            ("/v1/search", "post-search", "Search by title"),
            ("/books/search", "searchBooks", ""),
            ("/collections/{name}/points/count", "count_points", "Count points"),
            ("/orgs/{org}/attestations/bulk-list", "orgs/list-attestations-bulk", "List attestations"),
            ("/addresses:lookup", "look", "Lookup places"),
            ("/search", "search", ""),
        ] {
            assert_eq!(effect("POST", path, id, summary), Effect::Read, "{id}");
        }
    }

    #[test]
    fn words_that_could_be_mistaken_do_not_make_a_read() {
        for (path, id, summary) in [
            ("/mailing/list", "mailing_list", "Mailing list"),
            ("/projects/{id}/estimate", "project_estimate", "Project estimate"),
            ("/searches", "createSearch", "Create a saved search"),
            ("/books/search", "searchBooks", "Search books and save the query"),
            ("/list/{id}", "listAdd", "List: add a member"),
        ] {
            assert_eq!(effect("POST", path, id, summary), Effect::Write, "{id}");
        }
        assert_eq!(effect("PUT", "/books/search", "searchBooks", "Search books"), Effect::Write);
    }

    #[test]
    fn what_removes_destroys_whatever_its_method() {
        for (method, path, id, summary) in [
            ("POST", "/channels/{id}/messages/bulk-delete", "bulk_delete_messages", ""),
            ("POST", "/orders/{id}/cancel", "orders_cancel", "Cancel an order"),
            ("PUT", "/keys/{id}/revoke", "", ""),
            ("PATCH", "/cache", "patchCache", "Purges the cache"),
            ("GET", "/sessions/{id}/delete", "", ""),
        ] {
            assert_eq!(effect(method, path, id, summary), Effect::Destroy, "{method} {path}");
        }
        assert_eq!(effect("POST", "/deletions", "createDeletion", "Request a deletion"), Effect::Write);
        assert_eq!(effect("GET", "/password/reset", "getReset", "Reset form"), Effect::Read);
    }

    #[test]
    fn a_get_that_changes_writes() {
        assert_eq!(effect("GET", "/logout", "logout", ""), Effect::Write);
        assert_eq!(effect("GET", "/account/logout", "", ""), Effect::Write);
        assert_eq!(effect("GET", "/updates", "listUpdates", "Update history"), Effect::Read);
    }
}
