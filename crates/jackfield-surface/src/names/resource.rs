//! Names that consist of a verb for the method and the last resource of the path.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::number::{is_plural, singular, singular_name};
use super::route::{Segment, is_version};
use super::snake::snake;
use super::split::SplitOperation;
use crate::vocabulary::{is_noun_of, is_verb, leading_verb, looks, only_looks, telling_verb};

/// Words that connect the words of a route in an operationId.
const LINKS: [&str; 13] =
    ["a", "all", "an", "and", "api", "by", "for", "from", "id", "identifier", "of", "the", "with"];

/// A verb, and the resources to which it applies, outermost first.
struct Deed {
    verb: String,
    nouns: Vec<String>,
    /// The words that follow the resources: `by_status`.
    rest: String,
}

/// Returns names of an operation made from its route, in order of preference: with its last two resources, then with
/// more of them. Returns no name if neither the method nor the words contain a verb.
pub(super) fn resource_names(operation: &SplitOperation<'_>, skipped: usize) -> Vec<String> {
    let segments = operation.segments.get(skipped..).unwrap_or_default();
    let Some(Deed { verb, nouns, rest }) = deed(operation, segments) else {
        return Vec::new();
    };
    if nouns.is_empty() && rest.is_empty() {
        return vec![verb];
    }
    let least = nouns.len().min(2);
    let mut names: Vec<String> = (least..=nouns.len())
        .map(|count| {
            let mut words = vec![verb.as_str()];
            words.extend(nouns[nouns.len() - count..].iter().map(String::as_str));
            words.extend((!rest.is_empty()).then_some(rest.as_str()));
            words.join("_")
        })
        .collect();
    names.dedup();
    names
}

fn deed(operation: &SplitOperation<'_>, segments: &[Segment]) -> Option<Deed> {
    let method = operation.model.method.as_str();
    let stated = &operation.model.stated;
    let said = || operation.telling_verb.clone().or_else(|| telling_verb(&stated.sentence));
    let reads = || operation.leading_verb.as_ref().map(|_| "get".to_owned());
    let replaces =
        || said().filter(|verb| verb != "create" && verb != "add").unwrap_or_else(|| "replace".to_owned());
    let literals: Vec<&str> = segments.iter().filter_map(Segment::literal).collect();
    let last = segments.last()?;
    let Segment::Literal(last) = last else {
        let verb = match method {
            "GET" => "get".to_owned(),
            "HEAD" => "check".to_owned(),
            "PUT" => replaces(),
            "PATCH" => said().unwrap_or_else(|| "update".to_owned()),
            "DELETE" => said().unwrap_or_else(|| "delete".to_owned()),
            "POST" => said().unwrap_or_else(|| "update".to_owned()),
            _ => return None,
        };
        return (!literals.is_empty()).then(|| Deed {
            verb,
            nouns: nouns(&literals, true),
            rest: String::new(),
        });
    };
    let before = &literals[..literals.len() - 1];
    let is_inside = matches!(segments.iter().rev().nth(1), Some(Segment::Variable(_)));
    if let Some(action) = action(operation, last, is_inside) {
        let (verb, rest) = action.split_once('_').unwrap_or((&action, ""));
        // In `/users/createWithList`, the resource is `users`. In `/findNearbyCafes`, it is `cafes`.
        let is_about_parent = rest.is_empty() || LINKS.contains(&rest.split('_').next().unwrap_or_default());
        let nouns = if is_about_parent { nouns(before, is_inside) } else { Vec::new() };
        return Some(Deed { verb: verb.to_owned(), nouns, rest: rest.to_owned() });
    }
    let many = is_plural(last.rsplit('_').next().unwrap_or(last));
    let (verb, one) = match method {
        "GET" if many || operation.leads_with(|verb| verb == "list") => ("list".to_owned(), false),
        "GET" => ("get".to_owned(), false),
        "HEAD" => ("check".to_owned(), false),
        "POST" if many => {
            let verb = said().unwrap_or_else(|| "create".to_owned());
            let one = matches!(verb.as_str(), "create" | "add" | "register" | "upload" | "send" | "submit");
            (verb, one)
        }
        "POST" => (said().or_else(reads)?, false),
        "PUT" => (replaces(), false),
        "PATCH" => (said().unwrap_or_else(|| "update".to_owned()), false),
        "DELETE" => (said().unwrap_or_else(|| "delete".to_owned()), false),
        _ => return None,
    };
    // `POST /orders/{id}/cancellation` cancels an order.
    let (thing, noun) = last.rsplit_once('_').unwrap_or(("", last));
    let nouns = match is_noun_of(noun, &verb) {
        true if !thing.is_empty() => nouns(&[before, &[thing]].concat(), true),
        true if is_inside => nouns(before, true),
        _ => nouns(&literals, one),
    };
    Some(Deed { verb, nouns, rest: String::new() })
}

