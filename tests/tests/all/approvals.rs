//! Tests which calls wait for an approval, who may approve them, and that exactly the approved request is sent.

use std::sync::{Arc, Mutex};

use jackfield_runtime::custom::{Call, CustomTool, ToolResult};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{
    Answer, Api, Approvals, Approvers, Ask, AskFirst, AskMode, Asking, CallContext, CallError, Caller,
    Capabilities, Channel, Environment, MayApprove, NotApproved, Outcome, OutcomeCode, Pending, Policies,
    Question, QuestionKind, Service, SourceRequest, SqliteStore, SurfaceKind,
};
use jackfield_testkit::{Answer as Reply, Upstream};
use jackfield_tests::{SPECS, Spec, bookshop_api};
use serde_json::{Map, Value, json};

fn spec(file: &str) -> &'static Spec {
    SPECS.iter().find(|spec| spec.file == file).unwrap()
}

/// A user who gives these answers, and records the questions.
#[derive(Default)]
struct User {
    answers: Mutex<Vec<Answer>>,
    questions: Mutex<Vec<(String, String)>>,
    /// The actions that happen while the user reads a question.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl User {
    fn answering(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        let mut answers: Vec<Answer> = answers.into_iter().collect();
        answers.reverse();
        Arc::new(Self { answers: Mutex::new(answers), ..Self::default() })
    }

    fn questions(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.questions.lock().unwrap())
    }
}

impl Asking for User {
    fn ask<'a>(&'a self, question: Question<'a>) -> Pending<'a, Answer> {
        let QuestionKind::Form { message, .. } = question.kind else { panic!("it is a form") };
        self.questions.lock().unwrap().push((question.key.to_owned(), message.to_owned()));
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        let answer = self
            .answers
            .lock()
            .unwrap()
            .pop()
            .expect("the user was asked more questions than the test has answers");
        Box::pin(std::future::ready(answer))
    }
}

fn yes() -> Answer {
    Answer::Accepted(json!({ "approve": true }).as_object().cloned().unwrap())
}

fn no() -> Answer {
    Answer::Accepted(json!({ "approve": false }).as_object().cloned().unwrap())
}

struct Shop {
    service: Service,
    upstream: Upstream,
}

impl Shop {
    async fn open(ask: AskFirst, custom: Vec<CustomTool>) -> Self {
        Self::serving(&bookshop_api::CONNECTOR, "BOOKSHOP", ask, custom, &[]).await
    }

    async fn serving(
        rows: impl Into<ConnectorRows>,
        prefix: &str,
        ask: AskFirst,
        custom: Vec<CustomTool>,
        more: &[(String, String)],
    ) -> Self {
        let upstream = Upstream::answering(Reply::json(200, &json!({}))).await.unwrap();
        let own = [
            (format!("{prefix}_BASE_URL"), upstream.base_url()),
            (format!("{prefix}_TOKEN"), "secret".to_owned()),
        ];
        let environment = Environment::of(own.into_iter().chain(more.iter().cloned()));
        let api = Api::new(rows, environment).with_policies(Policies::none().approval(Arc::new(ask)));
        Self { service: Service::new(api, custom).unwrap(), upstream }
    }

    async fn call(&self, name: &str, arguments: &Value, context: &CallContext) -> Outcome {
        let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap();
        self.service.run(SourceRequest::CallTool { name: name.to_owned(), arguments }, context).await
    }

    async fn remove(&self, context: &CallContext) -> Outcome {
        self.call("remove_book", &json!({ "bookId": "bk_0117" }), context).await
    }

    fn sent(&self) -> usize {
        self.upstream.take().len()
    }
}

fn ask(mode: AskMode) -> AskFirst {
    AskFirst::new(mode, "bookshop", "bookshop-mcp")
}

/// Returns a caller whose client can ask that user.
fn asking(channel: Channel, user: &Arc<User>) -> CallContext {
    let caller = Caller::local(channel).with_capabilities(Capabilities::default().elicitation(true));
    CallContext::new(caller).with_asking(Arc::<User>::clone(user))
}

fn refusal(outcome: Outcome) -> String {
    outcome.result.unwrap_err().to_string()
}

