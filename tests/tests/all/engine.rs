//! The steps of every call: the order of policies, stable outcome codes, and sources of every kind.

use std::sync::{Arc, Mutex};

use jackfield_runtime::custom::{Call, CustomTool, ToolResult};
use jackfield_runtime::{
    ActiveCall, Answered, Api, Approval, ApprovalFuture, Approved, Audit, AuditError, AuditEvent,
    AuditRecord, CallContext, CallError, Caller, Channel, Content, Effect, Environment, Listed, ListedPrompt,
    ListedResource, NotApproved, Outcome, OutcomeCode, Pending, Permission, Permit, Policies, Prepared,
    PreparedMcp, Principal, PromptArgument, PromptMessage, Reference, ResourceContents, Review, Service,
    Source, SourceRequest, SourceResponse, SurfaceKind, Target,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::bookshop_api;
use serde_json::{Map, Value, json};

use crate::protocol::lines_of;

/// Records every step of the executor.
#[derive(Clone, Default)]
struct Steps(Arc<Mutex<Vec<String>>>);

impl Steps {
    fn push(&self, step: impl Into<String>) {
        self.0.lock().unwrap().push(step.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A policy of every kind that records its decisions.
struct Recorder {
    steps: Steps,
    upstream: Arc<Upstream>,
    hidden: &'static str,
    approves: bool,
    records: bool,
}

impl Permit for Recorder {
    fn decide(&self, _: &Caller, target: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
        if target.name == self.hidden { Permission::Hidden } else { Permission::Allowed }
    }

    fn version(&self, caller: &Caller) -> u64 {
        u64::from(*caller.principal() == Principal::Local)
    }
}

impl Approval for Recorder {
    fn approve<'a>(&'a self, review: Review<'a>, call: &'a ActiveCall) -> ApprovalFuture<'a> {
        let destination = review.prepared.destination().map(|it| format!("{} {}", it.method, it.path));
        let agent = call.context().caller().agent().map_or("nobody", |agent| &agent.name);
        self.steps.push(format!(
            "approve {} {} of {agent}",
            review.target.name,
            destination.unwrap_or_else(|| "code".to_owned())
        ));
        let decided =
            if self.approves { Ok(Approved::default()) } else { Err(NotApproved::new("the user said no")) };
        Box::pin(std::future::ready(decided))
    }
}

impl Audit for Recorder {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        let event = match record.event {
            AuditEvent::Intent => "intent".to_owned(),
            AuditEvent::Refused(code) => format!("refused {code}"),
            AuditEvent::Ended { code, reply } => {
                format!("ended {code} {}", reply.map_or(0, |reply| reply.status))
            }
            other => format!("{other:?}"),
        };
        self.steps.push(format!("{event} {} after {} requests", record.name, self.upstream.take().len()));
        let kept = if self.records { Ok(()) } else { Err(AuditError::new("the disk is full")) };
        Box::pin(std::future::ready(kept))
    }
}

/// A bookshop whose calls are recorded.
struct Shop {
    service: Service,
    steps: Steps,
    upstream: Arc<Upstream>,
}

async fn shop(change: impl FnOnce(&mut Recorder), custom: Vec<CustomTool>) -> Shop {
    let upstream = Arc::new(Upstream::answering(Answer::json(200, &json!({ "items": [] }))).await.unwrap());
    let steps = Steps::default();
    let (hidden, approves, records) = ("", true, true);
    let mut recorder =
        Recorder { steps: steps.clone(), upstream: Arc::clone(&upstream), hidden, approves, records };
    change(&mut recorder);
    let recorder = Arc::new(recorder);
    let policies = Policies::none()
        .permit(Arc::clone(&recorder) as Arc<dyn Permit>)
        .approval(Arc::clone(&recorder) as Arc<dyn Approval>)
        .audit(recorder);
    let base = upstream.base_url();
    let variables =
        [("BOOKSHOP_BASE_URL", base.as_str()), ("BOOKSHOP_TOKEN", "secret"), ("BOOKSHOP_MAX_CALLS", "1")];
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of(variables)).with_policies(policies);
    Shop { service: Service::new(api, custom).unwrap(), steps, upstream }
}

fn context() -> CallContext {
    CallContext::new(Caller::local(Channel::CommandLine))
}

fn call(name: &str, arguments: Value) -> SourceRequest {
    let arguments = arguments.as_object().cloned().unwrap();
    SourceRequest::CallTool { name: name.to_owned(), arguments }
}

