//! Candidates for the name of an operation, best first: its operationId without prefixes and suffixes that
//! frameworks add.

use jackfield_model::Group;

use super::number::{is_plural, singular, singular_name};
use super::overview::Overview;
use super::resource::{is_as_good, is_route_like, resource_names, with_verb_of};
use super::route::{Segment, is_version, noise, path_words};
use super::snake::snake;
use super::split::SplitOperation;
use super::unglue::unglued;
use crate::vocabulary::{READS, is_any_verb, is_derived_verb, is_noun_of, is_verb, looks};

/// Verbs that are too vague without their object.
const BARE: [&str; 26] = [
    "add",
    "all",
    "by_id",
    "count",
    "create",
    "delete",
    "destroy",
    "find",
    "find_all",
    "find_one",
    "get",
    "get_all",
    "get_by_id",
    "handle",
    "index",
    "list",
    "list_all",
    "patch",
    "post",
    "put",
    "query",
    "read",
    "remove",
    "save",
    "show",
    "update",
];

/// The candidates of an operation.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// Candidates in order of preference, without duplicates.
    pub(super) names: Vec<String>,
    /// Names for operations that can use none of the candidates, even in a short form. These names lack a verb, or contain more than most
    /// readers need.
    pub(super) fallbacks: Vec<String>,
    /// The operationId, or a name made from the route.
    pub(super) whole: String,
}

