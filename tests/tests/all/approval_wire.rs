//! Approvals as MCP clients of both protocol eras see them, and calls that become tasks.

use std::sync::Arc;
use std::time::Duration;

use jackfield_runtime::custom::{Call, CustomTool, ToolResult};
use jackfield_runtime::{Api, Approvals, AskFirst, AskMode, Environment, Policies, Service, SqliteStore};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::bookshop_api;
use serde_json::{Value, json};

use crate::wire::{Wire, with_meta};

struct Shop {
    service: Service,
    upstream: Upstream,
    approvals: Approvals,
}

async fn shop(mode: AskMode, custom: Vec<CustomTool>) -> Shop {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "removed": true }))).await.unwrap();
    let store = SqliteStore::in_memory().unwrap();
    let ask = AskFirst::new(mode, "bookshop", "bookshop-mcp").with_store(store.clone());
    let policies = Policies::none().approval(Arc::new(ask)).tasks(store.clone());
    let base = upstream.base_url();
    let variables = [("BOOKSHOP_BASE_URL", base.as_str()), ("BOOKSHOP_TOKEN", "secret")];
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of(variables)).with_policies(policies);
    Shop { service: Service::new(api, custom).unwrap(), upstream, approvals: Approvals::new(store) }
}

fn remove() -> Value {
    json!({ "name": "remove_book", "arguments": { "bookId": "bk_0117" } })
}

fn approve(approves: bool) -> Value {
    json!({ "action": "accept", "content": { "approve": approves } })
}

#[tokio::test]
async fn legacy_client_over_stdio_is_asked_before_a_destructive_call() {
    let shop = shop(AskMode::Auto, Vec::new()).await;
    let mut wire = Wire::legacy(shop.service.clone(), json!({ "elicitation": {} })).await;
    for (answer, sent) in [(approve(false), 0), (json!({ "action": "decline" }), 0), (approve(true), 1)] {
        wire.request("1", "tools/call", remove()).await;
        let question = wire.next().await;
        assert_eq!(question["method"], "elicitation/create");
        let message = question["params"]["message"].as_str().unwrap();
        assert!(message.contains("/books/bk_0117\n") && message.contains("itself by hand"), "{message}");
        assert_eq!(shop.upstream.take().len(), 0, "nothing is sent before the answer");
        wire.send(json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer })).await;
        let result = &wire.answer("1").await["result"];
        assert_eq!(result["isError"] == true, sent == 0, "{result}");
        assert_eq!(shop.upstream.take().len(), sent);
    }
    // For a client without elicitation, only the client's own confirmation applies.
    let mut wire = Wire::legacy(shop.service.clone(), json!({})).await;
    wire.request("1", "tools/call", remove()).await;
    assert_eq!(wire.answer("1").await["result"]["isError"], false);
}

#[tokio::test]
async fn modern_client_approves_one_call_with_its_next_request() {
    let shop = shop(AskMode::Auto, Vec::new()).await;
    let mut wire = Wire::open(shop.service.clone());
    let asked = wire.modern("1", "tools/call", remove()).await;
    let asked = &asked["result"];
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let key = asked["inputRequests"].as_object().unwrap().keys().next().unwrap().clone();
    assert_eq!(shop.upstream.take().len(), 0);
    let mut repeated = remove();
    repeated["requestState"] = asked["requestState"].clone();
    repeated["inputResponses"] = json!({ key.clone(): approve(true) });
    let mut other = repeated.clone();
    other["arguments"]["bookId"] = "bk_0200".into();
    assert_eq!(wire.modern("2", "tools/call", other).await["error"]["code"], -32602, "other arguments");
    let done = wire.modern("3", "tools/call", repeated.clone()).await;
    assert_eq!(done["result"]["isError"], false, "{done}");
    assert_eq!(shop.upstream.take().len(), 1);
    // Neither the request state nor the answer can approve another call.
    assert_eq!(wire.modern("4", "tools/call", repeated.clone()).await["error"]["code"], -32602);
    repeated.as_object_mut().unwrap().remove("requestState");
    let again = wire.modern("5", "tools/call", repeated).await;
    assert_eq!(again["result"]["resultType"], "input_required", "{again}");
    assert!(again["result"]["inputRequests"].get(&key).is_none(), "{again}");
    assert_eq!(shop.upstream.take().len(), 0);
}

