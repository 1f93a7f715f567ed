//! Checks arguments of a command line.

use super::finding::{Finding, FindingCode, quoted};
use super::values;
use crate::entry::argument::{Argument, ArgumentKind};
use crate::entry::input::{Input, InputFormat};

/// Characters and words that have a meaning only for a shell.
const SHELL_CHARACTERS: [char; 8] = [';', '|', '&', '`', '<', '>', '\n', '\r'];
const SHELLS: [&str; 9] = ["sh", "bash", "zsh", "dash", "fish", "cmd", "cmd.exe", "powershell", "pwsh"];

/// Checks the arguments of a server.
pub(super) fn check(arguments: &[Argument], place: &str, findings: &mut Vec<Finding>) {
    for (at, argument) in arguments.iter().enumerate() {
        let place = format!("{place}/{at}");
        if let ArgumentKind::Named { name } = &argument.kind
            && !is_flag_name(name)
        {
            findings.push(Finding::refused(
                FindingCode::ArgumentName,
                &place,
                format!("{} is not the name of a flag", quoted(name)),
                "a flag is dashes, letters and digits, such as --port",
            ));
        }
        values::check(&argument.input, &place, findings);
        if let Some(value) = argument.input.published_values().find(|value| is_flag(value, &argument.input)) {
            findings.push(Finding::refused(
                FindingCode::FlagInArgument,
                &place,
                format!("the value {} of {} is a flag", quoted(value), quoted(argument.label())),
                "a flag that is hidden in a value is not passed on; the publisher has to declare it as a named argument",
            ));
        }
        if argument.input.has_secret() {
            findings.push(Finding::warning(
                FindingCode::SecretInArgument,
                &place,
                format!("the secret {} is part of the command line", quoted(argument.label())),
                "other users of this machine can read command lines; prefer an environment variable if the server has one",
            ));
        }
    }
    findings.extend(shell(arguments, place));
}

/// Whether a value would be read as a flag. A negative number is none, and neither is a dash alone.
pub(super) fn is_flag(value: &str, input: &Input) -> bool {
    let is_number = input.format == InputFormat::Number && value.parse::<f64>().is_ok();
    value.len() > 1 && value.starts_with('-') && !is_number
}

fn is_flag_name(name: &str) -> bool {
    let word = name.trim_start_matches('-');
    let word = word.strip_suffix('=').unwrap_or(word);
    name.len() - name.trim_start_matches('-').len() <= 2
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// Finds values that are written for a shell. They are passed on as they are, so they are harmless here but show what the publisher expects.
fn shell(arguments: &[Argument], place: &str) -> Option<Finding> {
    let values = || arguments.iter().flat_map(|argument| argument.input.published_values());
    let begins_shell = |value: &str| {
        let program = value.split_whitespace().next().unwrap_or_default();
        SHELLS.contains(&program.rsplit(['/', '\\']).next().unwrap_or_default())
    };
    let has_syntax = |value: &str| value.contains(SHELL_CHARACTERS) || value.contains("$(");
    let found = values().find(|value| has_syntax(value) || begins_shell(value))?;
    Some(Finding::warning(
        FindingCode::ShellInArgument,
        place,
        format!("the value {} is written for a shell", quoted(found)),
        "no shell reads it: the server gets the characters as they are",
    ))
}