#[tokio::test]
async fn call_is_approved_and_is_recorded_before_and_after_the_request() {
    let shop = shop(|_| {}, Vec::new()).await;
    let outcome = shop.service.run(call("list_books", json!({})), &context()).await;
    assert_eq!((outcome.code, outcome.status), (OutcomeCode::Done, Some(200)));
    assert_eq!(
        shop.steps.take(),
        [
            "approve list_books GET /books of nobody",
            "intent list_books after 0 requests",
            "ended done 200 list_books after 1 requests"
        ]
    );
}

#[tokio::test]
async fn call_that_is_not_approved_sends_nothing_and_is_recorded() {
    let shop = shop(|it| it.approves = false, Vec::new()).await;
    let outcome = shop.service.run(call("list_books", json!({})), &context()).await;
    assert_eq!(outcome.code, OutcomeCode::NotApproved);
    let error = outcome.result.unwrap_err().to_string();
    assert_eq!(error, "The call was not approved: the user said no. Nothing was sent.");
    assert_eq!(shop.steps.take()[1], "refused not_approved list_books after 0 requests");
}

#[tokio::test]
async fn call_is_not_sent_if_its_intent_cannot_be_written_to_the_audit_log() {
    let shop = shop(|it| it.records = false, Vec::new()).await;
    let outcome = shop.service.run(call("list_books", json!({})), &context()).await;
    assert_eq!(outcome.code, OutcomeCode::NotAudited);
    assert_eq!(shop.upstream.take().len(), 0);
    assert_eq!(shop.steps.take()[2], "refused not_audited list_books after 0 requests");
}

#[tokio::test]
async fn hidden_tool_is_not_listed_called_or_suggested() {
    let shop = shop(|it| it.hidden = "list_books", Vec::new()).await;
    let caller = Caller::local(Channel::CommandLine);
    let names: Vec<String> = shop.service.list(&caller).map(|tool| tool.name).collect();
    assert!(!names.contains(&"list_books".to_owned()) && !names.is_empty(), "{names:?}");
    let outcome = shop.service.run(call("list_books", json!({})), &context()).await;
    assert_eq!(outcome.code, OutcomeCode::NotPermitted);
    let outcome = shop.service.run(call("list_book", json!({})), &context()).await;
    assert_eq!(outcome.code, OutcomeCode::Unknown);
    let error = outcome.result.unwrap_err().to_string();
    assert!(!error.contains("list_books"), "{error}");
    assert_eq!(
        shop.steps.take(),
        ["refused not_permitted list_books after 0 requests", "refused unknown list_book after 0 requests"]
    );
}

#[tokio::test]
async fn callers_with_different_rights_get_different_versions_of_the_tool_list() {
    let shop = shop(|_| {}, Vec::new()).await;
    let local = Caller::local(Channel::Stdio);
    let named = Caller::new(Principal::Token("ada".to_owned()), Channel::Http);
    assert_eq!(shop.service.list_version(&local), shop.service.list_version(&local.clone()));
    assert_ne!(shop.service.list_version(&local), shop.service.list_version(&named));
}

#[tokio::test]
async fn credentials_of_the_local_user_are_not_used_for_a_named_caller() {
    let shop = shop(|_| {}, Vec::new()).await;
    let named = CallContext::new(Caller::new(Principal::Token("ada".to_owned()), Channel::Http));
    let outcome = shop.service.run(call("list_customers", json!({})), &named).await;
    assert_eq!(outcome.code, OutcomeCode::NoCredential, "{outcome:?}");
    assert_eq!(shop.upstream.take().len(), 0);
}

#[tokio::test]
async fn refused_calls_have_stable_outcome_codes() {
    let shop = shop(|_| {}, Vec::new()).await;
    for (request, code) in [
        (call("list_books", json!({ "limit": "many" })), "invalid_arguments"),
        (call("no_such_tool_at_all", json!({})), "unknown"),
        (SourceRequest::ReadResource { uri: "shop://books".to_owned() }, "unknown"),
    ] {
        let outcome = shop.service.run(request, &context()).await;
        assert_eq!(outcome.code.as_str(), code);
        assert_eq!(outcome.result.unwrap_err().code(), outcome.code);
    }
    let environment = Environment::of([("BOOKSHOP_BASE_URL", "http://127.0.0.1:1")]);
    let api = Api::new(&bookshop_api::CONNECTOR, environment);
    let service = Service::new(api, Vec::new()).unwrap();
    for (tool, code) in [("list_customers", "no_credential"), ("list_books", "not_sent")] {
        let outcome = service.run(call(tool, json!({})), &context()).await;
        assert_eq!(outcome.code.as_str(), code, "{outcome:?}");
    }
}

