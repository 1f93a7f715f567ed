//! The `token` commands.

use std::process::ExitCode;

use super::output::{Failure, print, tell};
use super::state::{self, failed};
use super::unknown_word::unknown;
use crate::auth::LocalSource;
use crate::common::clock::Clock;
use crate::common::timestamp::Timestamp;
use crate::control::tokens::{ListedToken, StoredTokens};
use crate::inbound::claims::is_scope;
use crate::inbound::named_token::{TokenName, new_token};
use crate::inbound::token_digest::token_digest;

const COMMANDS: [&str; 3] = ["add", "list", "revoke"];
const OPTIONS: [&str; 2] = ["--expires", "--scopes"];
const USAGE: &str = "token add NAME|list|revoke NAME; `help token` shows more";
const DAY: u64 = 86_400;
const USUAL_DAYS: u64 = 90;
const MAX_DAYS: u64 = 3650;

/// Runs a `token` command.
pub(super) fn run(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    match words {
        ["add", rest @ ..] => add(rest, local),
        ["list"] => list(local),
        ["revoke", name] => revoke(name, local),
        [command, ..] if !COMMANDS.contains(command) => {
            Err(unknown(&format!("there is no command `token {command}`"), command, COMMANDS, USAGE))
        }
        _ => Err(Failure::usage(USAGE)),
    }
}

fn add(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    let (mut name, mut days, mut scopes) = (None, USUAL_DAYS, Vec::new());
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        if !word.starts_with("--") {
            if name.replace(parse_name(word)?).is_some() {
                return Err(Failure::usage("`token add` takes one name"));
            }
            continue;
        }
        if !OPTIONS.contains(&word) {
            return Err(unknown(&format!("`token add` does not take `{word}`"), word, OPTIONS, USAGE));
        }
        let Some(&value) = words.next() else {
            return Err(Failure::usage(format!("`{word}` needs a value")));
        };
        if word == "--expires" {
            let number = value.parse().ok().filter(|days| (1..=MAX_DAYS).contains(days));
            days = number.ok_or_else(|| {
                Failure::usage(format!(
                    "`--expires` takes a number of days from 1 to {MAX_DAYS}, not `{value}`"
                ))
            })?;
        } else {
            scopes = value.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
            if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
                return Err(Failure::usage(format!("{scope:?} is not a scope")));
            }
        }
    }
    let Some(name) = name else {
        return Err(Failure::usage("`token add` needs a name, as in: token add ci"));
    };
    let secret = new_token().map_err(|error| Failure::failed(error.to_string()))?;
    let created = Clock::of_machine().seconds();
    let token = ListedToken { name, scopes, created, expires: created + days * DAY };
    if !tokens(local)?.add(&token, &token_digest(secret.expose())).map_err(failed)? {
        let name = &token.name;
        return Err(Failure::failed(format!(
            "there is a token `{name}` already: choose another name, or remove it with: token revoke {name}"
        )));
    }
    tell(&format!(
        "the token `{}` expires on {}; its text is shown only this time",
        token.name,
        Timestamp::of_seconds(token.expires).date()
    ));
    print(secret.expose())
}

fn list(local: &LocalSource) -> Result<ExitCode, Failure> {
    let tokens = tokens(local)?.list().map_err(failed)?;
    if tokens.is_empty() {
        tell("there are no tokens: create one with: token add NAME");
        return Ok(ExitCode::SUCCESS);
    }
    let now = Clock::of_machine().seconds();
    let column = tokens.iter().map(|token| token.name.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for token in &tokens {
        let verb = if token.expires <= now { "ended" } else { "ends " };
        let scopes = if token.scopes.is_empty() { "no scopes".to_owned() } else { token.scopes.join(" ") };
        text += &format!(
            "{:column$}  {verb} {}  {scopes}\n",
            token.name.as_str(),
            Timestamp::of_seconds(token.expires).date()
        );
    }
    print(&text)
}

fn revoke(name: &str, local: &LocalSource) -> Result<ExitCode, Failure> {
    let name = parse_name(name)?;
    if !tokens(local)?.revoke(&name).map_err(failed)? {
        return Err(Failure::failed(format!("there is no token `{name}`: `token list` shows all")));
    }
    tell(&format!("the token `{name}` is removed"));
    Ok(ExitCode::SUCCESS)
}

fn parse_name(text: &str) -> Result<TokenName, Failure> {
    TokenName::parse(text).ok_or_else(|| {
        Failure::usage(format!(
            "{text:?} is not a name of a token: use up to 64 characters of a to z, 0 to 9, `.`, `_` and `-`"
        ))
    })
}

fn tokens(local: &LocalSource) -> Result<StoredTokens, Failure> {
    state::store(local).map(StoredTokens::new)
}
