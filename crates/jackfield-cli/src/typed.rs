//! The command line that was typed, changed a little, as a remedy to paste.

use jackfield_build::model::shell_quoted;

/// The command line with one more flag. `command` and `document` are what is sure of it.
pub(crate) fn with_flag(flag: &str, command: &str, document: &str) -> String {
    changed(arguments(command, document), |words| words.insert(1, flag.to_owned()))
}

/// The command line with another document instead of the one that was named.
pub(crate) fn with_document(other: &str, command: &str, document: &str) -> String {
    changed(arguments(command, document), |words| {
        words.iter_mut().filter(|word| *word == document).for_each(|word| other.clone_into(word));
    })
}

/// The arguments of this process where they hold that command and document, else these two alone.
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
    format!("jackfield {}", quoted.join(" "))
}