#[tokio::test]
async fn stdio_client_is_shown_the_request_before_approving() {
    let shop = Shop::open(ask(AskMode::Auto), Vec::new()).await;
    let user = User::answering([yes(), no(), Answer::Declined, Answer::Cancelled, Answer::Later]);
    let context = asking(Channel::Stdio, &user);
    assert_eq!(shop.remove(&context).await.code, OutcomeCode::Done);
    let (_, message) = user.questions().remove(0);
    let line = format!("request: DELETE {}/books/bk_0117\n", shop.upstream.base_url());
    assert!(message.starts_with("Approve this call?\n\n"), "{message}");
    for part in [
        &line,
        "tool remove_book of bookshop: it removes something",
        "bookId: \"bk_0117\"",
        "called by local over stdio",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert_eq!(shop.sent(), 1);
    let mut keys = Vec::new();
    for (code, text) in [
        (OutcomeCode::NotApproved, "local refused it"),
        (OutcomeCode::NotApproved, "local refused it"),
        (OutcomeCode::NotApproved, "the user closed the question"),
        (OutcomeCode::InputRequired, "the user has not answered yet"),
    ] {
        let outcome = shop.remove(&context).await;
        assert_eq!(outcome.code, code, "{text}");
        let refusal = refusal(outcome);
        assert!(refusal.contains(text), "{refusal}");
        keys.extend(user.questions().into_iter().map(|(key, _)| key));
    }
    assert_eq!(shop.sent(), 0);
    // An answer to an earlier question does not answer the question about a new approval.
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[2] == keys[3], "{keys:?}");
    // With the default mode, writes need no approval. If a client cannot ask its user, the client's own confirmation has to suffice.
    let book = json!({ "title": "Moss", "author": "Fern", "price": { "amount": 1, "currency": "NZD" } });
    assert_eq!(shop.call("add_book", &book, &context).await.code, OutcomeCode::Done);
    assert_eq!(shop.remove(&CallContext::new(Caller::local(Channel::Stdio))).await.code, OutcomeCode::Done);
    assert_eq!((shop.sent(), user.questions().len()), (2, 0));
}

#[tokio::test]
async fn call_that_needs_approval_without_an_approver_is_refused() {
    let shop = Shop::open(ask(AskMode::Destroy), Vec::new()).await;
    let text = refusal(shop.remove(&CallContext::new(Caller::local(Channel::Stdio))).await);
    assert!(
        text.contains("the MCP client does not support elicitation; start the server with --ask never"),
        "{text}"
    );
    let user = User::answering([]);
    let text = refusal(shop.remove(&asking(Channel::Http, &user)).await);
    assert!(text.contains("an answer over HTTP would come with the caller's own token"), "{text}");
    assert_eq!(shop.sent(), 0);
}

/// Allows all callers to approve their own calls.
struct Everybody;

impl Approvers for Everybody {
    fn may_approve(&self, _: &Caller) -> MayApprove {
        MayApprove::Own
    }
}

#[tokio::test]
async fn caller_over_http_approves_own_calls_only_with_the_right_to_do_so() {
    let store = SqliteStore::in_memory().unwrap();
    let shop = Shop::open(ask(AskMode::Destroy).with_store(store.clone()), Vec::new()).await;
    let user = User::answering([yes(), yes(), Answer::Declined]);
    let context = asking(Channel::Http, &user);
    // The question only explains how to approve, because an answer would be sent with the caller's own token.
    let outcome = shop.remove(&context).await;
    let Err(CallError::NotApproved(NotApproved::Waiting { id, .. })) = outcome.result else {
        panic!("{:?}", outcome.result)
    };
    let told = format!(
        "a terminal of the server with: bookshop-mcp approvals approve {id}\nThen continue here.\n\n"
    );
    let (_, message) = user.questions().remove(0);
    assert!(message.contains(&told) && !message.contains("Approve this call?"), "{message}");
    assert_eq!(shop.sent(), 0);
    // After another person has approved, answering the question continues the call.
    let approvals = Approvals::new(store.clone());
    let approved = id.clone();
    *user.meanwhile.lock().unwrap() =
        Some(Box::new(move || assert_eq!(approvals.decide(&approved, true, "fern").unwrap(), Ok(()))));
    assert_eq!(shop.remove(&context).await.code, OutcomeCode::Done);
    assert_eq!(shop.sent(), 1);
    assert_eq!(shop.remove(&context).await.code, OutcomeCode::ApprovalPending, "it is spent");

    let user = User::answering([yes()]);
    let shop = Shop::open(ask(AskMode::Destroy).with_approvers(Arc::new(Everybody)), Vec::new()).await;
    assert_eq!(shop.remove(&asking(Channel::Http, &user)).await.code, OutcomeCode::Done);
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn file_replaced_during_the_approval_question_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.png");
    std::fs::write(&path, "the approved bytes").unwrap();
    let spec = spec("body_files.yaml");
    let prefix = spec.name.to_uppercase().replace('-', "_");
    let files = [(format!("{prefix}_FILES"), folder.path().display().to_string())];
    let shop = Shop::serving(
        spec.connector,
        &prefix,
        AskFirst::new(AskMode::Writes, spec.name, "files-mcp"),
        Vec::new(),
        &files,
    )
    .await;
    let user = User::answering([yes(), Answer::Later]);
    let swapped = path.clone();
    *user.meanwhile.lock().unwrap() = Some(Box::new(move || std::fs::write(swapped, "other bytes").unwrap()));
    let arguments = json!({ "body": format!("file://{}", path.display()) });
    let context = asking(Channel::Stdio, &user);
    assert_eq!(shop.call("image", &arguments, &context).await.code, OutcomeCode::Done);
    assert_eq!(shop.upstream.take()[0].text(), "the approved bytes");
    // A call with equal arguments but another file content is a different call.
    assert_eq!(shop.call("image", &arguments, &context).await.code, OutcomeCode::InputRequired);
    let keys: Vec<String> = user.questions().into_iter().map(|(key, _)| key).collect();
    assert_ne!(keys[0], keys[1]);
    assert_eq!(shop.sent(), 0);
}

