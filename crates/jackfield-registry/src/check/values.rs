//! Checks values that an entry publishes for arguments, variables and headers.

use jackfield_recipe::is_invisible;

use super::finding::{Finding, FindingCode, quoted};
use crate::entry::input::Input;
use crate::entry::template::placeholders;

/// Checks the values that an entry publishes for an input.
pub(super) fn check(input: &Input, place: &str, findings: &mut Vec<Finding>) {
    for value in input.published_values() {
        if value.contains(is_invisible) {
            findings.push(Finding::refused(
                FindingCode::InvisibleCharacter,
                place,
                format!("the value {} contains invisible characters", quoted(value)),
                "a person cannot see what is set, so it is not set",
            ));
        }
        if let Some(name) = reference(value).filter(|name| !input.variables.contains_key(*name)) {
            findings.push(Finding::refused(
                FindingCode::VariableReference,
                place,
                format!(
                    "the value {} refers to the variable {}, which this input does not declare",
                    quoted(value),
                    quoted(name)
                ),
                "it could reach a secret of another program, so it is not set",
            ));
        }
    }
    let text = input.value.as_deref().unwrap_or_default();
    if let Some(name) = placeholders(text).find(|name| !input.variables.contains_key(*name)) {
        findings.push(Finding::warning(
            FindingCode::UndeclaredPlaceholder,
            place,
            format!(
                "the value {} has the placeholder {}, which this input does not declare",
                quoted(text),
                quoted(name)
            ),
            "the placeholder is passed on as it is written",
        ));
    }
}

/// Returns the name of the environment variable to which a text refers in the syntax of a shell or of a configuration file: `$NAME`,
/// `${NAME}`, `${env:NAME}`, `$(…)`, `%NAME%`.
pub(super) fn reference(text: &str) -> Option<&str> {
    let begins_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let name =
        |rest: &str| rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let dollar = text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        if begins_name(rest) {
            return rest.get(..name(rest));
        }
        let inner = rest.strip_prefix(['{', '('])?;
        Some(inner.split(['}', ')', ':']).next().unwrap_or_default())
    });
    let percent = || {
        text.match_indices('%').find_map(|(at, _)| {
            let rest = text.get(at + 1..)?;
            let end = name(rest);
            // `%2F` and `%AF` are escapes of a URL.
            (begins_name(rest) && end > 2 && rest.get(end..)?.starts_with('%'))
                .then(|| rest.get(..end))
                .flatten()
        })
    };
    dollar.or_else(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_to_another_variable_is_found() {
        for (text, name) in [
            ("${GITHUB_TOKEN}", "GITHUB_TOKEN"),
            ("Bearer $TOKEN", "TOKEN"),
            ("a${HOME:-/}", "HOME"),
            ("${env:AWS_KEY}", "env"),
            ("$(cat /etc/passwd)", "cat /etc/passwd"),
            ("%USERPROFILE%\\a", "USERPROFILE"),
            ("x%%PATH%%", "PATH"),
            ("${}", ""),
            ("$_", "_"),
        ] {
            assert_eq!(reference(text), Some(name), "{text}");
        }
        for text in
            ["", "$", "5$", "$5", "a$-b", "100%", "50% of 20%", "%2Fa%20", "a%AF%20", "{TOKEN}", "#HOME#"]
        {
            assert_eq!(reference(text), None, "{text}");
        }
    }
}
