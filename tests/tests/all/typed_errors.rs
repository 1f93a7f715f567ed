//! Errors of the runtime have types: no `Result` has a string as its error, so that callers can distinguish
//! failures without parsing messages.

use std::fs;

use crate::circles::{Crate, code_of};
use crate::specs::repository;

/// Returns the line numbers on which a `Result` with a `String` error begins. Generics may span lines.
fn untyped(text: &str) -> Vec<usize> {
    let lines = code_of(text);
    let code: String = lines.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let begins = code.match_indices("Result<").filter(|(at, _)| !code[..*at].ends_with(is_word));
    let untyped = begins.filter(|(at, begin)| {
        let arguments = arguments(&code[at + begin.len()..]);
        let error = arguments.get(1).map(|error| error.split_whitespace().collect::<String>());
        error.is_some_and(|error| ["String", "std::string::String"].contains(&error.as_str()))
    });
    untyped.map(|(at, _)| lines[code[..at].matches('\n').count()].0).collect()
}

/// Returns the generic arguments after an opening bracket, which precedes the text.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut begin, mut depth, mut last) = (Vec::new(), 0, 0, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if last == '-' => {}
            '>' | ')' | ']' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                found.push(&text[begin..at]);
                begin = at + 1;
            }
            '>' | ')' | ']' | ';' if depth == 0 => {
                found.push(&text[begin..at]);
                break;
            }
            _ => {}
        }
        last = c;
    }
    found
}

#[test]
fn tidy_errors_of_the_runtime_have_types() {
    let folder = repository().join("crates/jackfield-runtime/src");
    let mut found = Vec::new();
    for file in Crate::read(&folder).files() {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        found.extend(untyped(&text).into_iter().map(|line| format!("{file}:{line}")));
    }
    assert_eq!(found, [] as [String; 0], "a `Result` with a text for an error: give the error a type");
}

#[test]
fn tidy_string_error_is_detected() {
    for code in [
        "fn of(text: &str) -> Result<Self, String> {",
        "pub(crate) async fn of() -> Result<Option<(Vec<u8>, String)>, String> {",
        "fn of() -> Result<\n    Vec<Box<dyn Fn(&str) -> Result<String, Fault>>>,\n    String,\n> {",
        "    limit: Result<u64, String>,",
        "    roots: OnceLock<Result<Arc<Roots>, std::string::String>>,",
        "type Address = Result<[u8; 4], String>;",
        "    let is_there = |found: &Result<Option<_>, String>| found.is_ok();",
        "    let all = texts.collect::<Result<Vec<_>, String>>()?;",
    ] {
        assert_eq!(untyped(&format!("// one\n\n{code}\n")), [3], "{code}");
    }
}

#[test]
fn tidy_does_not_report_typed_errors_or_tests() {
    for sound in [
        "fn of() -> Result<Option<String>, Fault> {",
        "fn of() -> Result<(String, Vec<String>), Fault<String>> {",
        "fn of() -> Result<Vec<String>> {",
        "fn of() -> ToolResult<u8, String> {",
        "// fn of() -> Result<u8, String>",
        "fn of() -> Result<u8, Fault> { let text: Vec<(u8, String)>; }",
        "#[cfg(test)]\nmod tests {\n    fn of() -> Result<u8, String> {}\n}",
    ] {
        assert_eq!(untyped(sound), [] as [usize; 0], "{sound}");
    }
}
