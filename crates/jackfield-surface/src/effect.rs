//! What an operation does to the service: what its method promises, and where its words say otherwise.
//!
//! Words make a tool more careful on any sign, and less careful only where they cannot be mistaken: a person who is
//! asked once too often is annoyed, one who is not asked loses something.

mod verbs;

use jackfield_model::{Connector, Effect, Method};
use verbs::{ARTICLES, ASKS, CHANGES, DESTROYS, DOES, GENTLE, ONLY_ASKS, ORDERS, REACHES, READS, WRITES};

/// Judges the effect of every operation.
pub fn judge_effects(connector: &mut Connector) {
    for operation in connector.groups.iter_mut().flat_map(|group| &mut group.operations) {
        let judgement = judge(
            &operation.method,
            &Words {
                id: operation.id.as_ref().map_or("", |id| id.as_str()),
                path: &operation.stated.path,
                summary: &operation.stated.summary,
                description: &operation.stated.sentence,
                args: operation.args.iter().map(|arg| arg.name.as_str()).collect(),
            },
        );
        operation.effect = judgement.effect;
        operation.idempotent = judgement.idempotent;
        operation.because = judgement.because;
    }
}

/// What an operation does, and why that is believed.
struct Judgement {
    effect: Effect,
    idempotent: bool,
    because: String,
}

/// The words that an operation is described with.
struct Words<'o> {
    id: &'o str,
    path: &'o str,
    summary: &'o str,
    description: &'o str,
    /// What its arguments are called.
    args: Vec<&'o str>,
}

/// Judges by the method, then by the words.
fn judge(method: &Method, words: &Words<'_>) -> Judgement {
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
    let takes_orders =
        words.args.iter().any(|arg| ORDERS.iter().any(|order| arg.eq_ignore_ascii_case(order)));
    match said.only_asks().filter(|_| method.as_str() == "POST" && !takes_orders) {
        Some(word) => judged(Effect::Read, true, Some(&word)),
        None => judged(Effect::Write, method.is_idempotent(), None),
    }
}