#[tokio::test]
async fn inner_calls_of_a_hand_written_tool_are_recorded_and_share_its_slot() {
    let tool = CustomTool::new("count_books", |call: Call| async move {
        let list = bookshop_api::CONNECTOR.tools().find(|tool| tool.name() == "list_books").unwrap();
        let reply = call.send(list, json!({})).await?;
        Ok(ToolResult::text(reply.status().to_string()))
    })
    .effect(Effect::Read);
    let shop = shop(|_| {}, vec![tool]).await;
    let outcome = shop.service.run(call("count_books", json!({})), &context()).await;
    let Ok(SourceResponse::Tool(result)) = outcome.result else { panic!("{outcome:?}") };
    assert_eq!((result.as_text(), outcome.code), ("200", OutcomeCode::Done));
    assert_eq!(
        shop.steps.take(),
        [
            "approve count_books code of nobody",
            "intent count_books after 0 requests",
            "approve list_books GET /books of nobody",
            "intent list_books after 0 requests",
            "ended done 200 list_books after 1 requests",
            "ended done 0 count_books after 0 requests"
        ]
    );
}

/// A source with one tool, resource and prompt, as another MCP server would be.
struct Library;

impl Source for Library {
    fn version(&self) -> u64 {
        7
    }

    fn tools<'a>(&'a self, _: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        Box::new(std::iter::once(Listed {
            name: "shelve".to_owned(),
            title: String::new(),
            description: "Shelves a book.".to_owned(),
            input: Map::new(),
            output: None,
            effect: Effect::Write,
            idempotent: true,
            further: Map::new(),
        }))
    }

    fn has_resources(&self) -> bool {
        true
    }

    fn resources(&self, _: &Caller) -> Vec<ListedResource> {
        let listed = |uri: &str, is_template| ListedResource {
            title: String::new(),
            uri: uri.to_owned(),
            is_template,
            name: "shelf".to_owned(),
            description: "The books of a shelf.".to_owned(),
            media_type: Some("text/plain".to_owned()),
            further: Map::new(),
        };
        vec![listed("library://shelves/1", false), listed("library://shelves/{shelf}", true)]
    }

    fn has_prompts(&self) -> bool {
        true
    }

    fn prompts(&self, _: &Caller) -> Vec<ListedPrompt> {
        let argument = PromptArgument {
            name: "genre".to_owned(),
            description: "A genre.".to_owned(),
            is_required: true,
        };
        vec![ListedPrompt {
            title: String::new(),
            name: "recommend".to_owned(),
            description: "Recommends a book.".to_owned(),
            arguments: vec![argument],
            further: Map::new(),
        }]
    }

    fn has_completions(&self) -> bool {
        true
    }

    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        match request {
            SourceRequest::ReadResource { uri } if !uri.starts_with("library://") => None,
            SourceRequest::CallTool { name, .. } => (name == "shelve").then_some(Effect::Write),
            _ => Some(Effect::Read),
        }
    }

    fn prepare<'a>(
        &'a self,
        request: SourceRequest,
        _: &'a ActiveCall,
    ) -> Pending<'a, Result<Prepared, CallError>> {
        let prepared = Prepared::Mcp(PreparedMcp { server: "library".to_owned(), request, own_name: None });
        Box::pin(std::future::ready(Ok(prepared)))
    }

    fn send<'a>(&'a self, prepared: Prepared, _: &'a ActiveCall) -> Pending<'a, Result<Answered, CallError>> {
        let Prepared::Mcp(PreparedMcp { request, .. }) = prepared else { panic!("{prepared:?}") };
        let response = match request {
            SourceRequest::ReadResource { uri } => SourceResponse::Resource(vec![
                ResourceContents::text(uri, "Moss and Lichen").with_media_type("text/plain"),
            ]),
            SourceRequest::CallTool { .. } => SourceResponse::Tool(ToolResult::text("shelved")),
            SourceRequest::GetPrompt { arguments, .. } => SourceResponse::Prompt(
                vec![PromptMessage::user(Content::text(format!(
                    "Recommend a book of {}.",
                    arguments["genre"]
                )))]
                .into(),
            ),
            SourceRequest::Complete { reference: Reference::Prompt(_), value, .. } => {
                SourceResponse::Completion(vec![format!("{value}stery")].into())
            }
            other => panic!("{other:?}"),
        };
        Box::pin(std::future::ready(Ok(Answered::new(response))))
    }
}

