//! The command-line arguments of a connector. They are parsed by hand, so that a connector does not depend on
//! a parser crate.

use std::path::PathBuf;

use super::arguments::{self, ArgumentSource};
use super::auth_command::{Auth, take_origins};
use super::config_command::ConfigCommand;
use super::control;
use super::help::Topic;
use super::mock_command::MockCommand;
use super::output::Failure;
use super::serve_flag;
use super::serve_options::ServeOptions;
use super::unknown_word::unknown;
use crate::auth::Way;

#[derive(Debug, PartialEq)]
pub(super) enum Command {
    Serve(Box<ServeOptions>),
    Tools {
        name: Option<String>,
        json: bool,
    },
    Call {
        tool: String,
        arguments: ArgumentSource,
        dry_run: bool,
    },
    Auth(Auth),
    Doctor {
        tool: Option<String>,
    },
    Config(Box<ConfigCommand>),
    Mock(MockCommand),
    /// A command that manages servers with several users, and its arguments.
    Control(String, Vec<String>),
    Help(Topic),
    Version,
}

/// The commands, except the commands that manage servers with several users.
const COMMANDS: [&str; 9] = ["serve", "tools", "call", "auth", "config", "doctor", "mock", "help", "version"];
/// The options that can replace a command, except the options of `serve`.
const OPTIONS: [&str; 3] = ["--base-url", "--help", "--version"];
/// The `auth` commands.
const AUTH: [&str; 5] = ["status", "set", "login", "logout", "rotate-key"];

/// Whether `word` is a command.
pub(super) fn is_command(word: &str) -> bool {
    commands().any(|command| command == word)
}

/// Returns all commands.
fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.into_iter().chain(control::COMMANDS.iter().map(|command| command.name))
}

impl Command {
    pub(super) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let words: Vec<String> = words.into_iter().collect();
        let words: Vec<&str> = words.iter().flat_map(|word| option_and_value(word)).collect();
        let [first, rest @ ..] = words.as_slice() else {
            return Ok(Self::Serve(Box::default()));
        };
        let is_server = *first == "serve" || serve_flag::find(first).is_some();
        if is_server && matches!(words.last(), Some(&("--help" | "-h"))) {
            return Ok(Self::Help(Topic::Serve));
        }
        if let Some(topic) = Topic::of(first).filter(|_| asks_for_help(rest)) {
            return Ok(Self::Help(topic));
        }
        match (*first, rest) {
            ("serve", rest) => ServeOptions::parse(rest).map(|options| Self::Serve(Box::new(options))),
            (flag, _) if serve_flag::find(flag).is_some() => {
                ServeOptions::parse(&words).map(|options| Self::Serve(Box::new(options)))
            }
            ("help", rest) | ("--help" | "-h", rest @ []) => Self::parse_help(rest),
            ("version" | "--version" | "-V", []) => Ok(Self::Version),
            ("tools", rest) => Self::parse_tools(rest),
            ("call", rest) => Self::parse_call(rest),
            ("auth", rest) => Auth::parse(rest).map(Self::Auth),
            ("config", rest) => ConfigCommand::parse(rest).map(|command| Self::Config(Box::new(command))),
            ("mock", rest) => MockCommand::parse(rest).map(Self::Mock),
            ("doctor", rest) => {
                let plain = Options::read("doctor", rest, &[])?.plain;
                match plain.as_slice() {
                    [] => Ok(Self::Doctor { tool: None }),
                    [tool] => Ok(Self::Doctor { tool: Some((*tool).to_owned()) }),
                    _ => Err(Failure::usage("`doctor` takes the name of one tool")),
                }
            }
            ("-h" | "--help" | "version" | "--version" | "-V", _) => {
                Err(Failure::usage(format!("`{first}` takes no arguments: remove what follows it")))
            }
            (word, rest) if control::find(word).is_some() => {
                Ok(Self::Control(word.to_owned(), rest.iter().map(|word| (*word).to_owned()).collect()))
            }
            (word, _) => {
                let (what, known): (_, Vec<&str>) = match word.starts_with('-') {
                    true => {
                        ("option", serve_flag::FLAGS.iter().map(|flag| flag.name).chain(OPTIONS).collect())
                    }
                    false => ("command", commands().collect()),
                };
                let problem = format!("there is no {what} `{word}`");
                Err(unknown(&problem, word, known, "`--help` lists the commands"))
            }
        }
    }

    fn parse_help(words: &[&str]) -> Result<Self, Failure> {
        let [word, ..] = words else { return Ok(Self::Help(Topic::All)) };
        Topic::of(word).map(Self::Help).ok_or_else(|| {
            unknown(&format!("there is no command `{word}`"), word, commands(), "`--help` lists the commands")
        })
    }

    fn parse_tools(words: &[&str]) -> Result<Self, Failure> {
        let Options { plain, set } = Options::read("tools", words, &["--json"])?;
        let json = set.contains(&"--json");
        match plain.as_slice() {
            [] => Ok(Self::Tools { name: None, json }),
            [name] => Ok(Self::Tools { name: Some((*name).to_owned()), json }),
            _ => Err(Failure::usage("`tools` shows one tool or all of them: name one, or none")),
        }
    }

    fn parse_call(words: &[&str]) -> Result<Self, Failure> {
        let Options { plain, set } = Options::read("call", words, &["--dry-run"])?;
        let dry_run = set.contains(&"--dry-run");
        let (tool, text) = match plain.as_slice() {
            [] => return Err(Failure::usage("`call` needs the name of a tool; `tools` lists them")),
            [tool] => (*tool, "{}"),
            [tool, text] => (*tool, *text),
            _ => {
                return Err(Failure::usage(
                    "the arguments have to be one word: put the JSON into single quotes, as in '{\"limit\": 3}'",
                ));
            }
        };
        let arguments = match text {
            "-" => ArgumentSource::Stdin,
            _ => match text.strip_prefix('@') {
                Some(path) => ArgumentSource::File(PathBuf::from(path)),
                None => ArgumentSource::Object(arguments::parse(text, "the arguments")?),
            },
        };
        Ok(Self::Call { tool: tool.to_owned(), arguments, dry_run })
    }
}