impl Wishes {
    fn wish(&mut self, name: String) {
        if !name.is_empty() && !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    fn fall_back(&mut self, name: String) {
        if !name.is_empty() && !self.names.contains(&name) && !self.fallbacks.contains(&name) {
            self.fallbacks.push(name);
        }
    }
}

/// Returns the candidates of an operation: the name from its resource if the id only repeats the route, the cleaned
/// id, the cleaned id with its tag, and the whole id.
pub(super) fn wishes(operation: &SplitOperation<'_>, tag: &str, overview: &Overview) -> Wishes {
    let id = operation.model.id.as_ref().map(|id| id.as_str());
    let id = id.filter(|id| snake(id).bytes().any(|b| b.is_ascii_alphanumeric()));
    let unglued = id.and_then(|id| unglued(id, operation));
    let id = unglued.as_deref().or(id);
    let mut wishes = Wishes::default();
    let resource = resource_names(operation, overview.shared_segments);
    let Some(id) = id else {
        resource.into_iter().for_each(|name| wishes.wish(name));
        wishes.whole = snake(&format!("{} {}", operation.model.method, path_words(&operation.model.path)));
        wishes.wish(wishes.whole.clone());
        return wishes;
    };
    let whole = snake(id);
    wishes.whole.clone_from(&whole);
    let cleaned = cleaned(id, operation);
    let name = cleaned.as_deref().unwrap_or(&whole);
    let is_route = is_route_like(name, operation) || is_route_like(id, operation);
    let stays = resource.first().is_none_or(|resource| is_as_good(name, resource, operation));
    if is_route && !stays {
        let swapped = resource.first().and_then(|resource| with_verb_of(resource, name, operation));
        swapped.into_iter().chain(resource.iter().cloned()).for_each(|name| wishes.wish(name));
    }
    // An operationId that contains the HTTP method instead of a verb, or no verb at all, is worse than the short form of a name with a
    // verb.
    let mut lacks_verb = is_method_the_verb(&whole, operation);
    if let Some(cleaned) = cleaned.filter(|name| *name != whole) {
        let tag = snake(tag.trim_end_matches("-controller").trim_end_matches("Controller"));
        lacks_verb |= !has_verbs_of(&cleaned, &whole);
        if !BARE.contains(&cleaned.as_str()) {
            wishes.wish(cleaned.clone());
        }
        let one = singular_name(&tag);
        let is_said = cleaned.split('_').any(|word| singular(word) == one);
        if !tag.is_empty() && tag != Group::UNTAGGED && !is_said {
            wishes.wish(format!("{tag}_{cleaned}"));
        }
        usual_instead(&cleaned, operation).into_iter().for_each(|name| wishes.fall_back(name));
    }
    wishes.wish(if lacks_verb { with_verb_always(&whole, operation) } else { whole.clone() });
    let outermost = operation.segments.iter().find_map(|segment| match segment {
        Segment::Variable(name) => Some(name),
        Segment::Literal(_) => None,
    });
    let best = wishes.names.first().cloned().unwrap_or_default();
    // If a name made from the path shares no noun with the operationId, the name does not describe the object. For `DELETE /a` with the
    // operationId `deletePolicyBinding`, the distinguishing name is `delete_policy_binding_a`.
    let nouns = |name: &str| -> Vec<String> {
        name.split('_').filter(|word| !is_verb(word)).map(|word| singular(word).into_owned()).collect()
    };
    let named = nouns(&best);
    for name in resource {
        let of_path = nouns(&name);
        match of_path.iter().any(|noun| named.contains(noun)) {
            true => wishes.fall_back(name),
            false => wishes.fall_back(format!("{best}_{}", of_path.join("_"))),
        }
    }
    // For PATCH and PUT on one path, the names are distinguished by the method and not by the variables.
    if let Some(variable) = outermost.filter(|_| operation.model.method.as_str() != "PATCH") {
        wishes.fall_back(format!("{best}_by_{variable}"));
    }
    if wishes.names.is_empty() {
        wishes.wish(whole);
    } else {
        wishes.fall_back(whole);
    }
    wishes
}

/// Whether a name has the method in place of a verb: `post_book`, `books_patch`, but not `create_post`.
fn is_method_the_verb(name: &str, operation: &SplitOperation<'_>) -> bool {
    let method = operation.method.as_str();
    let is_method = |word: Option<&str>| word == Some(method);
    let first = name.split('_').next();
    matches!(method, "post" | "put" | "patch")
        && (is_method(first) || is_method(name.rsplit('_').next()) && !first.is_some_and(is_verb))
}

/// Whether the whole operationId has all verbs of the cleaned name.
fn has_verbs_of(cleaned: &str, whole: &str) -> bool {
    let known: Vec<&str> = whole.split('_').collect();
    cleaned.split('_').filter(|word| is_verb(word)).all(|word| known.contains(&word))
}

/// Returns the name of a PUT with its usual verb: `replace_book` instead of `update_book`, if PATCH updates the same resource.
fn usual_instead(cleaned: &str, operation: &SplitOperation<'_>) -> Option<String> {
    let mut words: Vec<&str> = cleaned.split('_').collect();
    let at = words.iter().position(|word| *word == "update")?;
    words[at] = "replace";
    (operation.model.method.as_str() == "PUT").then(|| words.join("_"))
}

/// Returns the operationId with a verb in place of the method. It is used even if the operationId repeats the route.
fn with_verb_always(whole: &str, operation: &SplitOperation<'_>) -> String {
    let words: Vec<String> = whole.split('_').map(str::to_owned).collect();
    match (words.iter().position(|word| *word == operation.method), verb_for(operation)) {
        (Some(at), Some(verb)) if words.len() > 1 => instead_of_method(words, at, verb, operation).join("_"),
        _ => String::new(),
    }
}

/// Returns the operationId without the parts that a framework added from the method and path, or from the class.
fn cleaned(id: &str, operation: &SplitOperation<'_>) -> Option<String> {
    let id = without_springfox(id, operation.model.method.as_str());
    let id = without_fastapi(id, operation).unwrap_or(id);
    let id = without_controller(id);
    let words: Vec<String> = snake(&id).split('_').map(str::to_owned).collect();
    let words = without_version(words, operation);
    let words = without_articles(without_repetition(words));
    let words = with_verb(words, operation);
    let name = words.join("_");
    name.bytes().any(|b| b.is_ascii_alphabetic()).then_some(name)
}

/// Removes the suffix of Springfox: `listUsingGET_1` becomes `list`.
fn without_springfox<'i>(id: &'i str, method: &str) -> &'i str {
    let end = id.rfind(&format!("Using{method}")).filter(|at| *at > 0);
    let Some(end) = end else { return id };
    let rest = &id[end + 5 + method.len()..];
    let numbered = rest.strip_prefix('_').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if rest.is_empty() || numbered { &id[..end] } else { id }
}

