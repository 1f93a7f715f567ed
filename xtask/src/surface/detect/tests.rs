use jackfield_build::model::Effect;

use super::*;
use crate::surface::document::{Argument, Tool};
use crate::surface::source::Parameter;

fn tool(method: &str, path: &str, id: &str, name: &str, summary: &str, text: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        title: String::new(),
        description: summary.to_owned(),
        effect: Effect::Write,
        because: method.to_owned(),
        arguments: Vec::new(),
        method: method.to_owned(),
        path: path.to_owned(),
        id: id.to_owned(),
        summary: summary.to_owned(),
        text: text.to_owned(),
        parameters: Vec::new(),
    }
}

fn document(tools: Vec<Tool>) -> Document {
    Document { tools, ..Document::default() }
}

/// Returns the positions of the tools that a detector finds.
fn found(detect: Detector, tools: Vec<Tool>) -> Vec<usize> {
    detect(&document(tools)).into_iter().map(|hit| hit.tool).collect()
}

#[test]
fn each_text_detector_finds_only_its_own_weakness() {
    let of = |description: &str| Tool {
        description: description.to_owned(),
        ..tool("GET", "/books/{id}", "", "", "", "")
    };
    let texts = || {
        vec![
            of("GET /books/{id}"),
            of("Get a book"),
            of("Get a book."),
            of("Gets the book that was sold (if"),
            of("Get a book"),
        ]
    };
    assert_eq!(found(description::identical, texts()), [1, 4]);
    assert_eq!(found(description::route_only, texts()), [0]);
    assert_eq!(found(description::short, texts()), [1, 2, 4]);
    assert_eq!(found(description::unfinished, texts()), [3]);
}

#[test]
fn constraint_counts_as_lost_only_if_the_tool_states_no_constraint() {
    let limits = "Adds books. A book must have a title.\nIt replaces the old one.";
    let kept = Tool {
        description: "Adds books. A book must have a title".to_owned(),
        ..tool("POST", "/b", "", "", "Add", limits)
    };
    let lost = tool("POST", "/b", "", "", "Add books", limits);
    let scope = tool("POST", "/b", "", "", "Add books", "You must have the `write` scope.");
    assert_eq!(found(limit::lost, vec![kept, lost, scope]), [1]);
    for sentence in [
        "You can add up to 10 books",
        "Omitted fields are cleared",
        "Works only for open orders",
        "Requires an open order first",
    ] {
        assert!(limit::is_limit(sentence), "{sentence}");
    }
    for sentence in ["Returns not only books but shelves", "Adds one to the shelf", "Must"] {
        assert!(!limit::is_limit(sentence), "{sentence}");
    }
}

#[test]
fn name_detectors_ignore_words_that_only_look_like_weaknesses() {
    let of = |method: &str, path: &str, id: &str, name: &str, summary: &str| {
        tool(method, path, id, name, summary, "")
    };
    let names = || {
        vec![
            of("GET", "/v1/books", "getV1Books", "get_v1_books", "Books"),
            of("POST", "/v1/books/{id}", "PostBooksId", "post_books_id", "Change a book"),
            of("GET", "/blog/posts", "listPosts", "list_posts", "List posts"),
            of("GET", "/books/{id}", "books/get", "books_a1b2c3", "Get a book"),
            of("POST", "/folders/versions/restore", "restoreVersion", "folder_version", "Restores a version"),
        ]
    };
    assert_eq!(found(name::with_version, names()), [0]);
    assert_eq!(found(name::with_method, names()), [1]);
    assert_eq!(found(name::with_digest, names()), [3]);
    assert_eq!(found(name::without_verb, names()), [1, 3, 4]);
}

#[test]
fn tool_name_keeps_the_verb_if_it_has_a_verb_with_the_same_effect() {
    let of = |id: &str, name: &str, summary: &str| tool("POST", "/books/{id}", id, name, summary, "");
    for (id, name, summary) in [
        ("retrieveBook", "get_book", "Retrieve a book"),
        ("books_attach_shelf", "books_attach_shelf", "Add a shelf to a book"),
        ("books/prune", "books_prune", "Delete old books"),
        ("PutBook", "update_book", "Perform an update of a book"),
        ("PutBook", "replace_book", "Creates or updates a book"),
        ("book", "get_book", "OpenID of a book"),
    ] {
        assert_eq!(found(name::without_verb, vec![of(id, name, summary)]), [0; 0], "{id} {name}");
    }
    for (id, name, summary) in [
        ("restoreBook", "update_book", "Restore a book"),
        ("books/archive", "delete_book", "Archive a book"),
        ("books-cancel-loan", "books_loan", "Cancel a loan"),
        ("books-post-approval", "post_book_approval", "Approve a loan"),
        ("PostBook", "post_book", "Publish a book"),
    ] {
        assert_eq!(found(name::without_verb, vec![of(id, name, summary)]), [0], "{id} {name}");
    }
}

#[test]
fn effect_detector_reports_only_unambiguous_words() {
    let of = |path: &str, id: &str, summary: &str, text: &str| tool("POST", path, id, "", summary, text);
    let posts = || {
        vec![
            of("/books/search", "searchBooks", "Search books", "Returns what fits."),
            of("/books/search", "searchBooks", "Search books", "Creates a job that searches."),
            of("/books/{id}/deletion_job", "createDeletionJob", "Create a deletion job", ""),
            of("/deletion_policy", "setDeletionPolicy", "Set the deletion policy", ""),
            of("/books/{id}", "putBook", "Put a book", "The old one is permanently gone."),
        ]
    };
    let back = || {
        vec![
            of("/books/{id}/deactivate", "", "Deactivate a book", ""),
            of("/books/{id}/activate", "", "Activate", ""),
        ]
    };
    assert_eq!(found(effect::destroying_words, back()), [0; 0]);
    assert_eq!(found(effect::destroying_words, back().into_iter().take(1).collect()), [0]);
    assert_eq!(found(effect::reading_posts, posts()), [0]);
    assert_eq!(found(effect::destroying_words, posts()), [2, 4]);
}

#[test]
fn parameter_counts_as_setting_or_secret_only_if_most_operations_have_it() {
    let parameter = |location: &str, name: &str, has_value: bool| Parameter {
        location: location.to_owned(),
        name: name.to_owned(),
        required: false,
        schema: "{}".to_owned(),
        has_value,
    };
    let argument = |place: &'static str, wire: &str| Argument {
        name: wire.to_owned(),
        required: false,
        text: String::new(),
        documented: "Whatever it may mean".to_owned(),
        wire: Some((place, wire.to_owned())),
    };
    let tools = (0..12).map(|at| Tool {
        parameters: vec![
            parameter("query", "alt", false),
            parameter("header", "x-token", false),
            parameter("query", "limit", true),
        ],
        arguments: vec![argument("query", "alt"), argument("header", "x-token"), argument("query", "limit")],
        ..tool(if at % 2 == 0 { "GET" } else { "POST" }, ["/books", "/orders"][at % 2], "", "", "", "")
    });
    let document = document(tools.collect());
    let details =
        |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.detail).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(argument::setting_like(&document).len(), 12);
    assert_eq!(details(argument::setting_like(&document)), ["alt".to_owned()].into());
    assert_eq!(details(argument::secret_like(&document)), ["x-token".to_owned()].into());
    assert_eq!(argument::without_text(&document).len(), 36);
}
