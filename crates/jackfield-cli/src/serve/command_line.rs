//! Parses the arguments of `jackfield serve`. The path can be among the options of a server, or before a command of the connector.

use std::path::{Path, PathBuf};

use jackfield_build::model::SurfaceKind;
use jackfield_runtime::{is_connector_command, serve_option_takes_value};

/// The option that `jackfield` itself handles. All other options belong to the connector.
const LOCKED: &str = "--locked";

/// The path, and the arguments for the connector.
#[derive(Debug, PartialEq)]
pub(super) struct CommandLine {
    /// The connector.toml or its folder, if one is named.
    pub(super) path: Option<PathBuf>,
    /// Whether `--locked` precedes the command.
    pub(super) locked: bool,
    /// The remaining arguments, as a connector parses them.
    pub(super) rest: Vec<String>,
}

impl CommandLine {
    /// Finds the path: the first argument that is neither an option, the value of an option, nor a command. A folder with a connector
    /// takes precedence over a command of the same name.
    pub(super) fn parse(words: &[String]) -> Self {
        Self::parse_in(words, |word| Path::new(word).join("connector.toml").is_file())
    }

    fn parse_in(words: &[String], is_connector: impl Fn(&str) -> bool) -> Self {
        let mut line = Self { path: None, locked: false, rest: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                LOCKED => line.locked = true,
                "--" => {}
                flag if flag.starts_with('-') && flag != "-" => {
                    line.rest.push(word.clone());
                    if takes_value(flag) {
                        line.rest.extend(words.next().cloned());
                    }
                }
                plain if line.path.is_none() && (!is_connector_command(plain) || is_connector(plain)) => {
                    line.path = Some(PathBuf::from(plain));
                }
                _ => {
                    // The arguments after a command belong to that command.
                    line.rest.push(word.clone());
                    line.rest.extend(words.by_ref().cloned());
                }
            }
        }
        line
    }

    /// Returns whether the words start a server.
    pub(super) fn is_server(&self) -> bool {
        let mut words = self.rest.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--help" | "-h" | "--version" | "-V" => return false,
                flag if flag.starts_with('-') => {
                    if takes_value(flag) {
                        words.next();
                    }
                }
                command => return command == "serve" && !self.rest.iter().any(|word| word == "--help"),
            }
        }
        true
    }

    /// Returns the value of the option `--surface`, if it is given.
    pub(super) fn surface(&self) -> Option<SurfaceKind> {
        let mut words = self.rest.iter();
        let value = words.find_map(|word| match word.strip_prefix("--surface")? {
            "" => Some(None),
            rest => rest.strip_prefix('=').map(Some),
        })?;
        value.or_else(|| words.next().map(String::as_str))?.parse().ok()
    }
}

/// Returns whether the next word is the value of the option.
fn takes_value(flag: &str) -> bool {
    flag == "--base-url" || serve_option_takes_value(flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> (Option<String>, bool, String) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let line = CommandLine::parse_in(&words, |word| word == "audit");
        (line.path.map(|path| path.display().to_string()), line.locked, line.rest.join(" "))
    }

    #[test]
    fn connector_path_is_found_between_options_and_before_a_command() {
        let here = |rest: &str| (None, false, rest.to_owned());
        let shop = |rest: &str| (Some("shop".to_owned()), false, rest.to_owned());
        for (line, expected) in [
            ("", here("")),
            ("shop", shop("")),
            ("shop --http 127.0.0.1:1", shop("--http 127.0.0.1:1")),
            ("--http 127.0.0.1:1 shop", shop("--http 127.0.0.1:1")),
            ("--http=127.0.0.1:1 shop", shop("--http=127.0.0.1:1")),
            ("--http 127.0.0.1:1", here("--http 127.0.0.1:1")),
            ("--base-url http://127.0.0.1:1 shop call x", shop("--base-url http://127.0.0.1:1 call x")),
            ("tools --json", here("tools --json")),
            ("shop tools get_book", shop("tools get_book")),
            ("shop -- tools get_book", shop("tools get_book")),
            ("shop call x --locked", shop("call x --locked")),
            ("shop serve --surface search", shop("serve --surface search")),
            ("shop --help", shop("--help")),
            ("audit audit verify", (Some("audit".to_owned()), false, "audit verify".to_owned())),
            ("shop --locked --surface each", (Some("shop".to_owned()), true, "--surface each".to_owned())),
        ] {
            assert_eq!(parse(line), expected, "{line}");
        }
    }

    #[test]
    fn command_line_starts_a_server_unless_it_has_another_command() {
        let of = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            CommandLine::parse_in(&words, |_| false)
        };
        for line in
            ["", "shop", "shop --http 127.0.0.1:1", "shop serve --surface auto", "shop --base-url http://x"]
        {
            assert!(of(line).is_server(), "{line}");
        }
        for line in
            ["shop tools", "shop --base-url http://x tools", "shop --help", "shop serve --help", "help"]
        {
            assert!(!of(line).is_server(), "{line}");
        }
        assert_eq!(of("shop --surface auto").surface(), Some(SurfaceKind::Auto));
        assert_eq!(of("shop serve --surface=promoted").surface(), Some(SurfaceKind::Promoted));
        assert_eq!(of("shop --surface").surface(), None);
    }
}