/// Removes the suffix of FastAPI, which appends path and method to the function's name:
/// `read_item_items__item_id__get` for `GET /items/{item_id}`. A single remaining word may belong to the
/// path: `admin_users_get` does not become `admin`, but `login_login_post` becomes `login`.
fn without_fastapi<'i>(id: &'i str, operation: &SplitOperation<'_>) -> Option<&'i str> {
    let path: String = operation
        .model
        .path
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    let end = format!("{path}_{}", operation.method);
    let function = id.strip_suffix(end.as_str()).filter(|function| !function.is_empty())?;
    let last = operation.model.path.rsplit('/').find(|segment| !segment.is_empty());
    let unmistakable = function.contains('_') || last.is_none_or(|last| last == function);
    unmistakable.then_some(function)
}

/// Removes the word `Controller` of NestJS and other frameworks: `TagsController_findAll` becomes `Tags_findAll`.
fn without_controller(id: &str) -> String {
    match id.split_once(['_', '.', '#']) {
        Some((class, rest)) if !rest.is_empty() => match class.strip_suffix("Controller") {
            Some(class) if !class.is_empty() => format!("{class}_{rest}"),
            _ => id.to_owned(),
        },
        _ => id.to_owned(),
    }
}

/// Removes versions that also occur in the path, and the `api` with which the path begins:
/// `api_v1_users_list` becomes `users_list` if the path begins with `/api/v1`.
fn without_version(mut words: Vec<String>, operation: &SplitOperation<'_>) -> Vec<String> {
    let prefix = noise(&operation.model.path);
    // `getApiV1Users` begins with a verb, so the `api` after it is removed.
    let from = usize::from(words.first().is_some_and(|word| BARE.contains(&word.as_str())));
    while words.len() > from + 1 && prefix.contains(&words[from]) {
        words.remove(from);
    }
    let is_of_route =
        |word: &String| is_version(word) && word.starts_with('v') && operation.words.contains(word);
    let rest: Vec<String> = words.iter().filter(|word| !is_of_route(word)).cloned().collect();
    if rest.is_empty() { words } else { rest }
}

/// Removes articles: `retrieve_a_book` becomes `retrieve_book`.
fn without_articles(words: Vec<String>) -> Vec<String> {
    let last = words.len().saturating_sub(1);
    let is_article = |word: &str| matches!(word, "a" | "an" | "the");
    let kept =
        words.into_iter().enumerate().filter(|(at, word)| *at == 0 || *at == last || !is_article(word));
    kept.map(|(_, word)| word).collect()
}

/// Whether a word of a name may be the verb: `unstack` may be one, because `stacks` occurs beside it.
fn acts(word: &str, words: &[String]) -> bool {
    let undone = || word.strip_prefix("un").filter(|rest| rest.len() > 2);
    is_any_verb(word)
        || is_derived_verb(word)
        || undone().is_some_and(|rest| words.iter().any(|other| singular(other) == rest))
}

/// Whether a name describes a read: it begins or ends with a reading verb, or contains a verb that only
/// reads.
fn reads(words: &[String]) -> bool {
    let is = |word: Option<&String>| word.is_some_and(|word| is_verb(word));
    let reads = |word: &String| looks(word) || READS.contains(&word.as_str()) && word != "is";
    is(words.first())
        || is(words.last())
        || words.first().is_some_and(|word| word == "is" || word == "has")
        || words.iter().any(reads)
}

/// Returns the verb that replaces the method: the verb of the summary, or the default verb.
fn verb_for(operation: &SplitOperation<'_>) -> Option<String> {
    let usual = match operation.model.method.as_str() {
        "PUT" => Some("replace".to_owned()),
        "PATCH" => Some("update".to_owned()),
        "DELETE" => Some("delete".to_owned()),
        _ => operation.leading_verb.as_ref().map(|_| "get".to_owned()),
    };
    operation.telling_verb.clone().or(usual)
}

/// Returns the verb that is added to the operationId of a GET or HEAD without a verb.
fn reading_verb(words: &[String], operation: &SplitOperation<'_>) -> String {
    let told = operation.telling_verb.clone().filter(|verb| looks(verb));
    let usual = || if words.last().is_some_and(|word| is_plural(word)) { "list" } else { "get" };
    told.unwrap_or_else(|| usual().to_owned())
}

