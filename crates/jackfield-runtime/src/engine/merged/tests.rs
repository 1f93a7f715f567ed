//! Tests of merged tools within a service: their names and limits, and hand-written tools beside them.

use std::sync::Arc;

use jackfield_recipe::Effect;
use serde_json::{Map, Value, json};

use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::context::CallContext;
use crate::engine::custom::CustomTool;
use crate::engine::limits::call_limits::{CallLimits, LimitFlags};
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::policy::Policies;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::request::{SourceRequest, Target};
use crate::engine::service::Service;
use crate::reply::tool_result::ToolResult;
use crate::v1::{Connector, Group, Merge, RateLimit, Resource, Tool};

static BY_ID: Tool = Tool::new("get_book", "GET", "/books/{id}", |_, _| Ok(()))
    .input(r#"{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}"#)
    .effect(Effect::Read)
    .merged_into("get_book", "", "");
static BY_NAME: Tool = Tool::new("find_book", "GET", "/books", |_, _| Ok(()))
    .input(r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"#)
    .effect(Effect::Read)
    .merged_into("get_book", "", "");
static OTHER: Tool = Tool::new("list_books", "GET", "/all", |_, _| Ok(())).effect(Effect::Read);
static SHOP: Connector = Connector::new("shop")
    .merges(&[Merge::new("get_book", Effect::Read)])
    .rates(&[RateLimit::of("find_book", &["find_book"]).calls(1, 3600)])
    .groups(&[Group::new("books", &[&BY_ID, &OTHER, &BY_NAME])]);

fn api() -> Api {
    Api::new(&SHOP, Environment::of([("SHOP_BASE_URL", "http://127.0.0.1:9")]))
}

fn arguments(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[tokio::test]
async fn call_of_a_merged_tool_counts_against_the_limits_of_its_operation() {
    let limits = CallLimits::of(&SHOP, LimitFlags::default()).unwrap();
    let api = api().with_policies(Policies::none().rate(Arc::new(limits)));
    let service = Service::new(api, Vec::new()).unwrap();
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let mut codes = Vec::new();
    for given in [json!({ "name": "a" }), json!({ "name": "a" }), json!({ "id": "a" }), json!({ "id": "a" })]
    {
        let request = SourceRequest::CallTool { name: "get_book".to_owned(), arguments: arguments(&given) };
        codes.push(service.run(request, &context).await.code == OutcomeCode::RateExceeded);
    }
    assert_eq!(codes, [false, true, false, false]);
}

/// Allows only the calls of one operation.
struct Only(&'static str);

impl Permit for Only {
    fn decide(&self, _: &Caller, target: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
        if target.name == self.0 { Permission::Allowed } else { Permission::Hidden }
    }

    fn version(&self, _: &Caller) -> u64 {
        0
    }
}

#[test]
fn resource_of_a_merged_operation_requires_the_right_to_call_the_operation() {
    static BOOK: Tool = Tool::new("get_book", "GET", "/books/{id}", |_, _| Ok(()))
        .input(r#"{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}"#)
        .effect(Effect::Read)
        .resource(Resource::new("shop://books/{id}").arguments(&["id"]))
        .merged_into("get_book", "", "");
    static READER: Connector = Connector::new("shop")
        .merges(&[Merge::new("get_book", Effect::Read)])
        .groups(&[Group::new("books", &[&BOOK, &BY_NAME])]);
    for (operation, is_listed) in [("get_book", true), ("find_book", false)] {
        let api = Api::new(&READER, Environment::of::<String, String>([]));
        let api = api.with_policies(Policies::none().permit(Arc::new(Only(operation))));
        let service = Service::new(api, Vec::new()).unwrap();
        let caller = Caller::local(Channel::Stdio);
        // Both callers see the merged tool, because each may call one of its operations.
        assert_eq!(service.list(&caller).count(), 1, "{operation}");
        assert_eq!(!service.resources(&caller).is_empty(), is_listed, "{operation}");
    }
}

#[test]
fn hand_written_tool_with_the_name_of_a_merged_operation_is_refused() {
    for (name, is_free) in [("find_book", false), ("get_book", false), ("list_books", false), ("find", true)]
    {
        let custom = CustomTool::new(name, |_| async { Ok(ToolResult::text("")) });
        assert_eq!(Service::new(api(), vec![custom]).is_ok(), is_free, "{name}");
    }
}

#[test]
fn operations_of_a_merged_tool_are_neither_listed_nor_suggested() {
    let service = Service::new(api(), Vec::new()).unwrap();
    let names: Vec<String> = service.list(&Caller::local(Channel::Stdio)).map(|tool| tool.name).collect();
    assert_eq!(names, ["get_book", "list_books"]);
    assert!(service.get("find_book").is_none() && service.tool("find_book").is_none());
    assert_eq!(service.unknown("get_boook").near.as_deref(), Some("get_book"));
    assert_eq!(service.unknown("find_boook").near, None);
}

#[test]
fn selected_operation_does_not_receive_null_arguments_of_other_operations() {
    let service = Service::new(api(), Vec::new()).unwrap();
    for (given, operation, left) in [
        (json!({ "id": "1", "name": null }), "get_book", json!({ "id": "1" })),
        (json!({ "id": null, "name": "a" }), "find_book", json!({ "name": "a" })),
        // An argument that no operation has is left for the validation of the arguments.
        (json!({ "id": "1", "nam": null }), "get_book", json!({ "id": "1", "nam": null })),
    ] {
        let mut given = arguments(&given);
        let tool = service.selected("get_book", &mut given).unwrap().unwrap();
        assert_eq!((tool.get().name, Value::Object(given)), (operation, left));
    }
}
