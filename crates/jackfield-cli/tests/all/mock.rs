//! Tests `jackfield mock`. A connector calls the mock with the printed commands, and `--check` calls every tool.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn jackfield(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
    command.args(arguments).current_dir(repository()).stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A process. Dropping this value ends the process.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn commands_that_mock_prints_make_the_connector_call_the_mock() {
    let mut mock = jackfield(&["mock", "specs/bookshop.yaml"]);
    let mut mock = Started(mock.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(mock.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut variables = Vec::new();
    let mut call = String::new();
    for line in lines {
        if let Some((name, value)) = line.trim().strip_prefix("export ").and_then(|it| it.split_once('=')) {
            variables.push((name.to_owned(), value.to_owned()));
        } else if line.contains(" call ") {
            call = line.trim().to_owned();
        } else if line.starts_with("The same port") {
            break;
        }
    }
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["BOOKSHOP_BASE_URL", "BOOKSHOP_TOKEN"]);
    assert_eq!(call, "jackfield preview --name bookshop specs/bookshop.yaml call list_books");
    let words: Vec<&str> = call.split(' ').skip(1).collect();
    let found = jackfield(&words).envs(variables.clone()).output().unwrap();
    assert!(found.status.success() && text(&found).contains("\"items\""), "{}", text(&found));

    let get = |book: &str| {
        let arguments = format!("{{\"bookId\":\"{book}\"}}");
        let call = ["preview", "--name", "bookshop", "specs/bookshop.yaml", "call", "get_book", &arguments];
        jackfield(&call).envs(variables.clone()).output().unwrap()
    };
    assert!(get("bk_1").status.success());
    drop(mock.0.kill());
    let mut log = String::new();
    mock.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("GET /books/bk_1 200 get_book"), "{log}");
}

#[test]
fn mock_check_calls_every_tool_and_exits_with_1_if_a_call_fails() {
    let checked = jackfield(&["mock", "specs/bookshop.yaml", "--check"]).output().unwrap();
    assert_eq!(text(&checked), "15 of 15 tools answered, 0 failed\n");
    assert_eq!(checked.status.code(), Some(0));

    let folder = tempfile::tempdir().unwrap();
    let replies = folder.path().join("replies.json");
    std::fs::write(&replies, r#"{ "get_book": { "status": 500 } }"#).unwrap();
    let options = ["mock", "crates/connectors/bookshop", "--check", "--replies", replies.to_str().unwrap()];
    let checked = jackfield(&options).output().unwrap();
    assert_eq!(checked.status.code(), Some(1));
    let said = text(&checked);
    assert!(said.contains("get_book (GET /books/{bookId}) failed:"), "{said}");
    assert!(said.ends_with("14 of 15 tools answered, 1 failed\n"), "{said}");
}

#[test]
fn invalid_options_of_mock_are_refused_with_a_remedy() {
    for (words, reason) in [
        (
            &["mock", "specs/bookshop.yaml", "--replies", "nowhere.json", "--check"][..],
            "nowhere.json cannot be read",
        ),
        (
            &["preview", "specs/bookshop.yaml", "mock", "--port", "70000"],
            "has to be a number from 0 to 65535",
        ),
        (&["preview", "specs/bookshop.yaml", "mock", "now"], "`mock` does not take `now`"),
        (&["mock", "specs/bookshop.yaml", "--port", "1", "--check"], "cannot be used with"),
    ] {
        let refused = jackfield(words).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
        assert!(text(&refused).contains(reason), "{words:?}: {}", text(&refused));
    }
}
