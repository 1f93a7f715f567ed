//! `[cache]`: the document and connector.toml decide which replies are cached.

use crate::generating::generated;

/// Returns the table entries of the tools whose replies are cached, without spaces, or the error.
fn rows(choices: &str) -> Result<Vec<String>, String> {
    let document = include_str!("../../../../specs/upstream_versions.yaml");
    let generated = generated(document, choices).map_err(|error| error.to_string())?;
    let texts = generated.files.iter().map(|(_, file)| file.text.split_whitespace().collect::<String>());
    let all: String = texts.collect();
    let tools = all.split("Tool::new(\"").skip(1).filter_map(|tool| {
        let (name, caching) = (tool.split('"').next()?, tool.split(".caching(Caching::").nth(1)?);
        let end = caching.find([')', '.', ';'])?;
        Some(format!("{name} {}", caching[..end].replace('(', " ")))
    });
    Ok(tools.collect())
}

#[test]
fn cached_reply_is_revalidated_if_the_document_has_conditional_requests() {
    assert_eq!(rows("").unwrap(), ["list_books Revalidate", "get_book Revalidate", "get_cover Revalidate"]);
}

#[test]
fn cache_table_of_connector_toml_overrides_the_document() {
    let chosen = rows("[cache]\n'*' = 'off'\nlist_shelves = 60\nget_cover = 'revalidate'").unwrap();
    assert_eq!(chosen, ["get_cover Revalidate", "list_shelves Seconds 60"]);
    let all = rows("[cache]\n'*' = 5\nget_cover = 'off'").unwrap();
    assert_eq!(all, ["list_books Seconds 5", "get_book Seconds 5", "list_shelves Seconds 5"]);
}

#[test]
fn cache_selector_chooses_the_tools_whose_replies_are_cached() {
    for (choices, expected) in [
        // The most specific key decides, whatever the order of the keys.
        (
            "'*' = 'off'\n'GET /books*' = 9\nget_book = 'revalidate'",
            &["list_books Seconds 9", "get_book Revalidate"][..],
        ),
        ("'*' = 'off'\n'*_shelves' = 7", &["list_shelves Seconds 7"]),
        (
            "'effect:read' = 5",
            &["list_books Seconds 5", "get_book Seconds 5", "get_cover Seconds 5", "list_shelves Seconds 5"],
        ),
        (
            "'!path:/books*' = 8",
            &[
                "list_books Revalidate",
                "get_book Revalidate",
                "get_cover Seconds 8",
                "list_shelves Seconds 8",
            ],
        ),
    ] {
        assert_eq!(rows(&format!("[cache]\n{choices}")).unwrap(), expected, "{choices}");
    }
}

#[test]
fn error_about_an_invalid_cache_rule_names_the_place_and_the_remedy() {
    for (choices, expected) in [
        (
            "[cache]\nlist_books = 'on'",
            &["connector.toml:3:14", "cannot be \"on\"", "\"off\", \"revalidate\""][..],
        ),
        ("[cache]\nlist_books = 0", &["`list_books` in [cache] cannot be 0", "from 1 to 86400"]),
        ("[cache]\nlist_books = true", &["`list_books` in [cache] is neither a string nor an integer"]),
        (
            "[cache]\nlist_bookz = 5",
            &["`list_bookz` in [cache] matches no tool", "did you mean `list_books`?"],
        ),
        ("[cache]\n'tag:none' = 5", &["`tag:none` in [cache] matches no tool"]),
        (
            "[cache]\n'method:PUT' = 5",
            &["in [cache]: PUT", "it is not a GET with the effect `read`", "remove it"],
        ),
        (
            "[cache]\n'list_*' = 5\n'*_books' = 6",
            &["both match the tool `list_books`", "`list_books = …` to [cache]"],
        ),
        ("[cache]\nreplace_book = 5", &["`replace_book` in [cache]", "PUT /books/{id}", "remove it"]),
    ] {
        let problem = rows(choices).unwrap_err();
        for words in expected {
            assert!(problem.contains(words), "{choices}: no {words:?} in\n{problem}");
        }
    }
}