/// Returns a hand-written tool that removes a book.
fn tidy() -> CustomTool {
    CustomTool::new("tidy", |call: Call| async move {
        let tool = bookshop_api::CONNECTOR.tools().find(|tool| tool.name() == "remove_book").unwrap();
        call.send(tool, json!({ "bookId": "bk_0117" })).await?;
        Ok(ToolResult::text("tidied"))
    })
}

#[tokio::test]
async fn modern_client_approves_a_hand_written_tool_and_its_inner_call() {
    let shop = shop(AskMode::Auto, vec![tidy()]).await;
    let mut wire = Wire::open(shop.service.clone());
    let mut request = json!({ "name": "tidy" });
    let mut asked = 0;
    let done = loop {
        let answer = wire.modern("1", "tools/call", request.clone()).await;
        let result = &answer["result"];
        if result["resultType"] != "input_required" {
            break answer;
        }
        asked += 1;
        assert!(asked < 5, "{answer}");
        let requests = result["inputRequests"].as_object().unwrap();
        let responses: Value = requests.keys().map(|key| (key.clone(), approve(true))).collect();
        request["requestState"] = result["requestState"].clone();
        request["inputResponses"] = responses;
    };
    assert_eq!(done["result"]["content"][0]["text"], "tidied", "{done}");
    assert_eq!((asked, shop.upstream.take().len()), (2, 1));
}

fn tasks() -> Value {
    json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } })
}

async fn with_tasks(wire: &mut Wire, method: &str, params: Value) -> Value {
    wire.request("t", method, with_meta(params, tasks())).await;
    wire.answer("t").await
}

