//! Tests calls, notifications, credentials and approvals while files change.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use jackfield_runtime::{Approvals, SqliteStore};
use jackfield_testkit::{Answer, Client, Upstream, canary};
use serde_json::json;

use super::http::Http;
use super::place::{ANOTHER, DOCUMENT, Place, hang_up, names, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changed_document_applies_to_new_calls_and_not_to_running_calls() {
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let upstream = Upstream::start(move |request| {
        if request.path() == "/incidents" {
            let wait = || gate.lock().unwrap().recv_timeout(Duration::from_secs(60));
            let _ = tokio::task::block_in_place(wait);
        }
        Answer::json(200, &json!({ "path": request.path() }))
    });
    let upstream = upstream.await.unwrap();
    let place = Place::new(&upstream.base_url());
    let (client, pid) = place.client(Some("secret")).await;
    let client = Arc::new(client);
    assert_eq!(names(&client).await, ["create_incident", "list_incidents"]);
    let running = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.call("list_incidents", json!({})).await }
    });
    until("the call is sent", async || !upstream.requests().is_empty()).await;

    place.write_accepted(
        &(DOCUMENT.replace("  /incidents:", "  /reports:").replace("listIncidents", "listReports") + ANOTHER),
    );
    hang_up(&pid);
    client.list_changes(1).await.unwrap();
    assert_eq!(names(&client).await, ["create_incident", "list_people", "list_reports"]);
    let reports = client.call("list_reports", json!({})).await.unwrap();
    assert!(format!("{reports:?}").contains("/reports"), "{reports:?}");
    assert!(client.call("list_incidents", json!({})).await.is_err(), "the tool is gone");
    release.send(()).unwrap();
    let ended = running.await.unwrap().unwrap();
    assert!(format!("{ended:?}").contains("/incidents"), "{ended:?}");
    assert!(
        client.stderr().contains("serving the changed files (3 tools, 2 added, 1 removed)"),
        "{}",
        client.stderr()
    );

    // Without a signal, a change counts after two polls have found the same state.
    place.write_accepted(DOCUMENT);
    client.list_changes(2).await.unwrap();
    assert_eq!(names(&client).await, ["create_incident", "list_incidents"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_files_with_an_error_are_reported_once_and_the_old_files_are_served() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let place = Place::new(&upstream.base_url());
    let (client, pid) = place.client(Some("secret")).await;
    let [toml, lock] = ["desk/connector.toml", "desk/jackfield.lock"]
        .map(|file| fs::read_to_string(place.path(file)).unwrap());
    let told = |client: &Client| client.stderr().matches("the changed files are not served").count();
    let mut count = 0;
    for (file, text, problem) in [
        ("desk.yaml", "openapi: 3.0.3\npaths: {{{\n".to_owned(), "desk.yaml"),
        ("jackfield.lock", "format 3\n".to_owned(), "was written by another version of Jackfield"),
        ("connector.toml", toml.replace("desk\"\n", "other\"\n"), "the connector is called other now"),
        ("connector.toml", format!("{toml}renmae = 1\n"), "renmae"),
    ] {
        place.write(DOCUMENT);
        fs::write(place.path("desk").join(file), text).unwrap();
        hang_up(&pid);
        count += 1;
        until("the problem is told", async || told(&client) == count).await;
        assert!(client.stderr().contains(problem), "{problem}\n{}", client.stderr());
        assert_eq!(names(&client).await, ["create_incident", "list_incidents"]);
        // Unchanged files are not read again.
        hang_up(&pid);
        until("nothing has changed", async || {
            client.stderr().matches("no file has changed").count() == count
        })
        .await;
        assert_eq!(told(&client), count);
        fs::write(place.path("desk/connector.toml"), &toml).unwrap();
        fs::write(place.path("desk/jackfield.lock"), &lock).unwrap();
    }
    assert!(client.call("list_incidents", json!({})).await.unwrap().is_error != Some(true));
    place.write(DOCUMENT);
    place.write_accepted(&(DOCUMENT.to_owned() + ANOTHER));
    hang_up(&pid);
    client.list_changes(1).await.unwrap();
    assert_eq!(names(&client).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_credential_is_not_sent_to_a_new_origin_of_the_document() {
    let answer = Answer::json(200, &json!({}));
    let (first, second) =
        (Upstream::answering(answer.clone()).await.unwrap(), Upstream::answering(answer).await.unwrap());
    let mut place = Place::new(&first.base_url());
    let secret = canary("desk");
    let said = place.run(&["serve", "desk", "auth", "set", "desk"], &format!("{secret}\n"));
    assert!(said.status.success(), "{said:?}");
    let (client, pid) = place.client(None).await;
    client.call("list_incidents", json!({})).await.unwrap();
    assert_eq!(first.take()[0].header("authorization"), Some(format!("Bearer {secret}").as_str()));

    // The lock does not list the new origin, so all tools that reach it are withheld.
    place.server = second.base_url();
    place.write(DOCUMENT);
    hang_up(&pid);
    client.list_changes(1).await.unwrap();
    assert_eq!(names(&client).await, [""; 0]);
    let called = client.call("list_incidents", json!({})).await.unwrap();
    assert_eq!(called.is_error, Some(true), "{called:?}");
    assert_eq!((first.take().len(), second.take().len()), (0, 0));

    // The user accepts the origin. The stored credential is still not sent to it.
    place.lock(&["--accept-origin", &second.base_url()]);
    hang_up(&pid);
    until("the tools are back", async || names(&client).await.len() == 2).await;
    let called = client.call("list_incidents", json!({})).await.unwrap();
    assert_eq!(called.is_error, Some(true), "{called:?}");
    let text = format!("{called:?}");
    assert!(text.contains("--origin") && !text.contains(&secret), "{text}");
    assert_eq!((first.take().len(), second.take().len()), (0, 0));
    assert!(!client.stderr().contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn http_server_still_applies_its_policies_after_the_document_changes() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let place = Place::new(&upstream.base_url());
    let server = Http::start(&place, &["--read-only", "--audit", "on"]);
    assert_eq!(server.names(), ["list_incidents"]);
    let wanted = json!({ "notifications": { "toolsListChanged": true } });
    let mut events =
        BufReader::new(server.send("subscriptions/listen", None, wanted)).lines().map(Result::unwrap);
    assert!(events.any(|line| line.contains("notifications/subscriptions/acknowledged")));
    server.call("list_incidents");
    place.write_accepted(
        &(DOCUMENT.to_owned()
            + ANOTHER
            + "    post: { operationId: addPerson, responses: { '200': { description: Done. } } }\n"),
    );
    server.reload();
    assert!(events.any(|line| line.contains("notifications/tools/list_changed")));
    // `--read-only` also hides the tools of the new document, and the audit continues the same chain.
    assert_eq!(server.names(), ["list_incidents", "list_people"]);
    assert_eq!(server.call("list_people")["isError"], false);
    let hidden = server.ask("tools/call", Some("add_person"), json!({ "name": "add_person" }));
    assert_eq!(hidden["error"]["code"], -32602, "{hidden}");
    assert_eq!(upstream.take().len(), 2);
    let told = server.told.text.lock().unwrap().clone();
    drop(server);
    let said = place.run(&["serve", "desk", "audit", "verify"], "");
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("records in 1 chains: unchanged"), "{said}\n{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_of_a_call_is_invalid_after_the_connector_files_have_changed() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let place = Place::new(&upstream.base_url());
    let server = Http::start(&place, &[]);
    let approvals = Approvals::new(SqliteStore::open(&place.path("state/desk")).unwrap());
    let waiting = || {
        let result = server.call("create_incident");
        assert_eq!(result["isError"], true, "{result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        let id = text.split("approvals approve ").nth(1).unwrap_or_else(|| panic!("{text}"));
        id.chars().take_while(char::is_ascii_hexdigit).collect::<String>()
    };
    let first = waiting();
    approvals.decide(&first, true, "fern").unwrap().unwrap();
    assert_eq!(server.call("create_incident")["isError"], false);
    assert_eq!(upstream.take().len(), 1);

    let second = waiting();
    // Only another tool changes. The definition of the tool that waits for approval stays the same.
    place.write(&(DOCUMENT.to_owned() + ANOTHER));
    server.reload();
    approvals.decide(&second, true, "fern").unwrap().unwrap();
    let third = waiting();
    assert_ne!(second, third);
    assert_eq!(upstream.take().len(), 0);
    approvals.decide(&third, true, "fern").unwrap().unwrap();
    assert_eq!(server.call("create_incident")["isError"], false);
    assert_eq!(upstream.take().len(), 1);
}
