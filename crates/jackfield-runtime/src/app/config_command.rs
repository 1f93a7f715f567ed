//! The arguments of `config CLIENT`.

use std::fmt::Write as _;

use jackfield_clients::{Client, Scope, Server};

use super::output::Failure;
use super::serve_options::ServeOptions;
use super::unknown_word::unknown;

/// The arguments in the help of the command.
pub(super) const USAGE: &str = "config CLIENT [--write | --undo] [OPTIONS] [-- OPTIONS OF A SERVER]";

/// The action on the client's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// The entry is printed, and nothing is written.
    Print,
    Write,
    Undo,
}

/// The arguments of `config`.
#[derive(Debug, PartialEq)]
pub(super) struct ConfigCommand {
    pub(super) client: Client,
    pub(super) action: Action,
    pub(super) scope: Scope,
    /// The file to use instead of the client's configuration file.
    pub(super) file: Option<String>,
    /// The name of the entry, if it is not the name of the connector.
    pub(super) name: Option<String>,
    /// The URL of a running server, for an entry that does not start the server.
    pub(super) http: Option<String>,
    pub(super) may_replace: bool,
    /// The options of `serve` with which the client starts the server.
    pub(super) options: Vec<String>,
}

impl ConfigCommand {
    pub(super) fn parse(words: &[&str]) -> Result<Self, Failure> {
        let (words, options) = match words.iter().position(|word| *word == "--") {
            Some(at) => (&words[..at], &words[at + 1..]),
            None => (words, &[][..]),
        };
        let mut command = None;
        let mut actions = Vec::new();
        let (mut scope, mut may_replace) = (Scope::User, false);
        let [mut file, mut name, mut http] = [const { None::<String> }; 3];
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            match word {
                "--write" => actions.push(Action::Write),
                "--undo" => actions.push(Action::Undo),
                "--project" => scope = Scope::Project,
                "--replace" => may_replace = true,
                "--file" | "--name" | "--http" => {
                    let value = words.next().filter(|value| !value.is_empty()).ok_or_else(|| {
                        Failure::usage(format!(
                            "`{word}` needs a value, as in `config cursor {}`",
                            example(word)
                        ))
                    })?;
                    let slot = match word {
                        "--file" => &mut file,
                        "--name" => &mut name,
                        _ => &mut http,
                    };
                    if slot.replace(value.to_owned()).is_some() {
                        return Err(Failure::usage(format!("`{word}` is given twice")));
                    }
                }
                flag if flag.starts_with('-') => {
                    let problem = format!("`config` has no option `{flag}`");
                    let help = "options of the server follow `--`, as in `config cursor -- --read-only`";
                    return Err(unknown(&problem, flag, OPTIONS.map(|(name, _)| name), help));
                }
                word if command.is_none() => command = Some(client(word)?),
                word => {
                    return Err(Failure::usage(format!(
                        "`config` takes one client, but `{word}` is a second one: remove it"
                    )));
                }
            }
        }
        let action = match actions[..] {
            [] => Action::Print,
            [action] => action,
            _ => return Err(Failure::usage("give only one of --write and --undo")),
        };
        let client =
            command.ok_or_else(|| Failure::usage(format!("`config` needs a client: {}", clients())))?;
        if let Some(name) = name.as_ref().filter(|name| !Server::is_name(name)) {
            return Err(Failure::usage(format!("--name {name}: use 1 to 64 of A-Z a-z 0-9 _ -")));
        }
        if scope == Scope::Project && file.is_some() {
            return Err(Failure::usage("--project and --file both name a file: give one of them"));
        }
        check_options(options, http.as_deref())?;
        let options = options.iter().map(|word| (*word).to_owned()).collect();
        Ok(Self { client, action, scope, file, name, http, may_replace, options })
    }
}

/// Checks the options of the server as `serve` would, so that the client does not start a server that fails.
fn check_options(options: &[&str], http: Option<&str>) -> Result<(), Failure> {
    if http.is_some() && !options.is_empty() {
        return Err(Failure::usage(
            "with --http, the client does not start the server: give these options to `serve --http` instead",
        ));
    }
    let parsed = ServeOptions::parse(options)?;
    if parsed.http().is_some() {
        return Err(Failure::usage(
            "a client that starts the server speaks to it over stdin and stdout: start the server with `serve --http ADDR`, \
             and write its URL into the entry with `config CLIENT --http URL`",
        ));
    }
    Ok(())
}

