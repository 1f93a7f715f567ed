//! The command that the user gave, and its digest.

use std::ffi::OsString;

use jackfield_build::model::{shell_quoted, visible_line};

use super::digest;
use super::words;

/// The command that gets the material and writes the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GivenCommand {
    /// The program and its arguments. Never empty.
    words: Vec<OsString>,
}

impl GivenCommand {
    /// Parses `--with`, or takes the arguments after `--`. Returns None if the user gave neither.
    ///
    /// # Errors
    /// Returns an error if the command cannot be split into words.
    pub(super) fn new(
        line: Option<&str>,
        is_shell: bool,
        words: &[OsString],
    ) -> Result<Option<Self>, String> {
        let words = match line {
            None if words.is_empty() => return Ok(None),
            None => words.to_vec(),
            Some(line) if is_shell && line.trim().is_empty() => return Err("the command is empty".to_owned()),
            Some(line) if is_shell && cfg!(windows) => vec!["cmd".into(), "/C".into(), line.into()],
            Some(line) if is_shell => vec!["sh".into(), "-c".into(), line.into()],
            Some(line) => words::split(line)?.into_iter().map(OsString::from).collect(),
        };
        Ok(Some(Self { words }))
    }

    /// Returns the program and its arguments.
    pub(super) fn split(&self) -> (&OsString, &[OsString]) {
        self.words.split_first().unwrap_or_else(|| unreachable!("a command has a program"))
    }

    /// Returns the program, for messages.
    pub(super) fn program(&self) -> String {
        let (program, _) = self.split();
        shell_quoted(&visible_line(&program.to_string_lossy())).into_owned()
    }

    /// Returns the digest of all words. Only the digest is stored, because the words may contain an API key.
    pub(super) fn digest(&self) -> String {
        digest::of(self.words.iter().map(|word| word.as_encoded_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: Option<&str>, is_shell: bool, words: &[&str]) -> Option<Vec<String>> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let command = GivenCommand::new(line, is_shell, &words).unwrap()?;
        Some(command.words.iter().map(|word| word.to_string_lossy().into_owned()).collect())
    }

    #[test]
    fn command_uses_a_shell_only_with_the_shell_flag() {
        assert_eq!(parsed(None, false, &[]), None);
        assert_eq!(parsed(None, false, &["a", "$B | c"]).unwrap(), ["a", "$B | c"]);
        assert_eq!(parsed(Some("a 'b c'"), false, &[]).unwrap(), ["a", "b c"]);
        if !cfg!(windows) {
            assert_eq!(parsed(Some("a | b"), true, &[]).unwrap(), ["sh", "-c", "a | b"]);
        }
        assert!(GivenCommand::new(Some(" "), true, &[]).is_err());
    }

    #[test]
    fn digest_of_a_command_depends_on_its_division_into_words() {
        let digest = |line: &str| GivenCommand::new(Some(line), false, &[]).unwrap().unwrap().digest();
        assert_eq!(digest("a 'b'"), digest("a b"));
        assert_ne!(digest("a 'b c'"), digest("a b c"));
    }
}
