//! Registries that answer with anything.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jackfield_registry::{ApiError, Client, Poll, RemoteRegistry, Scope, SyncError, SyncLimits, SyncOptions};
use jackfield_runtime::Environment;
use jackfield_testkit::{Answer, Recorded, generated_items};
use serde_json::json;
use support::{Site, item};

/// Returns the error with which a sync ends.
fn error_of(other: impl Fn(&Recorded) -> Option<Answer> + Send + Sync + 'static) -> ApiError {
    let site = Site::with(generated_items(200, 1), other);
    let mut copy = site.copy();
    let limits = SyncLimits { pages: 30, entries: 2_500, empty_pages: 10 };
    let options = SyncOptions { limits, ..support::options(Poll::Now, 0) };
    match copy.sync(&mut site.client(), &options, &mut |_| ()) {
        Err(SyncError::Api(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_that_do_not_end_are_an_error() {
    let page = |items: &[String], cursor: &str| {
        let text = format!(r#"{{"servers":[{}],"metadata":{{"nextCursor":"{cursor}"}}}}"#, items.join(","));
        Some(Answer::bytes(200, "application/json", text))
    };
    let items: Vec<String> = generated_items(100, 2).into_iter().map(|item| item.text).collect();
    let one = items[..1].to_vec();
    let same = one.clone();
    let error = error_of(move |_| page(&same, "same"));
    assert_eq!(error, ApiError::EndlessPages("a cursor occurs twice".to_owned()));
    let (count, alternating) = (AtomicUsize::new(0), one.clone());
    let error =
        error_of(move |_| page(&alternating, &format!("{}", count.fetch_add(1, Ordering::SeqCst) % 3)));
    assert_eq!(error, ApiError::EndlessPages("a cursor occurs twice".to_owned()));
    let (count, endless) = (AtomicUsize::new(0), one);
    let error = error_of(move |_| page(&endless, &format!("{}", count.fetch_add(1, Ordering::SeqCst))));
    assert_eq!(error, ApiError::EndlessPages("there are more than 30 pages".to_owned()));
    let count = AtomicUsize::new(0);
    let error = error_of(move |_| page(&items, &format!("{}", count.fetch_add(1, Ordering::SeqCst))));
    assert_eq!(error, ApiError::EndlessPages("there are more than 2500 entries".to_owned()));
    let count = AtomicUsize::new(0);
    let error = error_of(move |_| page(&[], &format!("{}", count.fetch_add(1, Ordering::SeqCst))));
    assert_eq!(error, ApiError::EndlessPages("there are more than 10 empty pages".to_owned()));
}

#[test]
fn body_that_is_not_a_page_is_an_error() {
    let deep = format!("{{\"servers\":[],\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "<html>sign in</html>", "{}", "[1]", "{\"servers\":[", "{\"servers\":\"none\"}", &deep] {
        let answer = Answer::bytes(200, "application/json", body);
        let error = error_of(move |_| Some(answer.clone()));
        assert!(matches!(error, ApiError::Malformed(_)), "{body:.40}: {error}");
    }
}

#[test]
fn body_beyond_the_limit_is_not_read() {
    let error = error_of(|_| Some(Answer::text(200, " ".repeat(1 << 20)).filled_to(17 * 1024 * 1024)));
    assert_eq!(error, ApiError::TooLarge(16 * 1024 * 1024));
    let endless = Answer::text(200, " ".repeat(1024 * 1024)).repeated(1_000, Duration::ZERO);
    let error = error_of(move |_| Some(endless.clone()));
    assert_eq!(error, ApiError::TooLarge(16 * 1024 * 1024));
}

#[test]
fn compressed_page_is_read_up_to_the_same_limit() {
    let compressed = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        Answer::bytes(200, "application/json", encoder.finish().unwrap()).header("content-encoding", "gzip")
    };
    let items: Vec<String> = generated_items(100, 2).into_iter().map(|item| item.text).collect();
    let page = compressed(format!(r#"{{"servers":[{}]}}"#, items.join(",")).as_bytes());
    let site = Site::with(Vec::new(), move |request| {
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
        Some(page.clone())
    });
    assert_eq!(site.client().page(None, None).unwrap().items.len(), 100);
    let bomb = compressed(&vec![b' '; 40 * 1024 * 1024]);
    assert!(bomb.body.len() < 100_000);
    assert_eq!(error_of(move |_| Some(bomb.clone())), ApiError::TooLarge(16 * 1024 * 1024));
    let mut damaged = compressed(b"{\"servers\":[]}");
    damaged.body.truncate(20);
    assert!(matches!(error_of(move |_| Some(damaged.clone())), ApiError::Malformed(_)));
    let other = Answer::text(200, "{}").header("content-encoding", "br");
    assert!(matches!(error_of(move |_| Some(other.clone())), ApiError::Malformed(_)));
}

#[test]
fn status_and_redirect_are_errors_that_say_so() {
    for (answer, expected) in [
        (Answer::json(500, &json!({ "error": "broken" })), "the registry answered with status 500: broken"),
        (Answer::text(502, "<html>"), "the registry answered with status 502"),
        (Answer::empty(503), "the registry asks to wait (status 503); try again in 60 seconds"),
        (Answer::empty(404), "the registry does not have this server or version"),
        (
            Answer::empty(302).header("location", "https://other.example.com/"),
            "the registry redirects to \"https://other.example.com/\", which is not followed; if you trust that address, use it as \
             the address of the registry",
        ),
    ] {
        assert_eq!(error_of(move |_| Some(answer.clone())).to_string(), expected);
    }
}

#[test]
fn registry_that_answers_byte_by_byte_is_given_up() {
    let answer = Answer::text(200, "{\"servers\":[]}").dripped(Duration::from_secs(3));
    let site = Site::with(Vec::new(), move |_| Some(answer.clone()));
    let environment = Environment::of::<String, String>([]);
    let remote = RemoteRegistry::new(&site.address(), &environment).unwrap();
    let mut client = Client::over(&site.address(), remote.with_patience(Duration::from_millis(300)));
    assert_eq!(client.page(None, None), Err(ApiError::Late(Duration::from_millis(300))));
}

#[test]
fn repeated_and_similar_names_are_kept_apart() {
    let time = "2026-01-01T00:00:00Z";
    let texts = [
        item("com.example/time", "1.0.0", time, &json!({})),
        item("com.example/time", "1.0.0", time, &json!({ "statusMessage": "again" })),
        item("com.Example/Time", "1.0.0", time, &json!({})),
        item("com.examp1e/time", "1.0.0", time, &json!({})),
        // Two versions that both claim to be the latest.
        item("com.example/time", "2.0.0", time, &json!({})),
    ]
    .map(|item| item.text);
    let body = format!(r#"{{"servers":[{}]}}"#, texts.join(","));
    let site = Site::with(Vec::new(), move |_| Some(Answer::bytes(200, "application/json", body.clone())));
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    let state = copy.state().unwrap();
    assert_eq!((state.entries, state.servers), (4, 3));
    let name = jackfield_registry::ServerName::parse("com.example/time").unwrap();
    let versions = copy.versions(&name).unwrap();
    let latest: Vec<_> = versions.iter().map(|it| (it.version.as_str(), it.official.is_latest)).collect();
    assert_eq!(latest, [("2.0.0", Some(true)), ("1.0.0", Some(false))]);
    assert_eq!(copy.find("time", 10, Scope::Active).unwrap().len(), 3);
    let alike: Vec<String> = copy.look_alikes(&name).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(alike, ["com.Example/Time", "com.examp1e/time"]);
    let finding = jackfield_registry::look_alike_finding(&name, &copy.look_alikes(&name).unwrap()).unwrap();
    assert!(finding.problem.contains("com.examp1e/time"), "{finding}");
}

#[test]
fn answer_about_another_server_is_refused() {
    let other = item("com.example/other", "1.0.0", "2026-01-01T00:00:00Z", &json!({}));
    let site =
        Site::with(Vec::new(), move |_| Some(Answer::bytes(200, "application/json", other.text.clone())));
    let name = jackfield_registry::ServerName::parse("com.example/time").unwrap();
    let error = site.client().entry(&name, None).unwrap_err();
    assert!(error.to_string().contains("com.example/other@1.0.0"), "{error}");
}
