//! Permissions for the resources, prompts and documentation pages of connector.toml, and the audit records of their requests.

use std::sync::Arc;

use jackfield_runtime::{
    AuditEvent, AuditRecord, Caller, Effect, Permission, Permit, Policies, Target, TargetKind,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::content_shop;
use serde_json::{Map, Value, json};

use crate::contents::{BOOK, BOOKS, ORDER, request, service, silent, texts, wires};
use crate::recorder::{Recorder, Step};
use crate::wire::Wire;

/// Permits everything except these tools.
struct Without(&'static [&'static str]);

impl Permit for Without {
    fn decide(&self, _: &Caller, target: Target<'_>, arguments: Option<&Map<String, Value>>) -> Permission {
        // Policies are asked about the target that is completed, and not about the completion.
        assert_ne!(target.kind, TargetKind::Completion);
        match target.kind {
            TargetKind::Tool if self.0.contains(&target.name) => Permission::Hidden,
            TargetKind::Tool if arguments.is_some_and(|it| it.get("book-id") == Some(&json!("secret"))) => {
                Permission::ArgumentsRefused("no secrets".to_owned())
            }
            _ => Permission::Allowed,
        }
    }

    fn version(&self, _: &Caller) -> u64 {
        1
    }
}

#[tokio::test]
async fn resources_prompts_and_pages_of_a_forbidden_tool_are_hidden() {
    let hidden = Policies::none().permit(Arc::new(Without(&["get_order", "get_cover"])));
    for (mut wire, is_modern) in wires(&silent(hidden)).await {
        let mut get = async |method: &str, params: Value| request(&mut wire, is_modern, method, params).await;
        let list = get("resources/templates/list", json!({})).await;
        assert_eq!(texts(&list["result"]["resourceTemplates"], "uriTemplate")[2..], [BOOKS, BOOK]);
        let list = get("prompts/list", json!({})).await;
        assert_eq!(texts(&list["result"]["prompts"], "name"), ["find_gift"]);

        // A hidden target gets exactly the same answer as a target that does not exist.
        for (method, hidden, unknown, hidden_name, unknown_name) in [
            (
                "resources/read",
                json!({ "uri": "content-shop://api/orders/7" }),
                json!({ "uri": "content-shop://api/ordres/7" }),
                "orders",
                "ordres",
            ),
            (
                "resources/read",
                json!({ "uri": "content-shop://docs/tools/get_order" }),
                json!({ "uri": "content-shop://docs/tools/get_ordre" }),
                "get_order",
                "get_ordre",
            ),
            (
                "resources/read",
                json!({ "uri": "content-shop://docs/groups/orders" }),
                json!({ "uri": "content-shop://docs/groups/ordres" }),
                "orders",
                "ordres",
            ),
            (
                "prompts/get",
                json!({ "name": "check_order", "arguments": { "id": "1" } }),
                json!({ "name": "check_ordre", "arguments": { "id": "1" } }),
                "check_order",
                "check_ordre",
            ),
        ] {
            let hidden = get(method, hidden).await["error"].to_string();
            let unknown = get(method, unknown).await["error"].to_string();
            assert_eq!(hidden, unknown.replace(unknown_name, hidden_name), "{method}");
            assert!(hidden.contains("there is no"), "{hidden}");
        }
        for (reference, argument) in [
            (json!({ "type": "ref/resource", "uri": ORDER }), "id"),
            (json!({ "type": "ref/prompt", "name": "check_order" }), "id"),
        ] {
            let params = json!({ "ref": reference, "argument": { "name": argument, "value": "" } });
            assert!(get("completion/complete", params).await["error"].is_object());
        }
        let reference = json!({ "type": "ref/resource", "uri": "content-shop://docs/tools/{tool}" });
        let params = json!({ "ref": reference, "argument": { "name": "tool", "value": "get" } });
        assert_eq!(
            get("completion/complete", params).await["result"]["completion"]["values"],
            json!(["get_book"])
        );

        for page in ["overview", "auth"] {
            let read = get("resources/read", json!({ "uri": format!("content-shop://docs/{page}") })).await;
            let text = read["result"]["contents"][0]["text"].as_str().unwrap();
            for secret in ["get_order", "orders:read", "orders", "check_order", "covers:"] {
                assert!(!text.contains(secret), "{page} contains {secret}:\n{text}");
            }
        }
        // Conditions on arguments apply to the variables of a URI.
        let refused = get("resources/read", json!({ "uri": "content-shop://api/books/secret" })).await;
        assert!(refused["error"]["message"].as_str().unwrap().contains("no secrets"), "{refused}");
    }
}

#[tokio::test]
async fn caller_without_permission_for_any_tool_finds_no_documentation_page() {
    let nothing = Policies::none().permit(Arc::new(Without(&[
        "list_books",
        "add_book",
        "get_book",
        "get_order",
        "get_cover",
    ])));
    for (mut wire, is_modern) in wires(&silent(nothing)).await {
        let list = request(&mut wire, is_modern, "resources/list", json!({})).await;
        assert_eq!(list["result"]["resources"], json!([]));
        let read =
            request(&mut wire, is_modern, "resources/read", json!({ "uri": "content-shop://docs/overview" }))
                .await;
        assert!(read["error"]["message"].as_str().unwrap().contains("there is no resource"), "{read}");
    }
}

#[tokio::test]
async fn reading_a_resource_is_recorded_as_a_call_of_its_tool() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let recorder = Recorder::new(&[], |_| false);
    let service = service(&content_shop::CONNECTOR, &upstream.base_url(), recorder.policies());
    let mut wire = Wire::open(service);
    for params in
        [json!({ "uri": "content-shop://api/orders/7" }), json!({ "uri": "content-shop://docs/overview" })]
    {
        wire.modern("1", "resources/read", params).await;
    }
    wire.modern("2", "tools/call", json!({ "name": "get_order", "arguments": { "id": 7 } })).await;
    let ended = |step| match step {
        Step::Recorded(record) if matches!(record.event, AuditEvent::Ended { .. }) => Some(*record),
        _ => None,
    };
    let ended: Vec<AuditRecord> = recorder.take().into_iter().filter_map(ended).collect();
    let names: Vec<_> =
        ended.iter().map(|record| (record.kind, record.name.as_str(), record.effect)).collect();
    assert_eq!(
        names,
        [
            (TargetKind::Tool, "get_order", Some(Effect::Read)),
            (TargetKind::Resource, "content-shop://docs/overview", Some(Effect::Read)),
            (TargetKind::Tool, "get_order", Some(Effect::Read)),
        ]
    );
    assert_eq!(ended[0].arguments, ended[2].arguments);
    assert_eq!(ended[0].destination, ended[2].destination);
}