/// Returns the action at the end of a path, verb first: `capture`, `find_by_status`.
fn action(operation: &SplitOperation<'_>, last: &str, is_inside: bool) -> Option<String> {
    let (verb, object) = last.split_once('_').unwrap_or((last, ""));
    let gets = operation.model.method.as_str() == "GET";
    let summary = operation.leading_verb.as_deref();
    let stated = &operation.model.stated;
    let needs_article = gets || !object.is_empty();
    let is_said = summary == Some(verb) || !is_plural(last) && says(&stated.summary, verb, needs_article);
    // The last segment is a noun in `GET /exchange_rates`, in `GET /test` with the summary `Get a test`, and in `POST /test_clocks` with
    // the summary `Creates a test clock`.
    let is_of_id = || operation.model.id.as_ref().is_some_and(|id| begins_with(id.as_str(), verb));
    let told = || leading_verb(&stated.sentence).is_some_and(|told| told != verb);
    let is_thing = match gets {
        true => !looks(verb) && !is_of_id() && (!object.is_empty() || summary.is_some_and(only_looks)),
        false => !object.is_empty() && is_plural(object) && (summary.is_some() || told()),
    };
    // In `GET /books/list` and `POST /charges/{id}/capture`, the last segment is an action. In `GET
    // /shares/{id}/transfer`, it is a noun.
    let is_action = is_said || (is_verb(verb) && !is_thing && (!gets || !is_inside || verb == "search"));
    is_action.then(|| last.to_owned())
}

/// Whether an operationId begins with that verb after its tag.
fn begins_with(id: &str, verb: &str) -> bool {
    let own = id.rsplit(['/', '.', ':', '#']).next().unwrap_or_default();
    snake(own).split('_').next() == Some(verb)
}

/// Whether the summary begins with that verb, in its base form or in the third person, followed by an
/// object. An unknown word may be a noun, so an article has to follow it.
fn says(summary: &str, verb: &str, needs_article: bool) -> bool {
    let mut words = summary.split_whitespace().map(str::to_lowercase);
    let first = words.next().unwrap_or_default();
    let is_followed = match words.next() {
        Some(next) => {
            !needs_article || is_verb(verb) || ["a", "all", "an", "the", "your"].contains(&next.as_str())
        }
        None => is_verb(verb),
    };
    is_followed && ["", "s", "es"].iter().any(|end| first.strip_suffix(end) == Some(verb))
}

/// Returns the nouns of a path in the singular. If `one` is false, the last noun is kept as written.
fn nouns(literals: &[&str], one: bool) -> Vec<String> {
    let mut nouns: Vec<String> = Vec::new();
    for (at, literal) in literals.iter().enumerate() {
        if is_version(literal) {
            continue;
        }
        let is_last = at + 1 == literals.len();
        let noun = if is_last && !one { (*literal).to_owned() } else { singular_name(literal) };
        // The name for `/customers/{id}/customer_sources` contains `customer` once.
        if nouns.last().is_some_and(|before| noun == *before || noun.starts_with(&format!("{before}_"))) {
            nouns.pop();
        }
        nouns.push(noun);
    }
    nouns
}

