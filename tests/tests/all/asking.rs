//! Calls that ask the user of their client, in both eras of the protocol.

use std::sync::Arc;

use jackfield_runtime::custom::{
    Content, Custom, CustomPrompt, CustomResource, CustomTool, PromptMessage, Question, ResourceContents,
    ToolResult,
};
use jackfield_runtime::{
    ActiveCall, Answer as UserAnswer, Api, Approval, ApprovalFuture, Approved, Environment, NotApproved,
    Policies, Review, Service,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::bookshop_api;
use serde_json::{Map, Value, json};

use crate::wire::{Wire, with_meta};

fn name_form() -> Map<String, Value> {
    let form =
        json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
    form.as_object().cloned().unwrap()
}

async fn name(call: &jackfield_runtime::CallContext) -> Result<String, jackfield_runtime::CallError> {
    let answer = call.ask(Question::form("name", "What is your name?", &name_form())).await?;
    let name = answer.accepted().and_then(|fields| fields["name"].as_str());
    Ok(format!("Hello, {}", name.unwrap_or("nobody")))
}

/// Returns a tool, a prompt and a resource that ask for a name.
fn greeters() -> Custom {
    let input = r#"{"type":"object","properties":{"loud":{"type":"boolean"}}}"#;
    let tool =
        CustomTool::new("greet", |call| async move { Ok(ToolResult::text(name(&call.context).await?)) });
    let prompt = CustomPrompt::new("greeting", |call| async move {
        Ok(vec![PromptMessage::user(Content::text(name(&call.context).await?))])
    });
    let resource = CustomResource::new("greet://name", "Greeting", |read| async move {
        Ok(vec![ResourceContents::text(read.uri, name(&read.call.context).await?)])
    });
    Custom::new().tools([tool.input(input)]).prompts([prompt]).resources([resource])
}

fn service(custom: Custom) -> Service {
    Service::new(Api::new(&bookshop_api::CONNECTOR, Environment::of::<&str, &str>([])), custom).unwrap()
}

fn called(ada: &str) -> Value {
    json!({ "action": "accept", "content": { "name": ada } })
}

#[tokio::test]
async fn legacy_client_is_asked_again_until_its_answer_is_valid() {
    let mut wire = Wire::legacy(service(greeters()), json!({ "elicitation": {} })).await;
    wire.request("1", "tools/call", json!({ "name": "greet" })).await;
    for answer in [json!({ "action": "accept", "content": { "name": 1 } }), called("Ada")] {
        let question = wire.next().await;
        assert_eq!(question["method"], "elicitation/create");
        assert_eq!(question["params"]["message"], "What is your name?");
        assert_eq!(question["params"]["requestedSchema"], Value::Object(name_form()));
        wire.send(json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer })).await;
    }
    assert_eq!(wire.answer("1").await["result"]["content"][0]["text"], "Hello, Ada");

    for refusal in
        [json!({ "result": { "action": "decline" } }), json!({ "error": { "code": -1, "message": "no" } })]
    {
        wire.request("2", "prompts/get", json!({ "name": "greeting" })).await;
        let mut refusal = refusal;
        refusal["jsonrpc"] = "2.0".into();
        refusal["id"] = wire.next().await["id"].clone();
        wire.send(refusal).await;
        let answer = wire.answer("2").await;
        assert_eq!(answer["result"]["messages"][0]["content"]["text"], "Hello, nobody", "{answer}");
    }
}

