//! The words behind a connector's name, parsed by hand, so that a connector links no parser.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::Failure;
use crate::auth::Way;
use crate::serve::{HttpAddress, HttpAuth, HttpOptions, ServeError};

#[derive(Debug, PartialEq)]
pub(super) enum Command {
    Serve { http: Option<HttpOptions> },
    Tools { json: bool },
    Call { tool: String, arguments: Map<String, Value>, dry_run: bool },
    Auth(Auth),
    Doctor { tool: Option<String> },
    Help,
    Version,
}

/// What is done about credentials.
#[derive(Debug, PartialEq)]
pub(super) enum Auth {
    Status { json: bool },
    Set { scheme: Option<String>, word: Option<String>, origins: Vec<String> },
    Login { scheme: Option<String>, way: Way, origins: Vec<String> },
    Logout { scheme: Option<String> },
    RotateKey { to: Option<String> },
}

impl Command {
    pub(super) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let words: Vec<String> = words.into_iter().collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] | ["serve"] => Ok(Self::Serve { http: None }),
            ["serve", rest @ ..] => parse_http(rest).map(|http| Self::Serve { http: Some(http) }),
            ["help" | "--help" | "-h"] => Ok(Self::Help),
            ["version" | "--version" | "-V"] => Ok(Self::Version),
            ["tools"] => Ok(Self::Tools { json: false }),
            ["tools", "--json"] => Ok(Self::Tools { json: true }),
            ["call", rest @ ..] => Self::parse_call(rest),
            ["auth", rest @ ..] => Auth::parse(rest).map(Self::Auth),
            ["doctor"] => Ok(Self::Doctor { tool: None }),
            ["doctor", tool] => Ok(Self::Doctor { tool: Some((*tool).to_owned()) }),
            [word, ..] => Err(Failure::usage(format!("`{word}` is no command: try --help"))),
        }
    }

    fn parse_call(words: &[&str]) -> Result<Self, Failure> {
        let dry_run = words.contains(&"--dry-run");
        let words: Vec<&str> = words.iter().copied().filter(|word| *word != "--dry-run").collect();
        let (tool, text) = match words.as_slice() {
            [tool] => (*tool, "{}"),
            [tool, text] => (*tool, *text),
            _ => return Err(Failure::usage("call NAME JSON [--dry-run]")),
        };
        match serde_json::from_str(text) {
            Ok(Value::Object(arguments)) => Ok(Self::Call { tool: tool.to_owned(), arguments, dry_run }),
            Ok(_) => Err(Failure::usage("the arguments have to be a JSON object, as in '{\"limit\": 3}'")),
            Err(error) => Err(Failure::usage(format!("the arguments are not JSON: {error}"))),
        }
    }
}

/// `--http ADDR [--http-auth token|none] [--http-token-file PATH]`, in any order.
fn parse_http(words: &[&str]) -> Result<HttpOptions, Failure> {
    let usage = || Failure::usage("serve [--http ADDR [--http-auth token|none] [--http-token-file PATH]]");
    let refused = |error: ServeError| Failure::usage(error.to_string());
    let (mut address, mut auth, mut token_file) = (None, None, None);
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        let value = words.next().ok_or_else(usage)?;
        let is_second = match *flag {
            "--http" => address.replace(value.parse::<HttpAddress>().map_err(refused)?).is_some(),
            "--http-auth" => auth.replace(value.parse::<HttpAuth>().map_err(refused)?).is_some(),
            "--http-token-file" => token_file.replace(PathBuf::from(value)).is_some(),
            _ => true,
        };
        if is_second {
            return Err(usage());
        }
    }
    let address = address.ok_or_else(usage)?;
    Ok(HttpOptions { auth: auth.unwrap_or_default(), token_file, ..HttpOptions::new(address) })
}

