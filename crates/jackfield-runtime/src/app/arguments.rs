//! Reads the arguments of `call` from the command line, from stdin, or from a file.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::output::{Failure, tell};

/// The maximum number of bytes to read from stdin or a file.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The source from which the arguments of a call are read.
#[derive(Debug, PartialEq)]
pub(super) enum ArgumentSource {
    /// A JSON object, given as an argument of the command line.
    Object(Map<String, Value>),
    /// Standard input, given as `-`.
    Stdin,
    /// A file, given as `@file.json`.
    File(PathBuf),
}

/// Reads the arguments.
pub(super) fn read(given: ArgumentSource) -> Result<Map<String, Value>, Failure> {
    match given {
        ArgumentSource::Object(arguments) => Ok(arguments),
        ArgumentSource::Stdin => {
            let stdin = std::io::stdin();
            if stdin.is_terminal() {
                tell("type the arguments as a JSON object, then Ctrl-D");
            }
            parse(&bounded(stdin.lock(), "stdin")?, "the arguments on stdin")
        }
        ArgumentSource::File(path) => {
            parse(&text_of(&path)?, &format!("the arguments in {}", path.display()))
        }
    }
}

/// Reads a text file.
pub(super) fn text_of(path: &Path) -> Result<String, Failure> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    bounded(file, &shown)
}

/// Parses a JSON object. Empty text stands for no arguments.
pub(super) fn parse(text: &str, what: &str) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(Failure::usage(format!("{what} have to be a JSON object, as in '{{\"limit\": 3}}'"))),
        Err(_) if text.trim().is_empty() => Ok(Map::new()),
        Err(error) => Err(Failure::usage(format!(
            "{what} are not JSON: {error}; write an object in single quotes, as in '{{\"limit\": 3}}'"
        ))),
    }
}

fn bounded(input: impl Read, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    match read {
        Err(error) => Err(Failure::usage(format!("cannot read {name}: {error}"))),
        Ok(length) if length as u64 > MAX_BYTES => {
            Err(Failure::usage(format!("{name} has more than {MAX_BYTES} bytes")))
        }
        Ok(_) => String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{name} is not UTF-8"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_from_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my arguments.json");
        std::fs::write(&path, "\u{feff}{ \"limit\": 3 }\n").unwrap();
        assert_eq!(read(ArgumentSource::File(path)).map(|map| map["limit"].clone()), Ok(3.into()));
        let missing = read(ArgumentSource::File(folder.path().join("none.json"))).unwrap_err();
        assert_eq!(missing.code, 2);
        assert!(missing.text.contains("none.json"), "{}", missing.text);
    }

    #[test]
    fn endless_arguments_from_stdin_are_refused_at_the_size_limit() {
        let error = bounded(std::io::repeat(b' '), "stdin").unwrap_err();
        assert!(error.text.contains("more than 67108864 bytes"), "{}", error.text);
    }

    #[test]
    fn error_about_arguments_that_are_not_an_object_shows_an_example() {
        for text in ["[]", "3", "{limit: 3}"] {
            let error = parse(text, "the arguments").unwrap_err();
            assert!(error.text.contains(r#"'{"limit": 3}'"#), "{}", error.text);
        }
        assert_eq!(parse(" ", "the arguments"), Ok(Map::new()));
    }
}
