use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::common::caller::{Caller, Channel, Principal};
use crate::engine::api::Api;
use crate::engine::approval::ask_first::AskFirst;
use crate::engine::approval::ask_mode::AskMode;
use crate::engine::custom::CustomTool;
use crate::engine::policy::Policies;
use crate::engine::service::Service;
use crate::reply::tool_result::ToolResult;
use crate::v1::Connector;

static SHOP: Connector = Connector::new("shop");

/// Returns a store in which one call waits for approval, and the id of the approval.
async fn waiting() -> (Approvals, String) {
    let store = SqliteStore::in_memory().unwrap();
    let ask = AskFirst::new(AskMode::Destroy, "shop", "shop-mcp").with_store(store.clone());
    let policies = Policies::none().approval(Arc::new(ask));
    let api = Api::new(&SHOP, Environment::of([] as [(&str, &str); 0])).with_policies(policies);
    let tool = CustomTool::new("tidy", |_| std::future::ready(Ok(ToolResult::text("tidied"))))
        .title("Tidy a room")
        .input(r#"{"type":"object"}"#);
    let service = Service::new(api, vec![tool]).unwrap();
    let caller = Caller::new(Principal::Token("ci".to_owned()), Channel::Http);
    let arguments = json!({ "room": "a\u{1b}[2J" }).as_object().cloned().unwrap();
    assert!(service.call("tidy", arguments, &caller).await.unwrap().is_error());
    let approvals = Approvals::new(store);
    let id = approvals.list(false).unwrap()[0].id.clone();
    (approvals, id)
}

fn answer(approvals: &Approvals, id: &str, approves: bool, typed: &str) -> (Result<(), String>, String) {
    let mut shown = Vec::new();
    let decided = decide(approvals, id, approves, "fern", &mut typed.as_bytes(), &mut shown);
    (decided.map(drop).map_err(|failure| failure.text), String::from_utf8(shown).unwrap())
}

#[tokio::test]
async fn approval_command_shows_the_call_and_requires_a_typed_yes() {
    let (approvals, id) = waiting().await;
    for typed in ["", "\n", "n\n", "yes please\n"] {
        let (decided, shown) = answer(&approvals, &id, true, typed);
        assert_eq!(decided, Err("nothing was changed".to_owned()), "{typed}");
        assert_eq!(
            shown,
            format!(
                "tool tidy of shop: it removes something, or cannot be undone\n\
                 described as: Tidy a room\n\
                 hand-written code, which may send any requests\n\
                 arguments:\n  \
                 room: \"a\\u001b[2J\"\n\
                 called by token:ci over HTTP\n\n\
                 approval {id}: pending, 15 min left\n\n\
                 approve this call, once? [y/N] "
            )
            .replace("15 min", if shown.contains("14 min") { "14 min" } else { "15 min" })
        );
    }
    let (decided, shown) = answer(&approvals, &id, true, "y\n");
    assert_eq!(decided, Ok(()));
    assert!(shown.ends_with("[y/N] approved: the caller may call again\n"), "{shown}");
    assert_eq!(approvals.get(&id).unwrap().unwrap().state, ApprovalState::Approved { by: "fern".to_owned() });
    let (again, _) = answer(&approvals, &id, true, "y\n");
    assert_eq!(again, Err(format!("approval `{id}` was not changed: it is already approved by fern")));
    assert_eq!(answer(&approvals, &id, false, "y\n").0, Ok(()), "the approval is withdrawn");
    let (unknown, _) = answer(&approvals, "0", true, "y\n");
    assert_eq!(unknown, Err("there is no approval `0`: `approvals list` shows all approvals".to_owned()));
}

#[tokio::test]
async fn approvals_list_shows_waiting_calls() {
    let (approvals, id) = waiting().await;
    let text = list(&approvals, false).unwrap();
    assert!(
        text.starts_with(&format!("{id}  pending, 1"))
            && text.contains("min left  tool tidy of shop: it removes"),
        "{text}"
    );
    assert_eq!(approvals.decide(&id, false, "fern").unwrap(), Ok(()));
    assert_eq!(list(&approvals, false).unwrap(), "no call waits for an approval\n");
    assert!(list(&approvals, true).unwrap().contains("denied by fern"));
}

#[test]
fn approve_command_fails_without_a_terminal_or_a_known_approval() {
    // The command fails because the test has no terminal, or because the store does not contain the approval.
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state").display().to_string();
    let environment = Environment::of([("JACKFIELD_STATE", state.as_str())]);
    let command = ApprovalsCommand::Decide { id: "0".to_owned(), approves: true };
    let failure = perform(&command, "shop", &environment).unwrap_err();
    assert_eq!(failure.code, 2);
    if !std::io::stdout().is_terminal() {
        assert!(failure.text.starts_with("this command needs a terminal"), "{}", failure.text);
    }
}
