use jackfield_model::{Code, Diagnostic};
use serde_json::{Value, json};

use super::apply;
use crate::source::{self, Limits};

const DOCUMENT: &str = "
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://a }, { url: https://b }, { url: https://c }]
tags: [{ name: books }]
paths:
  /books: { get: { deprecated: true, parameters: [{ name: limit }], responses: { '200': {}, '500': {} } } }
";

fn overlaid(overlays: &[&str], limits: &Limits) -> Result<Value, Vec<Diagnostic>> {
    let mut parsed = source::parse("api.yaml", DOCUMENT.as_bytes(), limits).unwrap();
    let overlays: Vec<(String, Vec<u8>)> = overlays
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("{at}.overlay.yaml"), text.as_bytes().to_vec()))
        .collect();
    apply(&mut parsed, &overlays, limits).map(|_| parsed.root)
}

/// Applies actions, which are written in YAML's flow style, to a document.
fn after(actions: &str) -> Result<Value, Vec<Diagnostic>> {
    overlaid(&[&format!("overlay: 1.0.0\nactions: [{actions}]")], &Limits::default())
}

/// Returns the errors of an overlay, each as place, problem and code.
fn refusals(overlay: &str) -> Vec<String> {
    let refused = overlaid(&[overlay], &Limits::default()).unwrap_err();
    refused.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn refuses(overlay: &str, expected: &[&str]) {
    assert_eq!(refusals(overlay), expected, "{overlay}");
}

#[test]
fn update_merges_mappings_and_appends_to_lists() {
    let document = after(
        "{ target: $, update: { info: { title: Books, x-new: [1] }, tags: [{ name: orders }] } },
         { target: $.servers, update: { url: https://d } },
         { target: $.servers, update: [{ url: https://e }] }",
    )
    .unwrap();
    assert_eq!(document["info"], json!({ "title": "Books", "version": "1", "x-new": [1] }));
    assert_eq!(document["tags"], json!([{ "name": "books" }, { "name": "orders" }]));
    let urls: Vec<&Value> = document["servers"].as_array().unwrap().iter().map(|it| &it["url"]).collect();
    assert_eq!(urls, ["https://a", "https://b", "https://c", "https://d", "https://e"]);
}

#[test]
fn removal_keeps_the_order_of_other_keys() {
    let document = after("{ target: $.info, remove: true }").unwrap();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["openapi", "servers", "tags", "paths"]);
}

#[test]
fn several_selected_items_of_a_list_are_removed() {
    let document = after("{ target: \"$.servers[0, 2]\", remove: true }").unwrap();
    assert_eq!(document["servers"], json!([{ "url": "https://b" }]));
    let document = after("{ target: $.servers.*, remove: true }").unwrap();
    assert_eq!(document["servers"], json!([]));
}

#[test]
fn selected_values_inside_other_selected_values_are_removed() {
    let document = after("{ target: $.paths..*, remove: true }").unwrap();
    assert_eq!(document["paths"], json!({}));
}

#[test]
fn selected_values_inside_other_selected_values_are_updated() {
    let document = after("{ target: \"$.paths..[?@.get || @.deprecated]\", update: { x-seen: 1 } }").unwrap();
    assert_eq!(document["paths"]["/books"]["x-seen"], json!(1));
    assert_eq!(document["paths"]["/books"]["get"]["x-seen"], json!(1));
}

#[test]
fn action_sees_changes_of_earlier_actions() {
    let document = after(
        "{ target: $.servers, remove: true }, { target: $, update: { servers: [{ url: https://z }] } },
         { target: \"$.servers[0]\", update: { description: Last } }",
    )
    .unwrap();
    assert_eq!(document["servers"], json!([{ "url": "https://z", "description": "Last" }]));
}

#[test]
fn overlay_sees_changes_of_earlier_overlays() {
    let first = "{ overlay: 1.0.0, actions: [{ target: $.info, update: { x-a: { b: 1 } } }] }";
    let second = "{ overlay: 1.1.0, actions: [{ target: $.info.title, update: New },
        { target: \"$.info['x-a'].b\", remove: true }] }";
    let document = overlaid(&[first, second], &Limits::default()).unwrap();
    assert_eq!(document["info"], json!({ "title": "New", "version": "1", "x-a": {} }));
}

#[test]
fn update_key_of_a_removal_action_is_ignored() {
    let document = after("{ target: $.info, remove: true, update: { title: Lost } }").unwrap();
    assert!(document.get("info").is_none());
}

#[test]
fn copy_action_needs_overlay_1_1_and_one_source_value() {
    let copy = |version: &str| {
        let overlay = format!(
            "{{ overlay: {version}, actions: [{{ target: $.paths, update: {{ /new: {{}} }} }},
            {{ target: \"$.paths['/new']\", copy: \"$.paths['/books']\" }}] }}"
        );
        overlaid(&[&overlay], &Limits::default())
    };
    let document = copy("1.1.0").unwrap();
    assert_eq!(document["paths"]["/new"], document["paths"]["/books"]);
    assert!(copy("1.0.0").unwrap_err()[0].problem.contains("needs Overlay 1.1"));
    refuses(
        "{ overlay: 1.1.0, actions: [{ target: $.info, copy: $.servers.* }] }",
        &["0.overlay.yaml#/actions/0/copy: `copy` needs one value, and `$.servers.*` selects 3 (overlay)"],
    );
}

#[test]
fn every_action_that_selects_nothing_is_reported() {
    let refused = refusals(
        "{ overlay: 1.0.0, actions: [{ target: $.nothing, remove: true }, { target: $.info, update: { a: 1 } },
         { target: \"$.paths['/book'].get\", update: {} }] }",
    );
    assert_eq!(
        refused,
        [
            "0.overlay.yaml#/actions/0/target: `$.nothing` selects nothing; its longest matching part is \
             `$` (overlay-unmatched)",
            "0.overlay.yaml#/actions/2/target: `$.paths['/book'].get` selects nothing; its longest matching \
             part is `$.paths` (overlay-unmatched)",
        ]
    );
}

#[test]
fn overlay_1_0_with_a_scalar_target_is_refused() {
    refuses(
        "{ overlay: 1.0.0, actions: [{ target: $.info.title, update: New }] }",
        &[
            "0.overlay.yaml#/actions/0/target: `$.info.title` selects a text at /info/title, and Overlay 1.0 updates \
           only mappings and lists (overlay)",
        ],
    );
    refuses(
        "{ overlay: 1.1.0, actions: [{ target: $.info.title, update: { a: 1 } }] }",
        &["0.overlay.yaml#/actions/0/update: cannot merge a mapping into a text at /info/title (overlay)"],
    );
}

#[test]
fn empty_key_in_update_does_not_delete_a_mapping() {
    refuses(
        "overlay: 1.0.0\nactions:\n- target: $\n  update:\n    info: { title: New }\n    paths:\n",
        &["0.overlay.yaml#/actions/0/update/paths: cannot merge null into a mapping at /paths (overlay)"],
    );
    refuses(
        "{ overlay: 1.0.0, actions: [{ target: $.paths.*, update: { get: { parameters: { name: q } } } }] }",
        &["0.overlay.yaml#/actions/0/update/get/parameters: cannot merge a mapping into a list at \
           /paths/~1books/get/parameters (overlay)"],
    );
    refuses(
        "{ overlay: 1.0.0, actions: [{ target: $.info, update: [1] }] }",
        &["0.overlay.yaml#/actions/0/update: cannot merge a list into a mapping at /info (overlay)"],
    );
}

#[test]
fn removing_the_root_is_refused() {
    refuses(
        "{ overlay: 1.0.0, actions: [{ target: $, remove: true }] }",
        &["0.overlay.yaml#/actions/0/target: the whole document cannot be removed (overlay)"],
    );
}

#[test]
fn invalid_overlay_is_refused_at_the_place_of_the_error() {
    let at = |place: &str, problem: &str| format!("0.overlay.yaml#{place}: {problem} (overlay)");
    for (overlay, place, problem) in [
        ("{ openapi: 3.0.3 }", "", "the file has no `overlay` version"),
        ("{ overlay: 2.0.0 }", "/overlay", "unsupported Overlay version \"2.0.0\""),
        ("{ overlay: 1.x }", "/overlay", "unsupported Overlay version \"1.x\""),
        ("{ overlay: [1] }", "/overlay", "`overlay` is a list, not a version"),
        ("{ overlay: 1.0.0 }", "", "the overlay has no `actions`"),
        ("{ overlay: 1.0, actions: [] }", "/actions", "the overlay has no actions"),
        ("{ overlay: 1, actions: {} }", "/actions", "`actions` is a mapping, not a list"),
        ("{ overlay: 1.0.0, actions: [a] }", "/actions/0", "an action must be a mapping, not a text"),
        ("{ overlay: 1.0.0, actions: [{ update: {} }] }", "/actions/0", "the action has no `target`"),
        (
            "{ overlay: 1.0.0, actions: [{ target: 1, update: {} }] }",
            "/actions/0/target",
            "`target` is a number, not a JSONPath expression",
        ),
        (
            "{ overlay: 1.0.0, actions: [{ target: $ }] }",
            "/actions/0",
            "the action has neither `update` nor `remove: true`",
        ),
        (
            "{ overlay: 1.0.0, actions: [{ target: $, remove: 'true' }] }",
            "/actions/0/remove",
            "`remove` is a text, not a boolean",
        ),
        (
            "{ overlay: 1.0.0, actions: [{ target: $.info, updtae: {}, remove: true }] }",
            "/actions/0/updtae",
            "unknown key `updtae`",
        ),
        (
            "{ overlay: 1.2.0, actions: [{ $ref: '#/components/actions/a', target: $ }] }",
            "/actions/0/$ref",
            "reusable actions are not supported",
        ),
        (
            "{ overlay: 1.1.0, actions: [{ target: $.info, update: {}, copy: $.info }] }",
            "/actions/0/copy",
            "the action has both `update` and `copy`",
        ),
        (
            "{ overlay: 1.0.0, actions: [{ target: $.info.x-a, remove: true }] }",
            "/actions/0/target",
            "`$.info.x-a` is not a JSONPath expression: column 8: a name after a dot may contain only letters, \
             digits and `_`; write ['x-a']",
        ),
    ] {
        refuses(overlay, &[&at(place, problem)]);
    }
}

#[test]
fn extensions_and_descriptions_in_an_overlay_are_ignored() {
    let overlay = "{ overlay: 1.0.0, info: { title: A, version: '1' }, extends: other.yaml, x-a: 1,
        actions: [{ target: $.info, description: Why, x-b: 2, update: { title: B } }] }";
    let document = overlaid(&[overlay], &Limits::default()).unwrap();
    assert_eq!(document["info"]["title"], json!("B"));
}

#[test]
fn update_beyond_the_document_limits_is_refused() {
    let copies = "{ target: $.info, copy: $ },".repeat(40);
    let overlay = format!("{{ overlay: 1.1.0, actions: [{copies}] }}");
    let limits = Limits { nodes: 10_000, ..Limits::default() };
    let refused = overlaid(&[&overlay], &limits).unwrap_err();
    assert!(refused.iter().all(|finding| finding.code == Code::Limit), "{refused:?}");
    let deeper = "{ target: $.info, update: { a: { b: { c: { d: { e: {} } } } } } }";
    let limits = Limits { depth: 6, ..Limits::default() };
    let overlay = |actions: &str| format!("overlay: 1.0.0\nactions:\n- {actions}");
    assert!(overlaid(&[&overlay("{ target: $.info, update: { a: { b: 1 } } }")], &limits).is_ok());
    let refused = overlaid(&[&overlay(deeper)], &limits).unwrap_err();
    assert!(refused.iter().all(|finding| finding.code == Code::Limit), "{refused:?}");
}

#[test]
fn finding_in_an_overlay_shows_the_line_of_the_overlay() {
    let mut parsed = source::parse("api.yaml", DOCUMENT.as_bytes(), &Limits::default()).unwrap();
    let overlay = b"overlay: 1.0.0\nactions:\n- { target: $.info, update: { a: 1, a: 2 } }\n".to_vec();
    let sources = apply(&mut parsed, &[("o.yaml".to_owned(), overlay)], &Limits::default()).unwrap();
    let [finding] = &parsed.findings[..] else { panic!("{:?}", parsed.findings) };
    let place = finding.place.as_ref().unwrap();
    assert_eq!(*place.file, **sources[0].name());
    assert_eq!(sources[0].locate(&place.pointer).unwrap().line, 3);
}