#[tokio::test]
async fn modern_client_repeats_the_request_with_answers_and_state() {
    let mut wire = Wire::open(service(greeters()));
    for (method, params, pointer) in [
        ("tools/call", json!({ "name": "greet", "arguments": { "loud": true } }), "/content/0/text"),
        ("prompts/get", json!({ "name": "greeting" }), "/messages/0/content/text"),
        ("resources/read", json!({ "uri": "greet://name" }), "/contents/0/text"),
    ] {
        let asked = wire.modern("1", method, params.clone()).await;
        let asked = &asked["result"];
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        assert_eq!(asked["inputRequests"]["name"]["method"], "elicitation/create");
        assert!(asked["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].is_string(), "{asked}");
        let mut repeated = params;
        repeated["requestState"] = asked["requestState"].clone();
        repeated["inputResponses"] = json!({ "name": called("Ada"), "unknown": 1 });
        let done = wire.modern("2", method, repeated.clone()).await;
        assert_eq!(done["result"].pointer(pointer), Some(&json!("Hello, Ada")), "{done}");
        let again = wire.modern("3", method, repeated).await;
        assert_eq!(again["error"]["code"], -32602, "{again}");
        let message = again["error"]["message"].as_str().unwrap();
        assert!(message.contains("was used before: call again without requestState"), "{message}");
    }
}

#[tokio::test]
async fn request_state_of_another_call_is_refused() {
    let mut wire = Wire::open(service(greeters()));
    let params = |loud: bool| json!({ "name": "greet", "arguments": { "loud": loud } });
    let asked = wire.modern("1", "tools/call", params(true)).await;
    let state = asked["result"]["requestState"].as_str().unwrap().to_owned();
    for (params, state) in [
        (params(false), state.clone()),
        (params(true), format!("{state}x")),
        (params(true), String::new()),
        (json!({ "name": "list_books" }), state),
    ] {
        let mut params = params;
        params["requestState"] = state.into();
        params["inputResponses"] = json!({ "name": called("Ada") });
        let answer = wire.modern("2", "tools/call", params).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn client_without_the_elicitation_capability_is_not_asked() {
    let mut wire = Wire::open(service(greeters()));
    let only_urls = json!({ "elicitation": { "url": {} } });
    for capabilities in [json!({}), json!({ "sampling": {} }), only_urls] {
        for (method, params) in [
            ("tools/call", json!({ "name": "greet" })),
            ("prompts/get", json!({ "name": "greeting" })),
            ("resources/read", json!({ "uri": "greet://name" })),
        ] {
            wire.request("1", method, with_meta(params, capabilities.clone())).await;
            let answer = wire.answer("1").await;
            assert_eq!(answer["error"]["code"], -32021, "{answer}");
            assert_eq!(answer["error"]["data"]["requiredCapabilities"], json!({ "elicitation": {} }));
        }
    }
    let mut wire = Wire::legacy(service(greeters()), json!({})).await;
    wire.request("1", "tools/call", json!({ "name": "greet" })).await;
    let answer = wire.next().await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(text, "The call needs a client that supports elicitation. Nothing was sent.");
}

#[tokio::test]
async fn nested_form_is_refused_before_the_client_is_asked() {
    let tool = CustomTool::new("nested", |call| async move {
        let form = json!({ "type": "object", "properties": { "address": { "type": "object" } } });
        let question = Question::form("address", "Where?", form.as_object().unwrap());
        call.context.ask(question).await.map(|_| ToolResult::text("asked"))
    });
    let mut wire = Wire::open(service(Custom::new().tools([tool])));
    let answer = wire.modern("1", "tools/call", json!({ "name": "nested" })).await;
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("the field `address` must be a string"), "{answer}");
}

/// Asks for the approval of each call.
struct AskFirst;

impl Approval for AskFirst {
    fn approve<'a>(&'a self, review: Review<'a>, call: &'a ActiveCall) -> ApprovalFuture<'a> {
        Box::pin(async move {
            let form = json!({ "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"] });
            let message = format!("Call {}?", review.target.name);
            let asking = call.context().asking().ok_or_else(|| NotApproved::new("nobody can be asked"))?;
            match asking.ask(Question::form("approval", &message, form.as_object().unwrap())).await {
                UserAnswer::Accepted(fields) if fields["ok"] == true => Ok(Approved::default()),
                UserAnswer::Later => Err(NotApproved::Asked),
                _ => Err(NotApproved::new("the user said no")),
            }
        })
    }
}

#[tokio::test]
async fn approval_by_elicitation_is_requested_once_and_covers_one_call() {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "items": [] }))).await.unwrap();
    let base = upstream.base_url();
    let variables = [("BOOKSHOP_BASE_URL", base.as_str()), ("BOOKSHOP_TOKEN", "secret")];
    let policies = Policies::none().approval(Arc::new(AskFirst) as Arc<dyn Approval>);
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of(variables)).with_policies(policies);
    let mut wire = Wire::open(Service::new(api, Vec::new()).unwrap());
    let approved = json!({ "approval": { "action": "accept", "content": { "ok": true } } });
    let params = json!({ "name": "list_books", "arguments": {} });

    // An approval that the server has not requested does not count.
    let mut unasked = params.clone();
    unasked["inputResponses"] = approved.clone();
    let asked = wire.modern("1", "tools/call", unasked).await;
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    assert_eq!(asked["result"]["inputRequests"]["approval"]["params"]["message"], "Call list_books?");
    assert_eq!(upstream.take(), []);

    let mut repeated = params;
    repeated["requestState"] = asked["result"]["requestState"].clone();
    repeated["inputResponses"] = approved;
    for (id, sent) in [("2", 1), ("3", 0)] {
        let answer = wire.modern(id, "tools/call", repeated.clone()).await;
        assert_eq!(answer.get("error").is_none(), sent == 1, "{answer}");
        assert_eq!(upstream.take().len(), sent);
    }
}
