//! Tests that lists, search, descriptions and calls agree with the rights.

use std::sync::Arc;

use jackfield_recipe::{Effect, SurfaceKind};
use serde_json::{Value, json};

use super::super::compiled::CompiledRights;
use super::super::document::RightsDocument;
use super::super::fixed::FixedRights;
use super::random_policies::{
    Expected, Random, class_of, policy, some_arguments, some_principal, some_scopes, written,
};
use super::{TOOLS, caller, tool, tools};
use crate::common::caller::Caller;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::outcome::Outcome;
use crate::engine::policy::Policies;
use crate::engine::policy::permit::Permit;
use crate::engine::policy::read_only::ReadOnly;
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::service::Service;
use crate::v1::{Connector, Group, Tool};

const INPUT: &str = r#"{"type":"object"}"#;
const fn row(at: usize) -> Tool {
    let (name, _, effect) = TOOLS[at];
    Tool::new(name, "GET", "/x", |_, _| Ok(())).input(INPUT).effect(effect).description("A tool of the shop.")
}

static ROWS: [Tool; 6] = [row(0), row(1), row(2), row(3), row(4), row(5)];
static SHOP: Connector = Connector::new("shop").groups(&[
    Group::new("books", &[&ROWS[0], &ROWS[1], &ROWS[2], &ROWS[3]]),
    Group::new("orders", &[&ROWS[4], &ROWS[5]]),
]);

/// A shop that contains only the tool that the rights of one test allow.
static SMALL: Connector = Connector::new("shop").groups(&[Group::new("books", &[&ROWS[1]])]);

fn service(permit: Arc<dyn Permit>, kind: SurfaceKind) -> Service {
    service_of(&SHOP, permit, kind)
}

fn service_of(shop: &'static Connector, permit: Arc<dyn Permit>, kind: SurfaceKind) -> Service {
    // No server listens at this URL, so an allowed call fails after every policy has passed.
    let environment = Environment::of([("SHOP_BASE_URL", "http://127.0.0.1:1")]);
    let api = Api::new(shop, environment).with_policies(Policies::none().permit(permit));
    Service::new(api, Vec::new()).unwrap().with_surface(kind, None)
}

async fn call(service: &Service, caller: &Caller, name: &str, arguments: Value) -> Outcome {
    let arguments = arguments.as_object().cloned().unwrap();
    let request = SourceRequest::CallTool { name: name.to_owned(), arguments };
    service.run(request, &CallContext::new(caller.clone())).await
}

fn text_of(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(SourceResponse::Tool(result)) => result.as_text().to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

fn class(outcome: &Outcome) -> Expected {
    match &outcome.result {
        Err(CallError::NotPermitted(_) | CallError::Surface(_) | CallError::Unknown(_)) => Expected::Hidden,
        Err(CallError::ArgumentsNotPermitted(_)) => Expected::Refused,
        Err(CallError::InsufficientScope(_)) => Expected::NeedsScopes,
        _ => Expected::Allowed,
    }
}

#[tokio::test]
async fn list_search_description_and_call_permit_the_same_tools() {
    let tools = tools();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..150 {
        let text = written(&policy(&mut random));
        let rights = CompiledRights::new(RightsDocument::parse(&text).unwrap(), &tools);
        let caller = caller(some_principal(&mut random), &some_scopes(&mut random));
        let listed = super::listed(&rights, &caller);
        let permit: Arc<dyn Permit> = Arc::new(FixedRights::for_tools(&text, &tools).unwrap());
        let (each, search) = (
            service(Arc::clone(&permit), SurfaceKind::Each),
            service(Arc::clone(&permit), SurfaceKind::Search),
        );
        let names: Vec<String> = each.list(&caller).map(|tool| tool.name).collect();
        assert_eq!(names, listed, "{text}");
        let found =
            call(&search, &caller, "search_tools", json!({ "query": "shop tool", "limit": 20 })).await;
        let found = text_of(&found);
        let writes = listed.iter().any(|name| tool(name).effect != Effect::Read);
        assert_eq!(search.list(&caller).any(|tool| tool.name == "call_write"), writes, "{text}");
        for (name, ..) in TOOLS {
            let is_listed = listed.contains(&name);
            assert_eq!(found.contains(&format!("{name}(")), is_listed, "{name}: {found}\n{text}");
            let described = call(&search, &caller, "describe_tool", json!({ "name": name })).await;
            assert_eq!(described.result.is_ok(), is_listed, "{name}\n{text}");
            let arguments = some_arguments(&mut random);
            let decided = class_of(&permit.decide(&caller, tool(name), arguments.as_object()));
            assert_eq!(
                class(&call(&each, &caller, name, arguments.clone()).await),
                decided,
                "{name}\n{text}"
            );
            let through = if tool(name).effect == Effect::Read { "call_read" } else { "call_write" };
            let through =
                call(&search, &caller, through, json!({ "name": name, "arguments": arguments })).await;
            assert_eq!(class(&through), decided, "{name}\n{text}");
        }
    }
}

#[tokio::test]
async fn hidden_tool_gets_the_same_answers_as_an_unknown_tool_on_every_surface() {
    let text = "[[rule]]\nprincipals = [\"*\"]\neffects = \"read\"\ntools = [\"get_book\"]";
    let permit: Arc<dyn Permit> = Arc::new(FixedRights::for_tools(text, &tools()).unwrap());
    let caller = caller("token:a", &[]);
    for kind in [SurfaceKind::Each, SurfaceKind::Search, SurfaceKind::Promoted] {
        let shops = [&SHOP, &SMALL].map(|shop| service_of(shop, Arc::clone(&permit), kind));
        for (tool, arguments) in [
            ("NAME", json!({})),
            ("describe_tool", json!({ "name": "NAME" })),
            ("call_read", json!({ "name": "NAME" })),
            ("call_write", json!({ "name": "NAME" })),
        ] {
            for hidden in ["list_books", "delete_book", "create_order"] {
                let arguments: Value =
                    serde_json::from_str(&arguments.to_string().replace("NAME", hidden)).unwrap();
                let answer = async |service: &Service| {
                    let (arguments, context) = (arguments.clone(), CallContext::new(caller.clone()));
                    let arguments = arguments.as_object().cloned().unwrap();
                    service.call_in(&tool.replace("NAME", hidden), arguments, &context).await
                };
                assert_eq!(answer(&shops[0]).await, answer(&shops[1]).await, "{kind} {tool} {hidden}");
            }
        }
    }
}

#[tokio::test]
async fn read_only_service_has_only_tools_that_read() {
    let caller = caller("local", &[]);
    let each = service(Arc::new(ReadOnly(None)), SurfaceKind::Each);
    let names: Vec<String> = each.list(&caller).map(|tool| tool.name).collect();
    assert_eq!(names, ["list_books", "get_book", "list_orders"]);
    let search = service(Arc::new(ReadOnly(None)), SurfaceKind::Search);
    assert_eq!(search.list(&caller).count(), 3);
    for (service, name, arguments) in [
        (&each, "delete_book", json!({})),
        (&search, "call_write", json!({ "name": "delete_book" })),
        (&search, "call_read", json!({ "name": "delete_book" })),
        (&search, "describe_tool", json!({ "name": "delete_book" })),
    ] {
        assert_eq!(class(&call(service, &caller, name, arguments).await), Expected::Hidden, "{name}");
    }
}
