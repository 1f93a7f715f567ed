//! The commands of `approvals`.

use super::output::Failure;
use super::unknown_word::unknown;

/// A command of `approvals`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ApprovalsCommand {
    List { all: bool },
    Show { id: String },
    Decide { id: String, approves: bool },
}

/// The commands.
const COMMANDS: [&str; 4] = ["list", "show", "approve", "deny"];

impl ApprovalsCommand {
    pub(super) fn parse(words: &[&str]) -> Result<Self, Failure> {
        match words {
            [] | ["list"] => Ok(Self::List { all: false }),
            ["list", "--all"] | ["--all"] => Ok(Self::List { all: true }),
            [command @ ("show" | "approve" | "deny"), id] if !id.starts_with('-') => {
                let id = (*id).to_owned();
                Ok(match *command {
                    "show" => Self::Show { id },
                    command => Self::Decide { id, approves: command == "approve" },
                })
            }
            [command @ ("show" | "approve" | "deny"), ..] => Err(Failure::usage(format!(
                "`approvals {command}` takes the id of one approval; `approvals list` shows them"
            ))),
            ["list", ..] => Err(Failure::usage("`approvals list` takes only `--all`")),
            [word, ..] => Err(unknown(
                &format!("there is no command `approvals {word}`"),
                word,
                COMMANDS,
                "`help approvals` lists the commands",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvals_subcommands_are_parsed() {
        let id = || "1f".to_owned();
        for (words, command) in [
            (&[][..], ApprovalsCommand::List { all: false }),
            (&["list"], ApprovalsCommand::List { all: false }),
            (&["list", "--all"], ApprovalsCommand::List { all: true }),
            (&["show", "1f"], ApprovalsCommand::Show { id: id() }),
            (&["approve", "1f"], ApprovalsCommand::Decide { id: id(), approves: true }),
            (&["deny", "1f"], ApprovalsCommand::Decide { id: id(), approves: false }),
        ] {
            assert_eq!(ApprovalsCommand::parse(words), Ok(command), "{words:?}");
        }
        for wrong in [&["approve"][..], &["approve", "--yes"], &["approve", "1f", "2f"], &["list", "1f"]] {
            assert!(ApprovalsCommand::parse(wrong).is_err(), "{wrong:?}");
        }
        let near = ApprovalsCommand::parse(&["aprove", "1f"]).unwrap_err();
        assert!(near.text.ends_with("did you mean `approve`?"), "{}", near.text);
    }
}