/// The same words, where they count.
struct Said {
    is_safe: bool,
    /// The part of the operationId behind its tag, without the method in front.
    id: Vec<String>,
    /// The last part of the path, where that is no variable.
    segment: Vec<String>,
    summary: Vec<String>,
    /// The summary, or the first sentence of the description where there is none.
    sentence: Vec<String>,
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
        let first_sentence = split(words.description.split(". ").next().unwrap_or_default());
        let mut all = split(words.path);
        all.extend(id.iter().chain(&summary).chain(&first_sentence).cloned());
        let sentence = if summary.is_empty() { first_sentence } else { summary.clone() };
        Self { is_safe: method.is_safe(), id, segment, summary, sentence, all }
    }

    /// The word that says something is removed.
    fn destroys(&self) -> Option<String> {
        let is = |word: &&String| DESTROYS.contains(&word.as_str());
        let begins = self.id.first().map_or("", String::as_str);
        let id = self.id.first().filter(is).or_else(|| {
            // `bulk_delete_messages`, `droplets_destroy_retry`, `orders_cancel`
            let is_many = ["batch", "bulk", "force", "mass"].contains(&begins);
            let second = self.id.get(1).filter(|_| is_many || !self.is_safe);
            second.filter(is).or_else(|| self.id.last().filter(is))
        });
        if self.only_reads() && id.is_none_or(|word| word != begins) {
            return None;
        }
        let said = id.or_else(|| self.segment.iter().find(is)).cloned();
        let sentence =
            || self.sentence.first().and_then(|word| DESTROYS.iter().find(|verb| is_form(word, verb)));
        let harmless = GENTLE.contains(&begins) || READS.contains(&begins);
        said.filter(|_| !harmless || id.is_some_and(|word| word == begins))
            .or_else(|| sentence().filter(|_| !harmless).map(|verb| (*verb).to_owned()))
    }

    /// The word that says something changes, though the method promises otherwise.
    fn changes(&self) -> Option<String> {
        let is = |word: &&String| CHANGES.contains(&word.as_str()) || REACHES.contains(&word.as_str());
        let reads = |word: &&String| READS.contains(&word.as_str());
        let id = match self.id.as_slice() {
            // `invite_resolve` under `/invites`: the first word is a tag.
            [tag, rest @ ..] if rest.first().is_some_and(|word| reads(&word)) && self.has_many(tag) => rest,
            id => id,
        };
        if id.first().is_some_and(|word| reads(&word)) {
            return None;
        }
        let first = id.first().filter(is);
        if self.only_reads() {
            // `create_flow` creates, whatever its summary gets; `update_list` lists.
            return first.filter(|_| !id.last().is_some_and(|word| reads(&word))).cloned();
        }
        let segment =
            Some(&self.segment).filter(|segment| segment.len() == 1).and_then(|segment| segment.first());
        // A set is a thing, at the end of a name.
        let last = id.last().filter(|word| *word != "set");
        let sentence = || match self.sentence.as_slice() {
            [verb, article, ..] if ARTICLES.contains(&article.as_str()) => CHANGES
                .iter()
                .chain(&DOES)
                .find(|change| is_form(verb, change))
                .map(|verb| (*verb).to_owned()),
            _ => None,
        };
        first.or_else(|| segment.filter(is)).or_else(|| last.filter(is)).cloned().or_else(sentence)
    }

    /// Whether the path has the plural of a word, which is therefore no verb.
    fn has_many(&self, word: &str) -> bool {
        self.all.iter().any(|other| other.strip_suffix('s') == Some(word))
    }

    /// Whether its method and what is said first agree that it reads, so that other words are things: the update of
    /// `List all update deployments`.
    fn only_reads(&self) -> bool {
        self.is_safe && self.sentence.first().is_some_and(|word| READS.iter().any(|verb| is_form(word, verb)))
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
    // `<p>Redact a session` begins with its verb.
    let tag = text.trim_start().strip_prefix('<').and_then(|text| text.split_once('>'));
    let text = tag.map_or(text, |(_, text)| text);
    verbs::words(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(method: &str, path: &str, id: &str, summary: &str) -> Effect {
        let method = Method::new(method).expect("a method");
        judge(&method, &Words { id, path, summary, description: "", args: Vec::new() }).effect
    }

    /// The same of an operation that has no summary.
    fn described(method: &str, path: &str, id: &str, description: &str) -> Effect {
        let method = Method::new(method).expect("a method");
        judge(&method, &Words { id, path, summary: "", description, args: Vec::new() }).effect
    }

    #[test]
    fn method_alone_decides_without_telling_words() {
        assert_eq!(effect("GET", "/books", "listBooks", "List books"), Effect::Read);
        assert_eq!(effect("POST", "/books", "addBook", "Add a book"), Effect::Write);
        assert_eq!(effect("PUT", "/books/{id}", "replaceBook", ""), Effect::Write);
        assert_eq!(effect("DELETE", "/searches", "search", "Search"), Effect::Destroy);
    }

    #[test]
    fn post_that_only_asks_is_a_read() {
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
    fn ambiguous_words_do_not_make_a_read() {
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
    fn removal_destroys_whatever_its_method() {
        for (method, path, id, summary) in [
            ("POST", "/channels/{id}/messages/bulk-delete", "bulk_delete_messages", ""),
            ("POST", "/orders/{id}/cancel", "orders_cancel", "Cancel an order"),
            ("PUT", "/keys/{id}/revoke", "", ""),
            ("PATCH", "/cache", "patchCache", "Purges the cache"),
            ("GET", "/sessions/{id}/delete", "", ""),
            ("GET", "/apps.uninstall", "apps_uninstall", "Uninstalls your app"),
            ("POST", "/conversations.kick", "conversations_kick", ""),
            ("POST", "/guilds/{id}/prune", "prune_guild", ""),
            ("POST", "/guilds/{id}/bulk-ban", "bulk_ban_users_from_guild", ""),
            ("POST", "/sessions/{id}/redact", "", ""),
            ("POST", "/users.session.invalidate", "users_session_invalidate", ""),
            ("POST", "/machines/{id}/destroy_with_disks/retry", "machines_destroy_retryWithDisks", "Retry"),
        ] {
            assert_eq!(effect(method, path, id, summary), Effect::Destroy, "{method} {path}");
        }
        assert_eq!(
            described("POST", "/members/{id}", "leave", "Removes a member. Read more"),
            Effect::Destroy
        );
        assert_eq!(described("POST", "/x/{id}", "", "<p>Redacts a session</p>"), Effect::Destroy);
        assert_eq!(effect("POST", "/deletions", "createDeletion", "Request a deletion"), Effect::Write);
        assert_eq!(effect("GET", "/password/reset", "getReset", "Reset form"), Effect::Read);
    }

    #[test]
    fn get_that_changes_is_a_write() {
        for (path, id, sentence) in [
            ("/logout", "logout", ""),
            ("/account/logout", "", ""),
            ("/views.update", "views_update", "Update an existing view."),
            ("/views.publish", "views_publish", ""),
            ("/views.open", "views_open", "<p>Opens a view for a user.</p>"),
            ("/workflows.updateStep", "workflows_updateStep", "Update the configuration of a step."),
            ("/workflows.stepFailed", "workflows_stepFailed", "Indicate that a step failed."),
            ("/pods/{name}/exec", "connectGetPodExec", "connect GET requests to exec of Pod"),
            ("/flows/new", "createFlow", "Get a new flow"),
        ] {
            assert_eq!(effect("GET", path, id, sentence), Effect::Write, "{id} by its summary");
            assert_eq!(described("GET", path, id, sentence), Effect::Write, "{id} by its description");
        }
    }

    #[test]
    fn get_of_nouns_spelled_like_verbs_is_a_read() {
        for (path, id, sentence) in [
            ("/updates", "listUpdates", "Update history"),
            ("/updates/history", "updates_history", "Update history"),
            ("/update/deployments", "update_deployments_list", "List all update deployments"),
            ("/invites/{code}", "invite_resolve", ""),
            ("/containers/{id}/archive", "ContainerArchive", "Get an archive of a folder"),
            ("/backups/{id}/restore", "backups_get_status", "Retrieve the status of a restore"),
            ("/cache/cache_reserve_clear", "settings-get-cache-reserve-clear", "Get Cache Reserve Clear"),
            ("/machines/{id}/destroy_with_disks", "machines_list_disks", "List the disks of a machine"),
            ("/watch/replicasets/{name}", "watchReplicaSet", "watch changes to a ReplicaSet"),
            ("/exec/{id}/json", "ExecInspect", "Inspect an exec instance"),
        ] {
            assert_eq!(effect("GET", path, id, sentence), Effect::Read, "{id}");
        }
    }

    #[test]
    fn generic_command_counts_as_destructive() {
        let (method, path, id) =
            (Method::new("POST").expect("a method"), "/databases/{id}/query", "queryDatabase");
        let words = |args| Words { id, path, summary: "Query a database", description: "", args };
        assert_eq!(judge(&method, &words(vec!["id", "filter"])).effect, Effect::Read);
        for order in ["sql", "SQL", "statement", "script", "command", "code"] {
            assert_eq!(judge(&method, &words(vec!["id", order])).effect, Effect::Write, "{order}");
        }
    }
}
