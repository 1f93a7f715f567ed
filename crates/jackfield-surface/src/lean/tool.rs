//! The description of a tool: one sentence for the model.

use std::collections::BTreeSet;

use jackfield_model::Operation;
use jackfield_model::text::{BODY, says_deprecated, shorten};

use super::sentence::{self, joined};
use super::words::words;

/// The maximum length of a tool's description, in characters.
const LONGEST: usize = 140;

/// Openings of sentences beside the point: who may call, and other remarks.
const REMARKS: [&str; 24] = [
    "oauth app tokens",
    "oauth tokens and",
    "for oauth app tokens",
    "if this endpoint is only used",
    "personal access tokens",
    "fine-grained",
    "the authenticated user must",
    "authenticated users must",
    "anyone with ",
    "only available ",
    "protected branches are available",
    "this endpoint is in public preview",
    "closing down notice",
    "endpoint closing down notice",
    "signature verification object",
    "permissions:",
    "note:",
    "notes:",
    "note that ",
    "please note",
    "warning:",
    "important:",
    "tip:",
    "caution:",
];

/// Writes the sentence. It does not repeat the name; titles that do are left to people.
pub(super) fn wording(operation: &mut Operation, name: &str) {
    let title = joined(&operation.title);
    let is_route = title.starts_with(&format!("{} /", operation.method));
    let described = described(operation);
    // An operation without a summary has the beginning of its description as title.
    let untitled = is_route || described.is_none();
    let said = described.unwrap_or_else(|| undeprecated(&operation.description)).to_owned();
    let titled = words(&title);
    let first = if untitled {
        let to_the_point = sentence::worth(&said).find(|sentence| !is_remark(sentence, &titled));
        to_the_point.or_else(|| sentence::sentences(&said).next())
    } else {
        sentence::worth(&said).find(|sentence| !is_remark(sentence, &titled))
    };
    let mut text = match first {
        Some(first) if is_route && first.starts_with(BODY) => format!("{}. {first}", unnamed(&title)),
        Some(first) if untitled => first,
        Some(first) if !is_title_again(&first, &titled) => {
            let known = &words(name) | &words(&first);
            if titled.is_subset(&known) && is_about(&first, &titled) {
                first
            } else {
                format!("{}. {first}", title.trim_end_matches('.'))
            }
        }
        _ if is_route => unnamed(&title),
        _ => title,
    };
    text = shorten(text.trim_end_matches(['.', ':']), LONGEST);
    if operation.deprecated && !text.to_lowercase().contains("deprecated") {
        text.insert_str(0, "Deprecated. ");
    }
    operation.description = text;
    operation.title_is_said = true;
}

/// The description without the title; none if the title is its beginning. Descriptions of the body are left to the
/// arguments.
fn described(operation: &Operation) -> Option<&str> {
    let said = undeprecated(&operation.description);
    let said = said.split(&format!("\n\n{BODY}")).next().unwrap_or_default();
    let Some(rest) = said.strip_prefix(operation.title.trim_end_matches('…')) else { return Some(said) };
    if rest.is_empty() { Some("") } else { rest.strip_prefix(".\n\n") }
}

fn undeprecated(description: &str) -> &str {
    description.strip_prefix("Deprecated. ").unwrap_or(description)
}

/// Whether the sentence says what the title says, and how a client would write the request at most.
fn is_title_again(sentence: &str, titled: &BTreeSet<String>) -> bool {
    const REQUESTS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let is_request = || REQUESTS.iter().any(|method| sentence.contains(&format!(" {method} request")));
    words(sentence).is_subset(titled) || (!titled.is_empty() && is_request())
}

/// Whether the sentence is about what the title names: it has a third of its words at least. One word names nothing.
fn is_about(sentence: &str, titled: &BTreeSet<String>) -> bool {
    titled.len() < 2 || words(sentence).intersection(titled).count() * 3 >= titled.len()
}

/// Whether the sentence is beside the point, as one is that asks, or only begins a list or an example.
fn is_remark(sentence: &str, titled: &BTreeSet<String>) -> bool {
    let lower = sentence.to_lowercase();
    lower.ends_with('?')
        || (lower.ends_with(':') && !is_about(sentence, titled))
        || REMARKS.iter().any(|words| lower.starts_with(words))
        || says_deprecated(&lower)
}

/// A route without the names of its variables: the arguments have them.
fn unnamed(route: &str) -> String {
    let mut parts = route.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |route, part| route + "{" + part.trim_start_matches(|c| c != '}'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::connector;
    use super::*;

    fn said(name: &str, title: &str, description: &str) -> String {
        let mut connector = connector(serde_json::json!({}), serde_json::json!({}));
        let mut operation = connector.groups.pop().and_then(|mut group| group.operations.pop()).unwrap();
        (operation.title, operation.description) = (title.to_owned(), description.to_owned());
        operation.deprecated = says_deprecated(description);
        wording(&mut operation, name);
        operation.description
    }

    #[test]
    fn description_is_the_first_telling_sentence() {
        for (name, title, description, expected) in [
            // Said by the title, and then something else.
            (
                "delete_shelf",
                "Delete a shelf",
                "Delete a shelf.\n\nDeletes the shelf. Readers need a card.",
                "Delete a shelf",
            ),
            (
                "get_book",
                "Get a book",
                "Get a book.\n\nOAuth app tokens need the `books` scope.",
                "Get a book",
            ),
            (
                "add_book",
                "Add a book",
                "Add a book.\n\nStarting a new shelf? Puts the book on it.",
                "Puts the book on it",
            ),
            ("get_loan", "Get a loan", "Get a loan.\n\nThis is useful for:\n\nText", "Get a loan. Text"),
            // A name that was cut does not say what it lost.
            (
                "books_shelf_1f2e3d",
                "Delete a book",
                "Delete a book.\n\nRemoves it from the shelf.",
                "Delete a book. Removes it from the shelf",
            ),
            (
                "delete_book",
                "Delete a book",
                "Delete a book.\n\nRemoves the book from the shelf.",
                "Removes the book from the shelf",
            ),
            (
                "delete_book",
                "Delete a book",
                "Delete a book.\n\nShelves stay.",
                "Delete a book. Shelves stay",
            ),
            // How a client would write the request.
            (
                "list_books",
                "List All Books",
                "List All Books.\n\nTo list books, send a GET request to `/books`.",
                "List All Books",
            ),
            ("list_books", "GET /books/{id}", "GET /books/{id}", "GET /books/{}"),
            (
                "list_books",
                "GET /books",
                "Body: The books to look for",
                "GET /books. Body: The books to look for",
            ),
            ("list_books", "List books", "List books\n\nBody: The books to look for", "List books"),
        ] {
            assert_eq!(said(name, title, description), expected, "{name}: {description}");
        }
    }

    #[test]
    fn deprecation_is_told_once() {
        let watch = "watch a book. deprecated: use the list.";
        assert_eq!(said("watch_book", "watch a book", watch), "Deprecated. watch a book");
        assert_eq!(said("get", "[Deprecated] Get", "[Deprecated] Get"), "[Deprecated] Get");
    }
}
