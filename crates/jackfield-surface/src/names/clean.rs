//! Candidates for the name of an operation, best first: its operationId without prefixes and suffixes that
//! frameworks add.

use jackfield_model::{Group, Operation};

use super::number::{is_plural, singular, singular_name};
use super::overview::Overview;
use super::resource::{is_as_good, is_route_like, resource_names, with_verb_of};
use super::route::{is_version, noise, path_words, words_of_route};
use super::snake::snake;
use super::verbs::{is_verb, looks, telling_verb};

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

/// The candidates of an operation, best first and without duplicates: the name made from its resource if the
/// operationId only repeats the route, the cleaned id, the cleaned id with its tag, and the whole id.
pub(super) fn wishes(operation: &Operation, tag: &str, overview: &Overview) -> Vec<String> {
    let id = operation.id.as_ref().map(|id| id.as_str());
    let id = id.filter(|id| snake(id).bytes().any(|b| b.is_ascii_alphanumeric()));
    let mut wishes = Vec::new();
    let mut wish = |name: String| {
        if !name.is_empty() && !wishes.contains(&name) {
            wishes.push(name);
        }
    };
    let resource = resource_names(operation, overview.shared_segments);
    let Some(id) = id else {
        resource.into_iter().for_each(&mut wish);
        wish(snake(&format!("{} {}", operation.method, path_words(&operation.path))));
        return wishes;
    };
    let whole = snake(id);
    let cleaned = cleaned(id, operation);
    let name = cleaned.as_deref().unwrap_or(&whole);
    let is_route = is_route_like(name, operation) || is_route_like(id, operation);
    let stays = resource.first().is_none_or(|resource| is_as_good(name, resource, operation));
    if is_route && !stays {
        let swapped = resource.first().and_then(|resource| with_verb_of(resource, name, operation));
        swapped.into_iter().chain(resource).for_each(&mut wish);
    }
    if let Some(cleaned) = cleaned.filter(|name| *name != whole) {
        let tag = snake(tag.trim_end_matches("-controller").trim_end_matches("Controller"));
        if !BARE.contains(&cleaned.as_str()) {
            wish(cleaned.clone());
        }
        let is_said = cleaned.split('_').any(|word| singular(word) == singular_name(&tag));
        if !tag.is_empty() && tag != Group::UNTAGGED && !is_said {
            wish(format!("{tag}_{cleaned}"));
        }
    }
    wish(whole);
    wishes
}

/// The id without the parts that a framework generated from the method and path of the operation, or from its
/// class.
fn cleaned(id: &str, operation: &Operation) -> Option<String> {
    let id = without_springfox(id, operation.method.as_str());
    let id = without_fastapi(id, operation).unwrap_or(id);
    let id = without_controller(id);
    let words: Vec<String> = snake(&id).split('_').map(str::to_owned).collect();
    let words = without_version(words, &operation.path);
    let words = without_articles(without_repetition(words));
    let words = with_verb(words, operation);
    let name = words.join("_");
    name.bytes().any(|b| b.is_ascii_alphabetic()).then_some(name)
}

/// Springfox: `listUsingGET_1` becomes `list`.
fn without_springfox<'i>(id: &'i str, method: &str) -> &'i str {
    let end = id.rfind(&format!("Using{method}")).filter(|at| *at > 0);
    let Some(end) = end else { return id };
    let rest = &id[end + 5 + method.len()..];
    let numbered = rest.strip_prefix('_').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if rest.is_empty() || numbered { &id[..end] } else { id }
}

/// FastAPI appends path and method to the function's name: `read_item_items__item_id__get` for `GET
/// /items/{item_id}`. A single remaining word may belong to the path: `admin_users_get` does not become
/// `admin`, but `login_login_post` becomes `login`.
fn without_fastapi<'i>(id: &'i str, operation: &Operation) -> Option<&'i str> {
    let path: String =
        operation.path.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let end = format!("{path}_{}", operation.method.as_str().to_ascii_lowercase());
    let function = id.strip_suffix(end.as_str()).filter(|function| !function.is_empty())?;
    let last = operation.path.rsplit('/').find(|segment| !segment.is_empty());
    let unmistakable = function.contains('_') || last.is_none_or(|last| last == function);
    unmistakable.then_some(function)
}

/// NestJS and others: `TagsController_findAll` becomes `Tags_findAll`.
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
fn without_version(mut words: Vec<String>, path: &str) -> Vec<String> {
    let route = words_of_route(path);
    let prefix = noise(path);
    // `getApiV1Users` begins with a verb.
    let from = usize::from(words.first().is_some_and(|word| BARE.contains(&word.as_str())));
    while words.len() > from + 1 && prefix.contains(&words[from]) {
        words.remove(from);
    }
    let is_of_route = |word: &String| is_version(word) && word.starts_with('v') && route.contains(word);
    let rest: Vec<String> = words.iter().filter(|word| !is_of_route(word)).cloned().collect();
    if rest.is_empty() { words } else { rest }
}

/// `retrieve_a_book` becomes `retrieve_book`.
fn without_articles(words: Vec<String>) -> Vec<String> {
    let last = words.len().saturating_sub(1);
    let is_article = |word: &str| matches!(word, "a" | "an" | "the");
    let kept =
        words.into_iter().enumerate().filter(|(at, word)| *at == 0 || *at == last || !is_article(word));
    kept.map(|(_, word)| word).collect()
}

/// Whether a name says that something is read: it begins or ends with a verb, or contains a verb that only
/// reads.
fn reads(words: &[String]) -> bool {
    let is = |word: Option<&String>| word.is_some_and(|word| is_verb(word));
    is(words.first()) || is(words.last()) || words.iter().any(|word| looks(word))
}

/// Uses a verb instead of the method: `put_book` and `book_put` become `replace_book`, unless the summary has
/// a better verb. `workers_post_run_model` becomes `workers_run_model`. An id without a verb gets a verb that
/// reads.
fn with_verb(mut words: Vec<String>, operation: &Operation) -> Vec<String> {
    let method = operation.method.as_str().to_ascii_lowercase();
    let said = telling_verb(&operation.stated.summary);
    let usual = match method.as_str() {
        "put" => Some("replace"),
        "patch" => Some("update"),
        _ => None,
    };
    // If an id only repeats the route, a name made from the resource replaces it.
    if words.len() < 2 || (method != "get" && is_route_like(&words.join("_"), operation)) {
        return words;
    }
    let last = words.len() - 1;
    let verb = said.or_else(|| usual.map(str::to_owned));
    let is_writing = matches!(method.as_str(), "put" | "patch" | "post");
    let at = words.iter().position(|word| *word == method).filter(|_| is_writing);
    match (at, verb) {
        (Some(at), _) if at > 0 && at < last && is_verb(&words[at + 1]) => {
            words.remove(at);
        }
        (Some(at), Some(verb)) if at < last => words[at] = verb,
        (Some(_), Some(verb)) => {
            words.pop();
            if !words.contains(&verb) {
                words.insert(0, verb);
            }
        }
        (None, _) if method == "get" && !reads(&words) => {
            let verb = if is_plural(&words[last]) { "list" } else { "get" };
            words.insert(0, verb.to_owned());
        }
        _ => {}
    }
    words
}

/// `users_users_list` becomes `users_list`, because the name already begins with the tag.
fn without_repetition(words: Vec<String>) -> Vec<String> {
    let twice = (1..=words.len() / 2).rev().find(|n| words[..*n] == words[*n..2 * *n]);
    match twice {
        Some(n) if words.len() > 2 * n => words[n..].to_vec(),
        _ => words,
    }
}