impl Auth {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        let own = |word: &&str| (*word).to_owned();
        match words {
            [] | ["status"] => Ok(Self::Status { json: false }),
            ["status", "--json"] => Ok(Self::Status { json: true }),
            ["set", rest @ ..] => {
                const USAGE: &str = "auth set [SCHEME [CREDENTIAL]] [--origin URL]...; the credential is prompted for, or \
                                     read from stdin: other users can read command lines";
                let (rest, origins) = take_origins(rest).ok_or_else(|| Failure::usage(USAGE))?;
                if rest.len() > 2 || rest.iter().any(|word| word.starts_with('-')) {
                    return Err(Failure::usage(USAGE));
                }
                Ok(Self::Set { scheme: rest.first().map(own), field: rest.get(1).map(own), origins })
            }
            ["login", rest @ ..] => {
                const USAGE: &str = "auth login [SCHEME] [--browser | --device] [--origin URL]...";
                let (rest, origins) = take_origins(rest).ok_or_else(|| Failure::usage(USAGE))?;
                let ways = [("--browser", Way::Browser), ("--device", Way::Device)];
                let options = Options::read("auth login", &rest, &["--browser", "--device"])?;
                let way = ways.iter().find(|(word, _)| options.set.contains(word));
                let way = way.map_or(Way::Fitting, |(_, way)| *way);
                match options.plain.as_slice() {
                    [] => Ok(Self::Login { scheme: None, way, origins }),
                    [name] => Ok(Self::Login { scheme: Some(own(name)), way, origins }),
                    _ => Err(Failure::usage(USAGE)),
                }
            }
            ["logout"] => Ok(Self::Logout { scheme: None }),
            ["logout", scheme] if !scheme.starts_with('-') => Ok(Self::Logout { scheme: Some(own(scheme)) }),
            ["rotate-key"] => Ok(Self::RotateKey { to: None }),
            ["rotate-key", "--to", to] => Ok(Self::RotateKey { to: Some(own(to)) }),
            [known, ..] if AUTH.contains(known) => Err(Failure::usage(format!(
                "`auth {known}` does not take these arguments: `help auth` lists its arguments"
            ))),
            [word, ..] => Err(unknown(
                &format!("there is no command `auth {word}`"),
                word,
                AUTH,
                "`help auth` lists the commands",
            )),
        }
    }
}

/// Splits `--option=value` into the option and the value.
fn option_and_value(word: &str) -> impl Iterator<Item = &str> {
    let pair = word.split_once('=').filter(|(option, _)| option.starts_with("--"));
    let (first, value) = pair.map_or((word, None), |(option, value)| (option, Some(value)));
    std::iter::once(first).chain(value)
}

/// The options of a command, and its other arguments.
struct Options<'w> {
    plain: Vec<&'w str>,
    set: Vec<&'w str>,
}

