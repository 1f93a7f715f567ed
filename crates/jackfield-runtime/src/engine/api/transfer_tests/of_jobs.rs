//! Tests of jobs whose result is stored in a file.

use super::*;
use crate::v1::{Group, ReplyRow};

fn by_id(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.path("id", args.required("id"))
}

static GET_EXPORT: Tool = Tool::new("get_export", "GET", "/exports/{id}", by_id)
    .input(r#"{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}"#)
    .effect(Effect::Read);
static CAREFUL: Connector = Connector::new("shop")
    .replies(&[ReplyRow::of("get_export").redact(&["$.owner"])])
    .groups(&[Group::new("", &[&EXPORT, &GET_EXPORT])]);

#[tokio::test(start_paused = true)]
async fn download_of_a_job_contains_the_result_instead_of_the_first_reply() {
    let accepted = || {
        answer("202 Accepted\nlocation: /exports/7\ncontent-type: application/json\ncontent-length: 2", b"{}")
    };
    let json = |head: &str, text: &str| {
        let head = format!("{head}\ncontent-type: application/json\ncontent-length: {}", text.len());
        answer(&head, text.as_bytes())
    };
    let image = || answer("200 OK\ncontent-type: image/png\ncontent-length: 3", b"abc");
    let running = || json("200 OK", r#"{"status":"running"}"#);
    let done = || json("200 OK", r#"{"status":"done","result_url":"/results/7"}"#);
    for (name, answers, stored) in [
        ("a file at once", vec![image()], &b"abc"[..]),
        ("JSON at once", vec![json("200 OK", r#"{"id":7}"#)], br#"{"id":7}"#),
        ("the status becomes the file", vec![accepted(), running(), image()], b"abc"),
        ("an address of its own", vec![accepted(), running(), done(), image()], b"abc"),
        (
            "the status is the result",
            vec![accepted(), json("200 OK", r#"{"status":"done"}"#)],
            br#"{"status":"done"}"#,
        ),
    ] {
        let service = Scripted::of(answers).await;
        let result = service.call(&EXPORT, json!({ "save_to": "a.bin" })).await;
        assert!(result.as_text().contains("sha256"), "{name}: {result:?}");
        service.assert_stored(stored);
    }
}

#[tokio::test(start_paused = true)]
async fn download_waits_for_its_job_only_until_the_deadline_of_ordinary_calls() {
    let began = tokio::time::Instant::now();
    let accepted = answer("202 Accepted\nlocation: /exports/7\ncontent-length: 0", b"");
    let running = b"{\"status\":\"running\"}";
    let running = answer("200 OK\ncontent-type: application/json\ncontent-length: 20", running);
    let service = Scripted::of(vec![accepted, running]).await;
    let result = service.call(&EXPORT, json!({ "save_to": "a.bin" })).await;
    let notes: Vec<&str> = result.notes().collect();
    assert!(notes.iter().any(|note| note.contains("no time to wait longer")), "{result:?}");
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn job_result_with_redactions_is_not_stored() {
    let accepted = answer("202 Accepted\nlocation: /exports/7\ncontent-length: 0", b"");
    let body = br#"{"owner":"ada","status":"done"}"#;
    let done =
        answer(&format!("200 OK\ncontent-type: application/json\ncontent-length: {}", body.len()), body);
    let service = Scripted::of_connector(&CAREFUL, vec![accepted, done], &[]).await;
    let result = service.call(&EXPORT, json!({ "save_to": "a.bin" })).await;
    assert!(result.as_text().contains("done") && !result.as_text().contains("ada"), "{result:?}");
    assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 0);
}
