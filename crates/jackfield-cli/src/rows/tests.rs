use std::path::Path;
use std::sync::{Arc, Weak};

use jackfield_build::model::ConnectorName;
use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Upstream};
use serde_json::{Map, json};

use super::document_rows::DocumentRows;

/// Returns the tables of a document in specs/. The returned `Arc` has no other clone.
fn rows_of(file: &str) -> Arc<DocumentRows> {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs").join(file);
    let name = ConnectorName::new("shop").unwrap();
    let modelled = model_of(&Job::new(Manifest::for_document(&document, Some(name)))).unwrap();
    Arc::new(DocumentRows::of(modelled.into_named()))
}

/// Serves the tables: lists all tools, makes a call, and drops everything.
async fn serve_once(rows: Arc<DocumentRows>, tool: &str, upstream: &Upstream) -> Weak<DocumentRows> {
    let weak = Arc::downgrade(&rows);
    let environment =
        Environment::of([("SHOP_BASE_URL", upstream.base_url()), ("SHOP_TOKEN", "canary".to_owned())]);
    let service = Service::new(Api::new(rows, environment), Vec::new()).unwrap();
    let caller = Caller::local(Channel::CommandLine);
    assert!(service.list(&caller).count() > 0);
    let arguments = json!({ "title": "Moss", "author": "Fern", "price": { "amount": 1, "currency": "NZD" } });
    let result =
        service.call(tool, arguments.as_object().cloned().unwrap_or_default(), &caller).await.unwrap();
    assert!(!result.is_error(), "{}", result.as_text());
    let handle = service.tool(tool).unwrap();
    drop(service);
    assert_eq!(handle.get().name(), tool, "the tables are gone although a handle exists");
    assert!(weak.upgrade().is_some());
    weak
}

#[tokio::test]
async fn generated_tables_are_freed_when_the_last_handle_is_dropped() {
    let upstream = Upstream::answering(Answer::json(201, &json!({ "id": "bk_1" }))).await.unwrap();
    let weak = serve_once(rows_of("bookshop.yaml"), "add_book", &upstream).await;
    assert!(weak.upgrade().is_none(), "the tables are still alive after the service was dropped");
    let sent = upstream.take();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].header("authorization"), Some("Bearer canary"));
}

#[tokio::test]
async fn refused_call_does_not_keep_generated_tables_alive() {
    let rows = rows_of("auth_oauth_client_credentials.yaml");
    let weak = Arc::downgrade(&rows);
    let environment = Environment::of([("SHOP_BASE_URL", "http://127.0.0.1:9")]);
    let service = Service::new(Api::new(rows, environment), Vec::new()).unwrap();
    let caller = Caller::local(Channel::CommandLine);
    let names: Vec<String> = service.list(&caller).map(|tool| tool.name).collect();
    for name in &names {
        service.call(name, Map::new(), &caller).await.unwrap();
    }
    drop(service);
    assert!(!names.is_empty() && weak.upgrade().is_none());
}
