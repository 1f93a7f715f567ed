//! Servers over HTTP that never answer a session DELETE or a cancellation, and servers that answer calls with an error status.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use support::fake_server::{FakeServer, Reply, hello};
use support::{Site, until};

#[test]
fn hanging_session_delete_does_not_block_serving() {
    let server = FakeServer::start(|method, _| match method {
        "initialize" => Some(Reply::Session(hello())),
        "DELETE" => Some(Reply::Hang),
        _ => None,
    });
    let site = Site::of(&format!("[connectors.other]\nurl = \"{}\"\n", server.url));
    let (code, text) = site.run(&["test", "other"]);
    assert!(code == 0 && text.contains("other_greet"), "{text}");
    let began = Instant::now();
    assert_eq!(site.serve().tools(), ["other_greet"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(server.methods().iter().filter(|it| *it == "DELETE").count(), 2);
}

#[test]
fn first_contact_with_a_hanging_server_ends_after_ten_seconds() {
    let (honest, hanging) = (FakeServer::start(|_, _| None), FakeServer::start(|_, _| Some(Reply::Hang)));
    let site = Site::of(&format!(
        "[connectors.honest]\nurl = \"{}\"\n[connectors.other]\nurl = \"{}\"\ntimeout = 86400\n",
        honest.url, hanging.url
    ));
    assert_eq!(site.serve().tools(), ["honest_greet"]);
    let (_, text) = site.run(&["serve", "--stdio", "--ask", "never"]);
    assert!(text.contains("`other` cannot be attached: it has not answered within 10 seconds"), "{text}");
}

#[test]
fn cancelled_calls_close_their_connections_to_a_hanging_server() {
    let cancelled = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cancelled);
    let server = FakeServer::start(move |method, _| match method {
        "notifications/cancelled" => {
            counted.fetch_add(1, Ordering::SeqCst);
            Some(Reply::Hang)
        }
        "tools/call" => Some(Reply::Hang),
        _ => None,
    });
    let site = Site::of(&format!("[connectors.other]\nurl = \"{}\"\ntimeout = 1\n", server.url));
    let mut gateway = site.serve();
    for _ in 0..20 {
        gateway.begin("tools/call", &json!({ "name": "other_greet", "arguments": {} }));
    }
    // The responses arrive in any order.
    for _ in 0..20 {
        let answer = gateway.read();
        assert!(answer["result"]["isError"] == true, "{answer}");
    }
    until("no connection is left", || {
        cancelled.load(Ordering::SeqCst) > 0 && server.held.load(Ordering::SeqCst) == 0
    });
    assert!(cancelled.load(Ordering::SeqCst) <= 8, "{cancelled:?}");
}

#[test]
fn error_for_a_refused_request_does_not_claim_that_nothing_was_sent() {
    let status = Arc::new(AtomicUsize::new(0));
    let said = Arc::clone(&status);
    let server = FakeServer::start(move |method, _| {
        let status = u16::try_from(said.load(Ordering::SeqCst)).unwrap();
        (method == "tools/call").then_some(Reply::Status(status))
    });
    let site = Site::of(&format!("[connectors.other]\nurl = \"{}\"\n", server.url));
    let mut gateway = site.serve();
    for (code, expected) in [
        (
            403,
            "answered with the error 403: it refused the request: log in with `jackfield-gateway login NAME`",
        ),
        (400, "answered with the error 400: it refused the request"),
        (307, "answered with the error 307: it redirects to another URL: correct `url`"),
        (409, "It may or may not have acted"),
        (429, "It may or may not have acted"),
        (500, "It may or may not have acted"),
    ] {
        status.store(code, Ordering::SeqCst);
        let told = gateway.told("other_greet", json!({}));
        assert!(told.contains(expected) && !told.contains("Nothing was sent"), "{code}: {told}");
    }
}