impl Auth {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        let own = |word: &&str| (*word).to_owned();
        match words {
            [] | ["status"] => Ok(Self::Status { json: false }),
            ["status", "--json"] => Ok(Self::Status { json: true }),
            ["set", rest @ ..] => {
                const USAGE: &str = "auth set [SCHEME [TEXT]] [--origin URL]...; the text itself is asked for, or read \
                                     from stdin: what stands on a command line can be read by others";
                let (rest, origins) = take_origins(rest).ok_or_else(|| Failure::usage(USAGE))?;
                if rest.len() > 2 || rest.iter().any(|word| word.starts_with('-')) {
                    return Err(Failure::usage(USAGE));
                }
                Ok(Self::Set { scheme: rest.first().map(own), word: rest.get(1).map(own), origins })
            }
            ["login", rest @ ..] => {
                const USAGE: &str = "auth login [SCHEME] [--browser | --device] [--origin URL]...";
                let (rest, origins) = take_origins(rest).ok_or_else(|| Failure::usage(USAGE))?;
                let ways = [("--browser", Way::Browser), ("--device", Way::Device)];
                let way =
                    ways.iter().find(|(word, _)| rest.contains(word)).map_or(Way::Fitting, |(_, way)| *way);
                let names: Vec<&&str> =
                    rest.iter().filter(|word| ways.iter().all(|(way, _)| way != *word)).collect();
                match names.as_slice() {
                    [] => Ok(Self::Login { scheme: None, way, origins }),
                    [name] if !name.starts_with('-') => {
                        Ok(Self::Login { scheme: Some(own(name)), way, origins })
                    }
                    _ => Err(Failure::usage(USAGE)),
                }
            }
            ["logout"] => Ok(Self::Logout { scheme: None }),
            ["logout", scheme] if !scheme.starts_with('-') => Ok(Self::Logout { scheme: Some(own(scheme)) }),
            ["rotate-key"] => Ok(Self::RotateKey { to: None }),
            ["rotate-key", "--to", to] => Ok(Self::RotateKey { to: Some(own(to)) }),
            _ => Err(Failure::usage("auth status | set | login | logout | rotate-key: see --help")),
        }
    }
}

/// The words without `--origin URL`, and those URLs. None where one is missing.
fn take_origins<'w>(words: &[&'w str]) -> Option<(Vec<&'w str>, Vec<String>)> {
    let (mut rest, mut origins) = (Vec::new(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix("--origin") {
            Some("") => origins.push((*words.next()?).to_owned()),
            Some(value) if value.starts_with('=') => origins.push(value[1..].to_owned()),
            _ => rest.push(*word),
        }
    }
    Some((rest, origins))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Command, Failure> {
        Command::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn words_become_commands() {
        assert_eq!(parse(&[]), Ok(Command::Serve { http: None }));
        let options = HttpOptions::new("127.0.0.1:8700".parse().unwrap());
        let http = Some(options.clone());
        assert_eq!(parse(&["serve", "--http", "127.0.0.1:8700"]), Ok(Command::Serve { http }));
        let http = Some(HttpOptions { auth: HttpAuth::None, token_file: Some("t".into()), ..options });
        let words = ["serve", "--http-auth", "none", "--http-token-file", "t", "--http", "127.0.0.1:8700"];
        assert_eq!(parse(&words), Ok(Command::Serve { http }));
        assert_eq!(parse(&["tools"]), Ok(Command::Tools { json: false }));
        let call = Command::Call { tool: "x".into(), arguments: Map::new(), dry_run: true };
        assert_eq!(parse(&["call", "x", "{}", "--dry-run"]), Ok(call));
        let login = Auth::Login { scheme: Some("oauth".into()), way: Way::Device, origins: Vec::new() };
        assert_eq!(parse(&["auth", "login", "--device", "oauth"]), Ok(Command::Auth(login)));
        assert_eq!(parse(&["auth"]), Ok(Command::Auth(Auth::Status { json: false })));
        let set = Auth::Set {
            scheme: Some("key".into()),
            word: None,
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
            &["serve", "--http-auth", "none"],
            &["serve", "--http", "127.0.0.1:1", "--http-auth", "basic"],
            &["serve", "--http", "127.0.0.1:1", "--http", "127.0.0.1:2"],
            &["auth", "nonsense"],
            &["auth", "set", "a", "b", "c"],
            &["auth", "set", "a", "--value=x"],
            &["auth", "login", "a", "b"],
        ] {
            assert_eq!(parse(wrong).map_err(|failure| failure.code), Err(2), "{wrong:?}");
        }
    }
}
