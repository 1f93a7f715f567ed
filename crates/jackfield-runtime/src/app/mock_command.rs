//! Parses the arguments of the `mock` command.

use std::path::PathBuf;

use super::output::Failure;
use super::unknown_word::unknown;

/// The arguments of the `mock` command.
#[derive(Debug, Default, PartialEq)]
pub(super) struct MockCommand {
    /// The port. 0 selects a free port.
    pub(super) port: u16,
    /// Whether every tool is called against the mock, instead of serving the mock.
    pub(super) check: bool,
    /// The file with the replies.
    pub(super) replies: Option<PathBuf>,
}

pub(super) const USAGE: &str = "mock [--port N | --check] [--replies FILE]";

impl MockCommand {
    pub(super) fn parse(words: &[&str]) -> Result<Self, Failure> {
        let mut command = Self::default();
        let mut rest = words;
        loop {
            rest = match rest {
                [] => return Ok(command),
                ["--check", rest @ ..] => {
                    command.check = true;
                    rest
                }
                ["--port", port, rest @ ..] => {
                    command.port = port.parse().map_err(|_| {
                        Failure::usage(format!("--port is {port:?}, and has to be a number from 0 to 65535"))
                    })?;
                    rest
                }
                ["--replies", file, rest @ ..] => {
                    command.replies = Some(PathBuf::from(file));
                    rest
                }
                [option @ ("--port" | "--replies")] => {
                    return Err(Failure::usage(format!("`{option}` needs a value: {USAGE}")));
                }
                [word, ..] => {
                    let problem = format!("`mock` does not take `{word}`");
                    let help = format!("it is used as {USAGE}");
                    return Err(unknown(&problem, word, ["--check", "--port", "--replies"], &help));
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mock_options_parse_in_any_order() {
        let parse = |words: &str| MockCommand::parse(&words.split_whitespace().collect::<Vec<_>>());
        let replies = Some(PathBuf::from("a.json"));
        assert_eq!(parse(""), Ok(MockCommand::default()));
        assert_eq!(parse("--replies a.json --check"), Ok(MockCommand { port: 0, check: true, replies }));
        assert_eq!(parse("--port 4010").map(|command| command.port), Ok(4010));
        for wrong in ["--port", "--port x", "--port 65536", "now", "--check --replies"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse("--chek").unwrap_err().text.contains("did you mean `--check`?"));
    }
}
