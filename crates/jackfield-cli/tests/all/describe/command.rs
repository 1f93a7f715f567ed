//! Tests how the command is started, read and ended.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::shop::{DOCUMENT, OVERLAY, Shop, good};

#[test]
fn describe_requests_all_texts_again_if_the_command_has_changed() {
    let shop = Shop::new();
    shop.answer(&good()).describe("answer", &[]).expect(0, &[]);
    shop.describe("fenced", &["--check"]).expect(1, &["GET /books was described by another command"]);
    shop.jackfield(&["describe", "--check"]).expect(0, &["is up to date"]);
    let overlay = shop.read(OVERLAY);
    shop.describe("fenced", &[]).expect(0, &["written: 8 texts of 4 tools, 4 new, 0 kept"]);
    assert_eq!(shop.starts(), 2);
    assert_ne!(shop.read(OVERLAY), overlay, "the file has the digest of the command");
}

#[test]
fn describe_changes_no_file_if_the_command_gives_no_usable_answer() {
    for (behaviour, words, parts) in [
        ("garbage", &[][..], &["request 1 of 1: the answer has no JSON object", "I am sorry"][..]),
        ("bytes", &[], &["the answer is not UTF-8"]),
        ("twice", &[], &["2 objects with `texts`"]),
        ("huge", &[], &["wrote more than 1048576 bytes to stdout, and was killed"]),
        (
            "silent",
            &["--timeout", "1"],
            &["gave no answer within 1 s, and was killed; --timeout allows more"],
        ),
        (
            "failure",
            &[],
            &["failed: exit status: 7", "its stderr ends with", "the key is not valid\\u{1b}[31m"],
        ),
        ("noise", &[], &["failed: exit status: 1", "last words"]),
    ] {
        let shop = Shop::new();
        let run = shop.answer(&good()).describe(behaviour, words).expect(1, parts);
        assert!(run.said().len() < 20_000, "{behaviour} says {} bytes", run.said().len());
        assert!(!run.said().contains("no tool needs"), "{behaviour}");
        assert!(!shop.path(OVERLAY).exists(), "{behaviour}");
    }
}

#[test]
fn answer_is_accepted_if_the_command_has_harmless_quirks() {
    for behaviour in ["fenced", "deaf", "orphan"] {
        let shop = Shop::new();
        shop.answer(&good()).describe(behaviour, &[]).expect(0, &["8 texts of 4 tools"]);
    }
}

/// Waits until a process has ended, and fails the test if it does not end.
#[track_caller]
fn expect_end(process: &str) {
    let start = Instant::now();
    while runs(process) {
        assert!(start.elapsed() < Duration::from_secs(20), "{process} still runs");
        std::thread::yield_now();
    }
}

/// Whether a process still runs. A zombie process does not count as running.
fn runs(process: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat"));
    state.is_ok_and(|state| !state.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

#[test]
fn programs_that_the_command_started_are_killed_with_the_command() {
    if !Path::new("/proc/self/stat").exists() {
        return jackfield_testkit::skipped("there is no /proc");
    }
    for (behaviour, code) in [("family", 1), ("orphan", 0)] {
        let shop = Shop::new();
        shop.answer(&good()).describe(behaviour, &["--timeout", "3"]).expect(code, &[]);
        let child = shop.read("child").trim().to_owned();
        assert!(!child.is_empty(), "{behaviour} started no program");
        expect_end(&child);
    }
}

#[test]
fn failure_of_a_later_request_keeps_the_answers_to_earlier_requests() {
    let shop = Shop::new();
    shop.answer(&good())
        .describe("second", &["--batch", "2"])
        .expect(1, &["request 2 of 2:", "no quota", "6 texts of 2 tools"]);
    assert_eq!(shop.starts(), 2);
    shop.describe("answer", &["--tool", "find_books"]).expect(0, &["7 texts of 3 tools, 1 new, 0 kept"]);
}

#[test]
fn describe_dry_run_prints_the_requests_and_does_not_start_the_command() {
    let shop = Shop::new();
    let run = shop.describe("answer", &["--dry-run", "--batch", "3"]).expect(0, &[]);
    let requests: Vec<Value> =
        run.printed().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(requests.len(), 2);
    assert_eq!((shop.starts(), shop.path(OVERLAY).exists()), (0, false));
    shop.answer(&good()).describe("answer", &["--batch", "3"]).expect(0, &[]);
    assert_eq!(requests, [shop.request(1), shop.request(2)], "the command gets what --dry-run prints");
}

#[test]
fn text_of_a_document_never_reaches_the_command_line() {
    let document = DOCUMENT
        .replace("operationId: listBooks", "operationId: '$(touch hacked); `touch hacked`'")
        .replace("Finds at most", "$(touch hacked) '; touch hacked; ' Finds at most");
    let shop = Shop::with(&document);
    let line = format!("cat >\"{0}/seen\"; cat \"{0}/answer.json\"", shop.folder.path().display());
    shop.answer(&json!({}))
        .jackfield(&["describe", "--shell", "--with", &line])
        .expect(0, &["0 texts of 0 tools"]);
    assert!(shop.read("seen").contains("touch hacked"), "the document is in the material");
    assert!(!shop.path("hacked").exists());
    shop.jackfield(&["describe", "--again", "--", "cat", "answer.json"]).expect(0, &["4 new"]);
    shop.jackfield(&["describe", "--again", "--with", "cat answer.json | head"])
        .expect(2, &["`|` in the command needs a shell: add --shell"]);
}

#[test]
fn unusable_describe_command_line_is_refused_with_a_remedy() {
    let shop = Shop::new();
    shop.jackfield(&["describe"]).expect(2, &["there is no command to describe 4 tools: add --with"]);
    shop.jackfield(&["describe", "--with", "no-such-program-here"])
        .expect(1, &["no-such-program-here cannot be started"]);
    shop.jackfield(&["describe", "api.yaml", "--with", "cat"]).expect(2, &["run `jackfield gen` first"]);
    shop.write(OVERLAY, "overlay: 1.0.0\nactions: []\n");
    shop.jackfield(&["describe", "--with", "cat"]).expect(2, &["was not written by `jackfield describe`"]);
    assert_eq!(shop.read(OVERLAY), "overlay: 1.0.0\nactions: []\n");
}
