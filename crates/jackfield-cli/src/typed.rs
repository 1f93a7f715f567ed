//! Formats commands that the user can paste, such as a changed copy of this process's command line.

use std::path::Path;

use jackfield_build::model::shell_quoted;

/// Returns the name or path with which a shell starts this program.
pub(crate) fn program() -> String {
    let started = std::env::args_os().next().unwrap_or_default();
    let path = Path::new(&started);
    let is_path = path.components().count() > 1 && path.file_stem().is_some_and(|stem| stem == "jackfield");
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let is_found = || {
        let name = path.file_name().unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
    };
    match is_path && !is_found() {
        true => shell_quoted(&started.to_string_lossy()).into_owned(),
        false => "jackfield".to_owned(),
    }
}

/// Returns the command line with an additional flag.
pub(crate) fn with_flag(flag: &str, command: &str, document: &str) -> String {
    changed(arguments(command, document), |words| words.insert(1, flag.to_owned()))
}

/// Returns the command line with another document.
pub(crate) fn with_document(other: &str, command: &str, document: &str) -> String {
    changed(arguments(command, document), |words| {
        let is_named = |at: &usize| words[*at] == document;
        // A flag may have the same value as the document, as in `gen api --out api`.
        let follows_flag = |at: &usize| words[at.saturating_sub(1)].starts_with("--");
        let mut named = (0..words.len()).filter(is_named);
        let place = named.clone().find(|at| !follows_flag(at)).or_else(|| named.next());
        if let Some(at) = place {
            other.clone_into(&mut words[at]);
        }
    })
}

/// Returns the arguments of this process if they contain `command` and `document`, or else only `command` and `document`.
fn arguments(command: &str, document: &str) -> Vec<String> {
    let typed: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match typed.first().is_some_and(|first| first == command) && typed.iter().any(|word| word == document) {
        true => typed,
        false => vec![command.to_owned(), document.to_owned()],
    }
}

fn changed(mut words: Vec<String>, change: impl FnOnce(&mut Vec<String>)) -> String {
    change(&mut words);
    let quoted: Vec<_> = words.iter().map(|word| shell_quoted(word)).collect();
    format!("{} {}", program(), quoted.join(" "))
}