/// Polls a task until it has ended.
async fn ended(wire: &mut Wire, id: &str) -> Value {
    let poll = async {
        loop {
            let task = with_tasks(wire, "tasks/get", json!({ "taskId": id })).await["result"].clone();
            if task["status"] != "working" {
                break task;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), poll)
        .await
        .expect("the task was still working after 60 seconds")
}

#[tokio::test]
async fn call_waiting_for_approval_becomes_a_task_that_completes_after_approval() {
    let shop = shop(AskMode::Destroy, Vec::new()).await;
    let mut wire = Wire::open(shop.service.clone());
    let info = with_tasks(&mut wire, "server/discover", json!({})).await;
    let extensions = &info["result"]["capabilities"]["extensions"];
    assert!(extensions["io.modelcontextprotocol/tasks"].is_object(), "{info}");
    // A call that needs no approval is answered at once.
    let list = with_tasks(&mut wire, "tools/call", json!({ "name": "list_books" })).await;
    assert_eq!(list["result"]["isError"], false, "{list}");
    shop.upstream.take();
    let made = with_tasks(&mut wire, "tools/call", remove()).await;
    let made = &made["result"];
    assert_eq!((&made["resultType"], &made["status"]), (&json!("task"), &json!("working")), "{made}");
    let message = made["statusMessage"].as_str().unwrap();
    let waits = shop.approvals.list(false).unwrap().remove(0);
    assert!(message.ends_with(&format!("bookshop-mcp approvals approve {}", waits.id)), "{message}");
    let id = made["taskId"].as_str().unwrap();
    let update = with_tasks(&mut wire, "tasks/update", json!({ "taskId": id, "inputResponses": {} })).await;
    assert_eq!(update["result"]["resultType"], "complete", "{update}");
    assert_eq!(shop.upstream.take().len(), 0);
    assert_eq!(shop.approvals.decide(&waits.id, true, "fern").unwrap(), Ok(()));
    let task = ended(&mut wire, id).await;
    assert_eq!(task["status"], "completed", "{task}");
    assert_eq!(task["result"]["structuredContent"], json!({ "removed": true }), "{task}");
    assert_eq!(shop.upstream.take().len(), 1);
}

#[tokio::test]
async fn task_waiting_for_approval_ends_on_refusal_or_cancellation() {
    let shop = shop(AskMode::Destroy, Vec::new()).await;
    let mut wire = Wire::open(shop.service.clone());
    let made = with_tasks(&mut wire, "tools/call", remove()).await;
    let waits = shop.approvals.list(false).unwrap().remove(0);
    assert_eq!(shop.approvals.decide(&waits.id, false, "fern").unwrap(), Ok(()));
    let task = ended(&mut wire, made["result"]["taskId"].as_str().unwrap()).await;
    assert_eq!((&task["status"], &task["result"]["isError"]), (&json!("completed"), &json!(true)), "{task}");
    assert!(task["result"]["content"][0]["text"].as_str().unwrap().contains("fern refused it"), "{task}");

    let other = json!({ "name": "remove_book", "arguments": { "bookId": "bk_0200" } });
    let made = with_tasks(&mut wire, "tools/call", other).await;
    let id = made["result"]["taskId"].as_str().unwrap();
    with_tasks(&mut wire, "tasks/cancel", json!({ "taskId": id })).await;
    assert_eq!(ended(&mut wire, id).await["status"], "cancelled");
    assert_eq!(shop.upstream.take().len(), 0);
    let unknown = with_tasks(&mut wire, "tasks/get", json!({ "taskId": "0" })).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    // Without the tasks extension, a client gets an error with the approval id, and no task.
    let plain = wire.modern("1", "tasks/get", json!({ "taskId": id })).await;
    assert_eq!(plain["error"]["code"], -32021, "{plain}");
}

/// Returns a hand-written tool that becomes a task and then runs the given code.
fn as_task<F, R>(then: F) -> CustomTool
where
    F: Fn(Call) -> R + Send + Sync + Copy + 'static,
    R: Future<Output = Result<ToolResult, jackfield_runtime::CallError>> + Send + 'static,
{
    let run = move |call: Call| async move {
        call.context.require_task("working").await?;
        then(call).await
    };
    CustomTool::new("work", run).effect(jackfield_runtime::Effect::Read)
}

#[tokio::test]
async fn task_asks_for_input_and_continues_after_a_valid_answer() {
    let ask = |call: Call| async move {
        let form =
            json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
        let question = jackfield_runtime::Question::form("name", "Name?", form.as_object().unwrap());
        let answer = call.context.ask(question).await?;
        Ok(ToolResult::text(answer.accepted().unwrap()["name"].as_str().unwrap()))
    };
    let shop = shop(AskMode::Auto, vec![as_task(ask)]).await;
    let mut wire = Wire::open(shop.service.clone());
    let mut capabilities = tasks();
    capabilities["elicitation"] = json!({});
    wire.request("1", "tools/call", with_meta(json!({ "name": "work" }), capabilities)).await;
    let made = wire.answer("1").await;
    let id = made["result"]["taskId"].as_str().unwrap().to_owned();
    let mut keys = Vec::new();
    for content in [json!({ "name": 1 }), json!({ "name": "Ada" })] {
        let asked = ended(&mut wire, &id).await;
        assert_eq!(asked["status"], "input_required", "{asked}");
        let (key, request) = asked["inputRequests"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(request["method"], "elicitation/create", "{asked}");
        assert!(!keys.contains(key), "{key} was used before");
        keys.push(key.clone());
        let answer = json!({ key.clone(): { "action": "accept", "content": content }, "other": 1 });
        let update = json!({ "taskId": id, "inputResponses": answer });
        assert_eq!(with_tasks(&mut wire, "tasks/update", update).await["result"]["resultType"], "complete");
    }
    let task = ended(&mut wire, &id).await;
    assert_eq!(task["result"]["content"][0]["text"], "Ada", "{task}");
}

#[tokio::test]
async fn task_whose_code_panics_fails_at_once() {
    let shop = shop(AskMode::Auto, vec![as_task(|_| async { panic!("a bug") })]).await;
    let mut wire = Wire::open(shop.service.clone());
    let made = with_tasks(&mut wire, "tools/call", json!({ "name": "work" })).await;
    let id = made["result"]["taskId"].as_str().unwrap().to_owned();
    let task = tokio::time::timeout(Duration::from_secs(20), ended(&mut wire, &id)).await.unwrap();
    assert_eq!((&task["status"], &task["error"]["code"]), (&json!("failed"), &json!(-32603)), "{task}");
    // A client without tasks gets an error that names the missing capability.
    let plain = wire.modern("2", "tools/call", json!({ "name": "work" })).await;
    let required = &plain["error"]["data"]["requiredCapabilities"];
    assert!(required["extensions"]["io.modelcontextprotocol/tasks"].is_object(), "{plain}");
}