fn client(word: &str) -> Result<Client, Failure> {
    word.parse().map_err(|_| {
        let problem = format!("there is no client `{word}`");
        unknown(&problem, word, Client::ALL.map(Client::word), &format!("known are {}", clients()))
    })
}

fn clients() -> String {
    Client::ALL.map(Client::word).join(", ")
}

fn example(flag: &str) -> &'static str {
    match flag {
        "--file" => "--file ./mcp.json",
        "--name" => "--name bookshop-test",
        _ => "--http http://127.0.0.1:8700/mcp",
    }
}

const OPTIONS: [(&str, &str); 7] = [
    ("--write", "add the entry to the file of the client; the earlier file is kept"),
    ("--undo", "restore the file; if it has changed since, remove only the entry"),
    ("--project", "use the client's file in this folder instead of the user's file"),
    ("--file", "PATH: use this file instead of the client's file"),
    ("--http", "URL: write an entry for a running server at this URL, such as http://127.0.0.1:8700/mcp"),
    ("--name", "NAME: the name of the entry (the name of the connector)"),
    ("--replace", "replace another entry with the same name"),
];

/// Returns the help of the command.
pub(super) fn about(called: &str) -> String {
    let mut text = "Prints the entry with which a client starts this connector, and where it belongs. Entries refer to variables, and never\n\
                    contain their values.\n\nClients:\n"
        .to_owned();
    for client in Client::ALL {
        let _ = writeln!(text, "  {:16} {client}", client.word());
    }
    text.push_str("\nOptions:\n");
    for (name, meaning) in OPTIONS {
        let (value, meaning) = match meaning.split_once(": ") {
            Some((value, meaning)) if value.chars().all(|c| c.is_ascii_uppercase()) => (value, meaning),
            _ => ("", meaning),
        };
        let _ = writeln!(text, "  {:16} {meaning}", format!("{name} {value}").trim_end());
    }
    let _ = write!(
        text,
        "\nExamples:\n  {called} config cursor\n  {called} config claude-code --write -- --read-only\n  {called} config cursor --undo\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<ConfigCommand, String> {
        ConfigCommand::parse(&line.split_whitespace().collect::<Vec<_>>()).map_err(|failure| failure.text)
    }

    #[test]
    fn config_arguments_parse_in_any_order() {
        let plain = ConfigCommand {
            client: Client::Cursor,
            action: Action::Print,
            scope: Scope::User,
            file: None,
            name: None,
            http: None,
            may_replace: false,
            options: Vec::new(),
        };
        assert_eq!(parse("cursor"), Ok(plain));
        let all = parse("--write --name x --project cursor --replace -- --read-only").unwrap();
        assert_eq!((all.action, all.scope, all.may_replace), (Action::Write, Scope::Project, true));
        assert_eq!((all.name.as_deref(), all.options), (Some("x"), vec!["--read-only".to_owned()]));
        assert_eq!(parse("zed --undo --file a").unwrap().file.as_deref(), Some("a"));
    }

    #[test]
    fn invalid_config_arguments_are_refused_with_a_remedy() {
        for (line, text) in [
            ("", "`config` needs a client: claude-code, claude-desktop"),
            ("cursr", "did you mean `cursor`?"),
            ("emacs", "known are claude-code"),
            ("cursor zed", "takes one client"),
            ("cursor --write --undo", "one of --write and --undo"),
            ("cursor --wirte", "did you mean `--write`?"),
            ("cursor --read-only", "`config cursor -- --read-only`"),
            ("cursor --name", "--name bookshop-test"),
            ("cursor --name a/b", "1 to 64"),
            ("cursor --http http://a --http http://b", "given twice"),
            ("cursor --project --file x", "both name a file"),
            ("cursor -- --http 127.0.0.1:8700", "config CLIENT --http URL"),
            ("cursor --http http://a -- --read-only", "`serve --http`"),
            ("cursor -- --reed-only", "--read-only"),
        ] {
            let problem = parse(line).unwrap_err();
            assert!(problem.contains(text), "{line}: {problem}");
        }
    }
}
