//! The scripted tasks: a request in the words of a user, the right operation, and the arguments of its call.

use serde_json::{Map, Value};

use crate::failure::Failure;

/// The tasks of each document. The key is the file name of the document without the extension.
pub(super) const SETS: [(&str, &str); 4] = [
    ("github", include_str!("../../tasks/github.tsv")),
    ("stripe", include_str!("../../tasks/stripe.tsv")),
    ("slack", include_str!("../../tasks/slack.tsv")),
    ("notion", include_str!("../../tasks/notion.tsv")),
];

/// The tasks of `specs/bookshop.yaml`, which a test performs.
#[cfg(test)]
pub(super) const BOOKSHOP: &str = include_str!("../../tasks/bookshop.tsv");

/// A task of a user.
#[derive(Debug)]
pub(super) struct Task {
    /// The request in words.
    pub(super) words: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) arguments: Map<String, Value>,
}

/// Parses tab-separated lines below a header: `task`, `operation` (`GET /books`), `arguments` (JSON).
pub(super) fn read(set: &str, text: &str) -> Result<Vec<Task>, Failure> {
    let lines = text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty());
    lines
        .map(|(at, line)| {
            task(line).map_err(|problem| Failure::new(format!("xtask/tasks/{set}.tsv:{}: {problem}", at + 1)))
        })
        .collect()
}

fn task(line: &str) -> Result<Task, String> {
    let mut cells = line.split('\t');
    let (Some(words), Some(operation), Some(arguments), None) =
        (cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err("expected three cells, separated by tabs: task, operation, arguments".to_owned());
    };
    let (method, path) =
        operation.split_once(' ').ok_or("expected a method and a path, such as `GET /books`")?;
    let arguments = serde_json::from_str(arguments).map_err(|error| error.to_string())?;
    Ok(Task { words: words.to_owned(), method: method.to_owned(), path: path.to_owned(), arguments })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_set_has_fifty_distinct_requests() {
        for (set, text) in SETS {
            let tasks = read(set, text).unwrap();
            let mut words: Vec<&str> = tasks.iter().map(|task| task.words.as_str()).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), 50, "{set}");
        }
    }

    #[test]
    fn error_about_an_invalid_task_line_names_the_line_number() {
        for (line, problem) in [
            ("find a book\tGET /books", "expected three cells"),
            ("find a book\tGET\t{}", "a method and a path"),
            ("find a book\tGET /books\t[]", "expected a map"),
        ] {
            let error = read("books", &format!("header\n\n{line}\n")).unwrap_err().to_string();
            assert!(error.starts_with("xtask/tasks/books.tsv:3: ") && error.contains(problem), "{error}");
        }
    }
}
