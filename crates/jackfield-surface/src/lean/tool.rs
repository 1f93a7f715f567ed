//! Writes the descriptions of tools: what each tool does, and its constraints.

use jackfield_model::text::BODY;
use jackfield_model::{Connector, Operation, ToolName};

use super::apart::{Identity, tell_apart};
use super::say::{Texts, say};

/// Writes the description of a tool. The description does not repeat the name of the tool. If the title repeats the name, clients show the
/// title only to people.
pub(super) fn wording(operation: &mut Operation, name: &str) {
    let (said, body) = described(operation);
    // A long summary was truncated for the title, which people read.
    let summary = operation.stated.summary.as_str();
    let title = if operation.title.ends_with('…') { summary } else { &operation.title };
    // The title of an operation without a summary is its route or the beginning of its description.
    let is_untitled =
        summary.trim().is_empty() || operation.title.starts_with(&format!("{} /", operation.method));
    let texts = Texts {
        name,
        title: if is_untitled { "" } else { title },
        said,
        body,
        method: operation.method.as_str(),
        path: &operation.path,
    };
    operation.description = say(&texts).text();
    operation.title_is_said = true;
}

/// Adds the differences between tools of the same description, and says which tools are deprecated.
pub(super) fn finish(connector: &mut Connector, names: &[ToolName]) {
    let mut texts: Vec<String> = connector.operations().map(|it| it.description.clone()).collect();
    let identities: Vec<Identity<'_>> = connector
        .operations()
        .enumerate()
        .map(|(at, operation)| Identity {
            name: names.get(at).map_or("", ToolName::as_str),
            title: &operation.title,
            method: operation.method.as_str(),
            path: &operation.path,
        })
        .collect();
    tell_apart(&mut texts, &identities);
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, text) in operations.zip(texts) {
        operation.description = text;
        if operation.deprecated && !operation.description.to_lowercase().contains("deprecated") {
            operation.description.insert_str(0, "Deprecated. ");
        }
    }
}

/// Returns the description without the summary, and the part that describes the body.
fn described(operation: &Operation) -> (&str, &str) {
    let (said, body) = parts(undeprecated(&operation.description));
    let after_title = || said.strip_prefix(operation.title.trim_end_matches('…'));
    let rest = after_title().filter(|_| !operation.stated.summary.trim().is_empty());
    let rest = rest.and_then(|rest| if rest.is_empty() { Some("") } else { rest.strip_prefix(".\n\n") });
    (rest.unwrap_or(said), body)
}

/// Splits a description into the text about the operation and the text about the request body, which follows it.
fn parts(description: &str) -> (&str, &str) {
    if let Some(body) = description.strip_prefix(BODY) {
        return ("", body);
    }
    description.split_once(&format!("\n\n{BODY}")).unwrap_or((description, ""))
}

fn undeprecated(description: &str) -> &str {
    description.strip_prefix("Deprecated. ").unwrap_or(description)
}

#[cfg(test)]
mod tests {
    use super::super::tests::connector;
    use super::*;

    fn said(name: &str, title: &str, description: &str, summary: &str) -> String {
        let mut connector = connector(serde_json::json!({}), serde_json::json!({}));
        let mut operation = connector.groups.pop().and_then(|mut group| group.operations.pop()).unwrap();
        (operation.title, operation.description) = (title.to_owned(), description.to_owned());
        operation.path = "/books/{id}".to_owned();
        operation.stated.summary = summary.to_owned();
        wording(&mut operation, name);
        operation.description
    }

    #[test]
    fn tool_description_is_the_action_and_its_first_constraint() {
        for (hazard, name, title, description, expected) in [
            (
                "said by the title",
                "delete_shelf",
                "Delete a shelf by force",
                "Deletes the shelf by force. Readers stay.",
                "Delete a shelf by force",
            ),
            (
                "rights",
                "get_book",
                "Get a printed book",
                "OAuth app tokens need the `books` scope.",
                "Get a printed book",
            ),
            (
                "a question",
                "add_book",
                "Add a book quickly",
                "Starting a new shelf? Take one.",
                "Add a book quickly. Take one",
            ),
            (
                "another action",
                "books_delete",
                "Delete a book",
                "Removes the book from the shelf.",
                "Removes the book from the shelf",
            ),
            (
                "the verb without its object",
                "update_reader",
                "Update a reader",
                "Changes what is sent.",
                "Update a reader. Changes what is sent",
            ),
            (
                "a limit",
                "delete_book",
                "Delete a book",
                "Deletes the book. A book must be on the shelf. It is quick.",
                "Deletes the book. A book must be on the shelf",
            ),
            (
                "the title is the name",
                "lend_old_book",
                "Lend old book",
                "The book is packed. It is sent.",
                "Lend old book. The book is packed",
            ),
            (
                "a limit behind a label",
                "lend_old_book",
                "Lend old book",
                "Note: Only new books are lent.",
                "Lend old book. Only new books are lent",
            ),
            ("only a label", "lend_old_book", "Lend the old book", "Limit: 10", "Lend the old book"),
            (
                "a request",
                "list_books",
                "List All Printed Books",
                "To list books, send a GET request to `/books`.",
                "List All Printed Books",
            ),
            (
                "a pointer",
                "lend_old_book",
                "Lend the old book",
                "For more, see [the guide](https://example.com).",
                "Lend the old book",
            ),
            ("no text", "list_books_of_shelf", "GET /books/{id}", "GET /books/{id}", "List books of shelf"),
            (
                "a body",
                "find_books_of_shelf",
                "GET /books",
                "Body: The books to look for",
                "Find books of shelf. The books to look for",
            ),
            (
                "a long summary",
                "lend",
                "Lend a book",
                "Lend a book. Each reader gets one.",
                "Lend a book. Each reader gets one",
            ),
            ("a short one", "get_book", "Get a book", "", "Get a book by id"),
        ] {
            let description = match description {
                "" => title.to_owned(),
                text if title.starts_with("GET") || text.starts_with("Body") => text.to_owned(),
                text => format!("{title}.\n\n{text}"),
            };
            assert_eq!(said(name, title, &description, title), expected, "{hazard}");
        }
    }

    #[test]
    fn tool_without_a_summary_is_described_by_action_and_constraint() {
        let text =
            "Updates the given loan by setting what is passed. Omitted fields of the loan are cleared.";
        assert_eq!(
            said("update_loan", "Updates the given loan by setting what is passed", text, ""),
            "Updates the loan by setting what is passed. Omitted fields of the loan are cleared"
        );
        let text = "See the guide.\n\nLends a book of the shelf.";
        assert_eq!(said("lend", "See the guide", text, ""), "Lends a book of the shelf");
    }

    #[test]
    fn deprecation_is_mentioned_once() {
        let mut connector = connector(serde_json::json!({}), serde_json::json!({}));
        let operation = &mut connector.groups[0].operations[0];
        operation.title = "watch a book on the shelf".to_owned();
        operation.description = "watch a book on the shelf. deprecated: use the list.".to_owned();
        operation.deprecated = true;
        crate::lean::lean(&mut connector, &[]);
        let operation = &connector.groups[0].operations[0];
        assert_eq!(operation.description, "Deprecated. watch a book on the shelf");
        crate::lean::lean(&mut connector, &[]);
        assert_eq!(connector.groups[0].operations[0].description, "Deprecated. watch a book on the shelf");
    }
}
