//! Pages about a connector whose document is full of markup.

use jackfield_runtime::Policies;
use serde_json::json;

use crate::contents::silent;
use crate::wire::Wire;

/// Removes code spans and code blocks from a page, as CommonMark defines them.
fn without_code(page: &str) -> String {
    let mut plain = String::new();
    let mut fence: Option<usize> = None;
    for line in page.lines() {
        let run = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) => {
                if run >= open && line.trim_matches('`').is_empty() {
                    fence = None;
                }
                continue;
            }
            None if run >= 3 && !line[run..].contains('`') => {
                fence = Some(run);
                continue;
            }
            None => {}
        }
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            plain.push_str(&rest[..at]);
            let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let after = &rest[at + run..];
            // A code span ends at the next run of backticks of the same length.
            let mut from = 0;
            let end = loop {
                let Some(next) = after[from..].find('`').map(|next| from + next) else { break None };
                let length = after[next..].len() - after[next..].trim_start_matches('`').len();
                if length == run {
                    break Some(next + length);
                }
                from = next + length;
            };
            match end {
                Some(end) => rest = &after[end..],
                None => panic!("an open code span: {line}"),
            }
        }
        plain.push_str(rest);
        plain.push('\n');
    }
    assert_eq!(fence, None, "an open code block:\n{page}");
    plain
}

#[tokio::test]
async fn markup_in_document_texts_is_escaped_in_every_documentation_page() {
    let mut wire = Wire::open(silent(Policies::none()));
    for (page, expected) in [
        ("overview", "Shop # <img"),
        ("auth", "orders:read"),
        ("groups/books", "<b>bold</b>"),
        ("tools/list_books", "Lists books | [x](y) <i>"),
        ("tools/get_book", "## Not a heading"),
        ("tools/get_order", "content-shop://api/orders/{id}"),
    ] {
        let read =
            wire.modern("1", "resources/read", json!({ "uri": format!("content-shop://docs/{page}") })).await;
        let contents = &read["result"]["contents"][0];
        assert_eq!(contents["mimeType"], "text/markdown", "{read}");
        let text = contents["text"].as_str().unwrap();
        assert!(text.contains(expected), "{page}:\n{text}");
        let plain = without_code(text);
        for markup in ["<", "](", "![", "evil", "Not a heading", "alert", "|", "*", "~"] {
            assert!(!plain.contains(markup), "{page} has {markup}:\n{plain}");
        }
    }
}