/// Replaces the method in the words by a verb. The verb is moved to the front if the method is the last
/// word. If the operationId already has a verb elsewhere, the method is only removed.
fn instead_of_method(
    mut words: Vec<String>,
    at: usize,
    verb: String,
    operation: &SplitOperation<'_>,
) -> Vec<String> {
    let is_last = at + 1 == words.len();
    // In `create_post`, `post` is a noun.
    if is_last && is_verb(&words[0]) {
        return words;
    }
    let acts = !is_last && words.last().is_some_and(|last| is_verb(last) && ends_with(operation, last));
    if words.contains(&verb) || acts {
        words.remove(at);
    } else if is_last {
        words.pop();
        words.insert(0, verb);
    } else {
        // With the summary `Verify a setting`, `put_setting_verification` becomes `verify_setting`.
        if words.len() - at > 2 && words.last().is_some_and(|last| is_noun_of(last, &verb)) {
            words.pop();
        }
        words[at] = verb;
    }
    words
}

/// Whether the path ends with the given word.
fn ends_with(operation: &SplitOperation<'_>, word: &str) -> bool {
    operation.last_literal() == Some(word)
}

/// Whether an operationId begins with a noun of the path and contains no possible verb.
fn names_a_thing(words: &[String], operation: &SplitOperation<'_>) -> bool {
    let is_of_path = |word: &String| operation.singulars.contains(&*singular(word));
    // The first word of the summary may be a verb that is in no list.
    let summary = operation.model.stated.summary.split_whitespace().next().unwrap_or_default().to_lowercase();
    let is_said = |word: &String| *word == summary || summary.strip_suffix('s') == Some(word.as_str());
    words.first().is_some_and(|first| is_of_path(first) && !ends_with(operation, first))
        && !words.iter().any(|word| acts(word, words) || is_said(word))
}

/// Uses a verb instead of the method: `put_book` and `book_put` become `replace_book`, unless the summary
/// has a better verb. `workers_post_run_model` becomes `workers_run_model`. An operationId without a verb
/// gets a reading verb.
fn with_verb(mut words: Vec<String>, operation: &SplitOperation<'_>) -> Vec<String> {
    let method = operation.method.as_str();
    let summary = operation.model.stated.summary.as_str();
    let is_safe = method == "get";
    if words.len() < 2 {
        // `providers` with `List providers`, but not `login`.
        if is_safe && !reads(&words) && !is_route_like(&words[0], operation) && operation.leads_with(looks) {
            words.insert(0, reading_verb(&words, operation));
        }
        return words;
    }
    // A name made from the resource replaces an operationId that only repeats the route.
    if !is_safe && is_route_like(&words.join("_"), operation) {
        return words;
    }
    let last = words.len() - 1;
    let verb = verb_for(operation);
    let is_writing = matches!(method, "put" | "patch" | "post");
    let at = words.iter().position(|word| *word == method).filter(|_| is_writing);
    match (at, verb) {
        (Some(at), _) if at > 0 && at < last && is_verb(&words[at + 1]) => {
            words.remove(at);
        }
        (Some(at), Some(verb)) => return instead_of_method(words, at, verb, operation),
        (None, _) if is_safe && !reads(&words) => {
            // `waiting_room_preview_event` with the summary `Preview an event` already has its verb.
            let is_there = |verb: &str| words.iter().any(|word| word == verb);
            let first = summary.split_whitespace().next().unwrap_or_default().to_lowercase();
            let begins = first == words[0] && is_any_verb(&first);
            if !begins && !operation.leads_with(is_there) {
                words.insert(0, reading_verb(&words, operation));
            }
        }
        (None, Some(verb)) if !is_safe && names_a_thing(&words, operation) => words.insert(0, verb),
        _ => {}
    }
    words
}

/// Removes the first words if they are repeated: `users_users_list` becomes `users_list`.
fn without_repetition(words: Vec<String>) -> Vec<String> {
    let twice = (1..=words.len() / 2).rev().find(|n| words[..*n] == words[*n..2 * *n]);
    match twice {
        Some(n) if words.len() > 2 * n => words[n..].to_vec(),
        _ => words,
    }
}
