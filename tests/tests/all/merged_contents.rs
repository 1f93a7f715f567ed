//! Prompts, resources and documentation pages of a connector with merged tools.

use std::sync::Arc;

use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{
    Api, Caller, Environment, Permission, Permit, Policies, Service, SurfaceKind, Target, TargetKind,
};
use jackfield_testkit::Upstream;
use serde_json::{Map, Value, json};

use crate::contents::{request, texts, wires};
use crate::merges::{books, both};

/// Permits everything except these tools.
struct Without(&'static [&'static str]);

impl Permit for Without {
    fn decide(&self, _: &Caller, target: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
        let is_hidden = target.kind == TargetKind::Tool && self.0.contains(&target.name);
        if is_hidden { Permission::Hidden } else { Permission::Allowed }
    }

    fn version(&self, _: &Caller) -> u64 {
        1
    }
}

fn service(rows: ConnectorRows, base: &str, hidden: &'static [&'static str]) -> Service {
    let variables = [("MERGED_SHOP_BASE_URL", base), ("MERGED_SHOP_TOKEN", "canary")];
    let policies = Policies::none().permit(Arc::new(Without(hidden)));
    Service::new(Api::new(rows, Environment::of(variables)).with_policies(policies), Vec::new()).unwrap()
}

const SILENT: &str = "http://127.0.0.1:9";
const BY_TITLE: &str = "merged-shop://api/books/by-title?title=Emma";

#[tokio::test]
async fn prompt_is_listed_only_for_callers_who_see_its_merged_tools() {
    for rows in both() {
        for (hidden, is_offered) in [
            (&[][..], true),
            // A caller who may call one operation of a merged tool sees the tool.
            (&["find_book", "burn_book"], true),
            (&["burn_book", "store_book"], false),
        ] {
            let service = service(rows.clone(), SILENT, hidden);
            for (mut wire, is_modern) in wires(&service).await {
                let list = request(&mut wire, is_modern, "prompts/list", json!({})).await;
                let names = texts(&list["result"]["prompts"], "name");
                assert_eq!(names.contains(&"retire"), is_offered, "{hidden:?}: {list}");
                let params = json!({ "name": "retire", "arguments": { "id": "7" } });
                let got = request(&mut wire, is_modern, "prompts/get", params).await;
                let text = &got["result"]["messages"][0]["content"]["text"];
                match is_offered {
                    true => assert_eq!(
                        text, "Read the book 7 with get_book, and retire it with retire_book.",
                        "{got}"
                    ),
                    false => assert_eq!(got["error"]["message"], "there is no prompt `retire`", "{got}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn documentation_page_of_a_merged_tool_shows_only_permitted_operations() {
    for rows in both() {
        for (hidden, shown, not_shown) in [
            (&[][..], &["find_book", "get_book", "`token`", "merged-shop://api/books/by-title"][..], &[][..]),
            (
                &["find_book"],
                &["## Operation `get_book`", "GET /books/{bookId}"],
                &["## Operation `find_book`", "`token`", "merged-shop://api/"],
            ),
            (
                &["get_book"],
                &["## Operation `find_book`", "`token`", "merged-shop://api/books/by-title"],
                &["## Operation `get_book`", "- request: `GET /books/{bookId}`"],
            ),
        ] {
            let service = service(rows.clone(), SILENT, hidden);
            for (mut wire, is_modern) in wires(&service).await {
                let mut page = async |name: &str| {
                    let params = json!({ "uri": format!("merged-shop://docs/{name}") });
                    let read = request(&mut wire, is_modern, "resources/read", params).await;
                    read["result"]["contents"][0]["text"].as_str().unwrap_or_default().to_owned()
                };
                let own = page("tools/get_book").await;
                for part in shown {
                    assert!(own.contains(part), "{hidden:?} {part}\n{own}");
                }
                for part in not_shown {
                    assert!(!own.contains(part), "{hidden:?} {part}\n{own}");
                }
                // An operation of a merged tool has no page of its own, and the overview has no empty line for it.
                assert_eq!(page("tools/find_book").await, "");
                let overview = page("overview").await;
                assert!(
                    overview.contains("- `get_book` (read): `Find a book by its title; Look at one book`"),
                    "{overview}"
                );
                let auth = page("auth").await;
                assert_eq!(auth.contains("`token`"), !hidden.contains(&"find_book"), "{auth}");
            }
        }
    }
}

#[tokio::test]
async fn resource_of_a_merged_operation_needs_permission_for_that_operation() {
    let upstream = Upstream::answering(books()).await.unwrap();
    for rows in both() {
        for (hidden, is_readable) in [
            (&[][..], true),
            (&["get_book"], true),
            // The merged tool is still listed. But the permission for the other operation of the tool does not include this operation.
            (&["find_book"], false),
        ] {
            let service = service(rows.clone(), &upstream.base_url(), hidden);
            for (mut wire, is_modern) in wires(&service).await {
                let list = request(&mut wire, is_modern, "resources/templates/list", json!({})).await;
                let templates = texts(&list["result"]["resourceTemplates"], "uriTemplate").join(" ");
                assert_eq!(templates.contains("by-title"), is_readable, "{hidden:?}: {templates}");
                let read = request(&mut wire, is_modern, "resources/read", json!({ "uri": BY_TITLE })).await;
                let sent = upstream.take();
                if !is_readable {
                    let error = format!("there is no resource `{BY_TITLE}`");
                    assert_eq!((&read["error"]["message"], sent.len()), (&json!(error), 0), "{read}");
                    continue;
                }
                assert!(sent[0].head.starts_with(b"GET /books/by-title?title=Emma "), "{:?}", sent[0].head);
                // The reply rule of the merged tool applies to each of its operations.
                let text = read["result"]["contents"][0]["text"].as_str().unwrap();
                assert!(text.contains("Emma") && !text.contains("cellar"), "{read}");
            }
        }
    }
}

#[tokio::test]
async fn hidden_page_does_not_reveal_a_merged_tool_on_the_search_surface() {
    for rows in both() {
        let service =
            service(rows, SILENT, &["burn_book", "store_book"]).with_surface(SurfaceKind::Search, None);
        let mut wire = crate::wire::Wire::open(service);
        let params = json!({ "uri": "merged-shop://docs/tools/retire_book" });
        let read = wire.modern("1", "resources/read", params).await;
        assert!(read["error"]["message"].as_str().unwrap().starts_with("there is no resource"), "{read}");
        let reference = json!({ "type": "ref/resource", "uri": "merged-shop://docs/tools/{tool}" });
        let params = json!({ "ref": reference, "argument": { "name": "tool", "value": "" } });
        let values = wire.modern("2", "completion/complete", params).await;
        let values = values["result"]["completion"]["values"].clone();
        assert_eq!(values, json!(["save_book", "get_book", "list_loans", "list_orders"]));
    }
}