/// Whether the operationId only repeats method and path.
pub(super) fn is_route_like(id: &str, operation: &SplitOperation<'_>) -> bool {
    let method = operation.method.as_str();
    let id = snake(id);
    let words: Vec<&str> = id.split('_').collect();
    let is_known = |word: &str| {
        word == method
            || LINKS.contains(&word)
            || is_version(word)
            || operation.singulars.contains(&*singular(word))
    };
    // The name `search` for `/search` has a verb of its own, whereas `get_charges_search` begins with the
    // method.
    let has_method = words.first() == Some(&method) || words.last() == Some(&method);
    let is_of_route = |word: &str| operation.words.iter().any(|other| other == word);
    let is_own = |word: &str| word != method && !(has_method && is_of_route(word));
    let has_verb = words.iter().any(|word| is_verb(word) && is_own(word));
    !has_verb && words.iter().all(|word| is_known(word)) && !is_last_segment(&words, operation)
}

/// Whether the name without the method ends in the singular and consists of the words of the last path segment, in any order. Such a name
/// may contain a verb, as in `analyze_location`, or mean one item of a collection.
fn is_last_segment(words: &[&str], operation: &SplitOperation<'_>) -> bool {
    let Some(last) = operation.last_literal() else { return false };
    let is_one = words.last().is_some_and(|word| !is_plural(word));
    let own = || words.iter().map(|word| singular(word)).collect::<BTreeSet<_>>();
    is_one && own() == last.split('_').map(singular).collect()
}

/// Replaces the HTTP method in a name by the verb of the name that was made from the resource: `get_chat_messages` becomes
/// `list_chat_messages`. None if the result repeats a word or contains a version.
pub(super) fn with_verb_of(resource: &str, name: &str, operation: &SplitOperation<'_>) -> Option<String> {
    let (method, nouns) = name.split_once('_')?;
    let words: Vec<String> = nouns.split('_').map(|word| singular(word).into_owned()).collect();
    let is_once = words.iter().enumerate().all(|(at, word)| !words[..at].contains(word));
    let is_good = is_once && !words.iter().any(|word| is_version(word) || LINKS.contains(&word.as_str()));
    if !method.eq_ignore_ascii_case(&operation.method) || !is_good {
        return None;
    }
    let verb = resource.split('_').next()?;
    let last = resource.rsplit('_').next()?;
    // A request to a collection creates one item.
    let (rest, own) = nouns.rsplit_once('_').map_or(("", nouns), |(rest, own)| (rest, own));
    let own = if singular(own) == singular(last) && !is_plural(last) { last } else { own };
    let acts = operation.last_literal().is_some_and(is_verb);
    let words = [verb, rest, own].into_iter().filter(|word| !word.is_empty());
    (!acts).then(|| words.collect::<Vec<_>>().join("_"))
}

/// Whether an operationId is kept instead of the name made from the resource. Its verb has to fit, and it must contain no version, no
/// variable of the path, and no word twice.
pub(super) fn is_as_good(name: &str, resource: &str, operation: &SplitOperation<'_>) -> bool {
    let words: Vec<Cow<'_, str>> = name.split('_').map(singular).collect();
    let is_once = words.iter().enumerate().all(|(at, word)| !words[..at].contains(word));
    let verb = words.first().map_or("", AsRef::as_ref);
    let is_one = || name.rsplit('_').next().is_some_and(|last| !is_plural(last));
    // In `image_load`, `load` may be a verb.
    let may_act = || {
        let last = operation.last_literal();
        operation.model.method.as_str() == "POST"
            && !words.iter().any(|word| word == "post")
            && last.is_some_and(|last| !is_plural(last))
    };
    let is_verb_good = resource.split('_').next() == Some(verb)
        || (verb == "delete" && operation.model.method.as_str() == "DELETE")
        || (verb == "get" && resource.starts_with("list_") && is_one())
        || may_act();
    // `get_products_id` also contains the variable of the path, whereas `get_product_by_id` is an English
    // phrase.
    let has_variable =
        matches!(words.as_slice(), [.., before, last] if last == "id" && !LINKS.contains(&before.as_ref()));
    is_verb_good && is_once && !has_variable && !words.iter().any(|word| is_version(word))
}