impl<'w> Options<'w> {
    fn read(command: &str, words: &[&'w str], known: &[&str]) -> Result<Self, Failure> {
        let is_option = |word: &&str| word.starts_with('-') && *word != "-";
        let (set, plain): (Vec<&str>, Vec<&str>) = words.iter().copied().partition(|word| is_option(word));
        match set.iter().find(|word| !known.contains(word)) {
            None => Ok(Self { plain, set }),
            Some(word) => Err(unknown(
                &format!("`{command}` has no option `{word}`"),
                word,
                known.iter().copied(),
                &format!("`help {}` lists its options", command.split(' ').next().unwrap_or(command)),
            )),
        }
    }
}

fn asks_for_help(words: &[&str]) -> bool {
    matches!(words, ["--help" | "-h"] | [_, "--help" | "-h"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Command, Failure> {
        Command::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn command_line_arguments_parse_to_commands() {
        let serve =
            |words: &[&str]| ServeOptions::parse(words).map(|options| Command::Serve(Box::new(options)));
        assert_eq!(parse(&[]), serve(&[]));
        assert_eq!(parse(&["--surface", "auto"]), serve(&["--surface", "auto"]));
        assert_eq!(parse(&["--read-only"]), serve(&["--read-only"]));
        assert_eq!(parse(&["--surface", "each", "--help"]), Ok(Command::Help(Topic::Serve)));
        assert_eq!(parse(&["--encoder=models"]), serve(&["--encoder", "models"]));
        assert_eq!(parse(&["serve", "--http=127.0.0.1:1"]), serve(&["--http", "127.0.0.1:1"]));
        assert_eq!(parse(&["tools"]), Ok(Command::Tools { name: None, json: false }));
        let tools = Command::Tools { name: Some("x".into()), json: true };
        assert_eq!(parse(&["tools", "--json", "x"]), Ok(tools));
        let call = Command::Call {
            tool: "x".into(),
            arguments: ArgumentSource::Object(serde_json::Map::new()),
            dry_run: true,
        };
        assert_eq!(parse(&["call", "x", "{}", "--dry-run"]), Ok(call));
        let login = Auth::Login { scheme: Some("oauth".into()), way: Way::Device, origins: Vec::new() };
        assert_eq!(parse(&["auth", "login", "--device", "oauth"]), Ok(Command::Auth(login)));
        assert_eq!(parse(&["auth"]), Ok(Command::Auth(Auth::Status { json: false })));
        let set = Auth::Set {
            scheme: Some("key".into()),
            field: None,
            origins: vec!["https://a.example.com".into(), "https://b.example.com".into()],
        };
        let words =
            ["auth", "set", "--origin", "https://a.example.com", "key", "--origin=https://b.example.com"];
        assert_eq!(parse(&words), Ok(Command::Auth(set)));
        for wrong in [
            &["auth", "set", "key", "--origin"][..],
            &["call"],
            &["call", "x", "[]"],
            &["call", "x", "{"],
            &["call", "x", "{}", "y"],
            &["nonsense"],
            &["serve", "--http"],
            &["serve", "--http", "localhost"],
            &["serve", "--surface"],
            &["serve", "--encoder"],
            &["serve", "--surface", "all"],
            &["--surface", "search", "--surface", "each"],
            &["serve", "--http-auth", "none"],
            &["serve", "--audit-keep", "5"],
            &["serve", "--audit", "on", "--audit-keep", "0"],
            &["serve", "--http", "127.0.0.1:1", "--http-auth", "basic"],
            &["serve", "--http", "127.0.0.1:1", "--http", "127.0.0.1:2"],
            &["auth", "nonsense"],
            &["auth", "set", "a", "b", "c"],
            &["auth", "set", "a", "--value=x"],
            &["auth", "login", "a", "b"],
            &["doctor", "a", "b"],
            &["version", "x"],
        ] {
            assert_eq!(parse(wrong).map_err(|failure| failure.code), Err(2), "{wrong:?}");
        }
    }

    #[test]
    fn call_arguments_may_come_from_stdin_or_a_file() {
        let call = |arguments| Command::Call { tool: "x".into(), arguments, dry_run: false };
        assert_eq!(parse(&["call", "x", "-"]), Ok(call(ArgumentSource::Stdin)));
        assert_eq!(parse(&["call", "x", "@a b.json"]), Ok(call(ArgumentSource::File("a b.json".into()))));
    }

    #[test]
    fn usual_help_flags_show_help() {
        for words in [&["help"][..], &["--help"], &["-h"]] {
            assert_eq!(parse(words), Ok(Command::Help(Topic::All)), "{words:?}");
        }
        for words in [&["help", "call"][..], &["call", "--help"], &["call", "-h"], &["call", "x", "--help"]] {
            assert_eq!(parse(words), Ok(Command::Help(Topic::Call)), "{words:?}");
        }
        for words in [&["version"][..], &["--version"], &["-V"]] {
            assert_eq!(parse(words), Ok(Command::Version), "{words:?}");
        }
    }

    #[test]
    fn error_about_an_unknown_argument_suggests_the_nearest_known_argument() {
        for (words, near) in [
            (&["tolls"][..], "tools"),
            (&["Tools"], "tools"),
            (&["--halp"], "--help"),
            (&["call", "x", "--dryrun"], "--dry-run"),
            (&["serve", "--htp"], "--http"),
            (&["--htp", "1"], "--http"),
            (&["serve", "--surfce"], "--surface"),
            (&["--surface", "serch"], "search"),
            (&["auth", "lgoin"], "login"),
            (&["auth", "login", "--devise"], "--device"),
            (&["tools", "--jsn"], "--json"),
            (&["help", "cal"], "call"),
        ] {
            let text = parse(words).unwrap_err().text;
            assert!(text.ends_with(&format!("did you mean `{near}`?")), "{words:?}: {text}");
        }
        assert!(parse(&["xyzzy"]).unwrap_err().text.contains("--help"));
    }
}