#[tokio::test]
async fn resources_and_prompts_of_a_source_are_served_and_recorded() {
    let Shop { service, steps, .. } = shop(|_| {}, Vec::new()).await;
    let service = service.with_source(Arc::new(Library));
    let request = |id: u32, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let requests = [
        request(1, "resources/list", json!({})),
        request(2, "resources/templates/list", json!({})),
        request(3, "resources/read", json!({ "uri": "library://shelves/1" })),
        request(4, "prompts/list", json!({})),
        request(5, "prompts/get", json!({ "name": "recommend", "arguments": { "genre": "moss" } })),
        request(
            6,
            "completion/complete",
            json!({
                "ref": { "type": "ref/prompt", "name": "recommend" },
                "argument": { "name": "genre", "value": "my" },
            }),
        ),
        request(7, "resources/read", json!({ "uri": "shop://books" })),
    ];
    let mut answers = Map::new();
    for message in lines_of(service, &requests).await {
        answers.insert(message["id"].to_string(), message);
    }
    let hello = &answers["\"hello\""]["result"]["capabilities"];
    assert!(hello["resources"].is_object() && hello["prompts"].is_object(), "{hello}");
    let result =
        |id: &str, pointer: &str| answers[id]["result"].pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(result("1", "/resources/0/uri"), "library://shelves/1");
    assert_eq!(result("2", "/resourceTemplates/0/uriTemplate"), "library://shelves/{shelf}");
    assert_eq!(result("3", "/contents/0/text"), "Moss and Lichen");
    assert_eq!(result("4", "/prompts/0/arguments/0/required"), true);
    assert_eq!(result("5", "/messages/0/content/text"), "Recommend a book of \"moss\".");
    assert_eq!(result("6", "/completion/values/0"), "mystery");
    assert_eq!(answers["7"]["error"]["code"], -32002, "{}", answers["7"]);
    assert_eq!(answers["7"]["error"]["message"], "there is no resource `shop://books`");
    let taken = steps.take();
    assert!(taken.iter().any(|step| step.ends_with("of by hand")), "{taken:?}");
    assert!(taken.iter().any(|step| step.starts_with("refused unknown shop://books")), "{taken:?}");
}

#[tokio::test]
async fn tool_that_two_sources_have_is_listed_once_and_can_be_called() {
    let Shop { service, steps, .. } = shop(|_| {}, Vec::new()).await;
    let service = service.with_source(Arc::new(Library)).with_source(Arc::new(Library));
    let listed = service.list(&Caller::local(Channel::Stdio)).filter(|tool| tool.name == "shelve").count();
    assert_eq!(listed, 1);
    let outcome = service.run(call("shelve", json!({})), &context()).await;
    assert_eq!(outcome.result, Ok(SourceResponse::Tool(ToolResult::text("shelved"))));
    let taken = steps.take();
    assert!(taken[1].starts_with("intent shelve") && taken[2].starts_with("ended done"), "{taken:?}");
}

#[tokio::test]
async fn search_finds_and_calls_tools_of_other_sources() {
    let Shop { service, steps, .. } = shop(|_| {}, Vec::new()).await;
    let service = service.with_source(Arc::new(Library)).with_surface(SurfaceKind::Search, None);
    let text = |outcome: Outcome| match outcome.result {
        Ok(SourceResponse::Tool(result)) => result.as_text().to_owned(),
        other => panic!("{other:?}"),
    };
    let found = service.run(call("search_tools", json!({ "query": "shelve a book" })), &context()).await;
    assert!(text(found).starts_with("shelve() [write] Shelves a book."));
    let described = service.run(call("describe_tool", json!({ "name": "shelve" })), &context()).await;
    assert!(text(described).contains("call_write"));
    steps.take();
    let called = service.run(call("call_write", json!({ "name": "shelve" })), &context()).await;
    assert_eq!(text(called), "shelved");
    assert_eq!(steps.take()[1], "intent shelve after 0 requests");
}