#[tokio::test]
async fn call_whose_file_changed_after_approval_needs_a_new_approval() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.png");
    let spec = spec("body_files.yaml");
    let prefix = spec.name.to_uppercase().replace('-', "_");
    let files = [(format!("{prefix}_FILES"), folder.path().display().to_string())];
    let store = SqliteStore::in_memory().unwrap();
    let ask = AskFirst::new(AskMode::Writes, spec.name, "files-mcp").with_store(store.clone());
    let shop = Shop::serving(spec.connector, &prefix, ask, Vec::new(), &files).await;
    let arguments = json!({ "body": format!("file://{}", path.display()) });
    let context = CallContext::new(Caller::local(Channel::Http));
    let approvals = Approvals::new(store);
    std::fs::write(&path, "the approved bytes").unwrap();
    assert_eq!(shop.call("image", &arguments, &context).await.code, OutcomeCode::ApprovalPending);
    let id = approvals.list(false).unwrap()[0].id.clone();
    assert_eq!(approvals.decide(&id, true, "fern").unwrap(), Ok(()));
    std::fs::write(&path, "other bytes").unwrap();
    assert_eq!(shop.call("image", &arguments, &context).await.code, OutcomeCode::ApprovalPending);
    assert_eq!(shop.sent(), 0);
    std::fs::write(&path, "the approved bytes").unwrap();
    assert_eq!(shop.call("image", &arguments, &context).await.code, OutcomeCode::Done);
    assert_eq!(shop.upstream.take()[0].text(), "the approved bytes");
}

#[tokio::test]
async fn call_through_the_search_surface_is_approved_as_the_called_tool() {
    let mut shop = Shop::open(ask(AskMode::Auto), Vec::new()).await;
    shop.service = shop.service.with_surface(SurfaceKind::Search, None);
    let user = User::answering([no()]);
    let arguments = json!({ "name": "remove_book", "arguments": { "bookId": "bk_0117" } });
    let outcome = shop.call("call_write", &arguments, &asking(Channel::Stdio, &user)).await;
    assert_eq!(outcome.code, OutcomeCode::NotApproved);
    assert!(user.questions()[0].1.contains("tool remove_book of bookshop"));
    assert_eq!(shop.sent(), 0);
}

/// Returns a hand-written tool that removes a book.
fn tidy() -> CustomTool {
    CustomTool::new("tidy", |call: Call| async move {
        let tool = &bookshop_api::CONNECTOR.tools().find(|tool| tool.name() == "remove_book").unwrap();
        call.send(*tool, json!({ "bookId": "bk_0117" })).await?;
        Ok(ToolResult::text("tidied"))
    })
}

#[tokio::test]
async fn hand_written_tool_and_each_inner_call_need_their_own_approval() {
    let shop = Shop::open(ask(AskMode::Destroy), vec![tidy()]).await;
    let user = User::answering([yes(), yes(), yes(), no()]);
    let context = asking(Channel::Stdio, &user);
    assert_eq!(shop.call("tidy", &json!({}), &context).await.code, OutcomeCode::Done);
    let messages: Vec<String> = user.questions().into_iter().map(|(_, message)| message).collect();
    assert!(messages[0].contains("tool tidy of bookshop: it removes something"), "{}", messages[0]);
    assert!(messages[0].contains("hand-written code, which may send any requests"), "{}", messages[0]);
    assert!(messages[1].contains("request: DELETE "), "{}", messages[1]);
    assert_eq!(shop.sent(), 1);
    let refused = shop.call("tidy", &json!({}), &context).await;
    assert_eq!(refused.code, OutcomeCode::NotApproved);
    assert_eq!(shop.sent(), 0);
}

#[tokio::test]
async fn inner_call_waits_for_approval_even_if_its_outer_tool_needs_none() {
    let shop = Shop::open(ask(AskMode::Destroy), vec![tidy().ask(Ask::Never)]).await;
    let user = User::answering([yes()]);
    let context = asking(Channel::Stdio, &user);
    assert_eq!(shop.call("tidy", &json!({}), &context).await.code, OutcomeCode::Done);
    assert_eq!((user.questions().len(), shop.sent()), (1, 1));
}

/// With protocol revision 2026-07-28, a call ends at each question and is repeated with the answers.
#[tokio::test]
async fn hand_written_tool_continues_after_an_inner_call_is_approved() {
    let shop = Shop::open(ask(AskMode::Destroy), vec![tidy()]).await;
    let user = User::answering([Answer::Later, yes(), Answer::Later, yes()]);
    let context = asking(Channel::Stdio, &user);
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(shop.call("tidy", &json!({}), &context).await.code);
    }
    assert_eq!(codes, [OutcomeCode::InputRequired, OutcomeCode::InputRequired, OutcomeCode::Done]);
    assert_eq!((user.questions().len(), shop.sent()), (4, 1));
}
