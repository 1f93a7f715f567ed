use super::hit::{Hit, each};
use super::verb;
use crate::surface::document::{Document, Tool};
use crate::surface::text::words;

/// HTTP methods. In a name, they do not count as verbs.
const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];
/// The numbers of digits that digests in generated names have.
const DIGESTS: [usize; 3] = [6, 10, 16];

/// Finds names that contain a version, such as `v1`, `v2beta1` or `2022_11_28`.
pub(super) fn with_version(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let parts: Vec<&str> = tool.name.split(['_', '-', '.']).collect();
        let is_version = |part: &&&str| {
            let mut rest = part.strip_prefix('v').unwrap_or_default().chars();
            rest.next().is_some_and(|c| c.is_ascii_digit()) && rest.all(char::is_alphanumeric)
        };
        let is_number =
            |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        let is_date =
            |window: &[&str]| is_number(window[0], 4) && is_number(window[1], 2) && is_number(window[2], 2);
        let date = || parts.windows(3).find(|window| is_date(window)).map(|window| window.join("_"));
        parts.iter().find(is_version).map(|part| (*part).to_owned()).or_else(date)
    })
}

/// Finds names that contain an HTTP method, because the operationId consists of method and path, or because the
/// method precedes another verb.
pub(super) fn with_method(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let name = words(&tool.name);
        let method = tool.method.to_lowercase();
        let at =
            name.iter().position(|word| *word == method).filter(|_| METHODS.contains(&method.as_str()))?;
        // `post` is also a noun: a blog has posts.
        let is_thing = words(&tool.path).iter().any(|word| word.strip_suffix('s').unwrap_or(word) == method);
        let is_verb_of_its_own = ["get", "delete"].contains(&method.as_str());
        let is_last = at > 0 && at + 1 == name.len();
        let found = match is_verb_of_its_own {
            // `books_get` from `/books` counts; `get_books` is a good name.
            true => is_last && is_route(tool),
            false => !is_thing && (is_route(tool) || at == 0 || is_last),
        };
        found.then_some(method)
    })
}

/// Whether the operationId consists mostly of method and path.
fn is_route(tool: &Tool) -> bool {
    let id = words(&tool.id);
    let route = words(&format!("{} {}", tool.method, tool.path));
    let known =
        id.iter().filter(|word| route.contains(word) || ["by", "id", "using"].contains(&word.as_str()));
    tool.id.is_empty() || 5 * known.count() >= 4 * id.len()
}

/// Finds names that end with digits of a digest.
pub(super) fn with_digest(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let last = tool.name.rsplit('_').next()?;
        let is_hex = last.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let is_said = format!("{} {}", tool.id, tool.path).to_lowercase().contains(last);
        (DIGESTS.contains(&last.len()) && is_hex && !is_said && tool.name.contains('_'))
            .then(|| last.to_owned())
    })
}

/// Finds names that lack the verb of their operation: the verb at the beginning or end of the operationId, or at the beginning of the
/// summary.
pub(super) fn without_verb(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let name = words(&tool.name);
        let said = verb::said(tool);
        let is_there = said.iter().any(|verb| verb::stands_in(verb, &name));
        (!said.is_empty() && !is_there).then(|| said.join(", "))
    })
}
