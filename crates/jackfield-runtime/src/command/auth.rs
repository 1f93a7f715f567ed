//! What is done about credentials from a shell.

use std::fmt::Write as _;
use std::process::ExitCode;

use jackfield_vault::Key;
use serde_json::{Value, json};

use super::terminal::Answers;
use super::words::Auth;
use super::{Failure, print, tell};
use crate::auth::{LocalSource, Slot, State};
use crate::rows::Scheme;

pub(super) async fn run(command: Auth, local: &LocalSource) -> Result<ExitCode, Failure> {
    if local.connector().schemes.is_empty() {
        return print("The document declares no way to authenticate: nothing is needed.");
    }
    match command {
        Auth::Status { json } => status(local, json).await,
        Auth::Set { scheme, word } => {
            let scheme = chosen(local, scheme.as_deref(), |scheme| !scheme.words().is_empty())?;
            set(local, scheme, word.as_deref())
        }
        Auth::Login { .. } => unreachable!(),
        Auth::Logout { scheme } => logout(local, scheme.as_deref()).await,
        Auth::RotateKey { to } => rotate(local, to.as_deref()),
    }
}

/// The scheme of that name; without a name the only one that fits.
fn chosen(
    local: &LocalSource,
    name: Option<&str>,
    fits: impl Fn(&Scheme) -> bool,
) -> Result<&'static Scheme, Failure> {
    let fitting: Vec<&'static Scheme> =
        local.connector().schemes.iter().filter(|scheme| fits(scheme)).collect();
    let names = || fitting.iter().map(|scheme| scheme.name).collect::<Vec<_>>().join(", ");
    match (name, fitting.as_slice()) {
        (_, []) => Err(Failure::usage("no way to authenticate of this connector can be treated so")),
        (None, [one]) => Ok(one),
        (None, _) => Err(Failure::usage(format!("which of these: {}?", names()))),
        (Some(name), _) => {
            let found = fitting.iter().find(|scheme| scheme.name == name).copied();
            found.ok_or_else(|| Failure::usage(format!("`{name}` is none of these: {}", names())))
        }
    }
}

async fn status(local: &LocalSource, json: bool) -> Result<ExitCode, Failure> {
    let mut text = String::new();
    let mut list = Vec::new();
    for scheme in local.connector().schemes {
        let states = local.states(scheme).await;
        let tools = local.needed_by(scheme);
        if json {
            list.push(as_json(scheme, tools, &states));
            continue;
        }
        let _ = writeln!(text, "{}: {}, for {tools} tools", scheme.name, scheme.describe());
        let width = states.iter().map(|state| state.slot.word.as_str().len()).max().unwrap_or(0);
        for state in &states {
            let _ = writeln!(text, "  {:width$}  {}", state.slot.word.as_str(), line(local, state));
        }
    }
    print(&if json { serde_json::to_string_pretty(&list).unwrap_or_default() } else { text })
}

fn line(local: &LocalSource, state: &State) -> String {
    match &state.held {
        Ok(Some(held)) => match state.hint() {
            Some(hint) => format!("{hint}, {}", held.origin),
            None => format!("set, {}", held.origin),
        },
        Ok(None) if state.slot.is_optional() => "not set".to_owned(),
        Ok(None) => format!("not set: {}", local.ways_to_set(&state.slot)),
        Err(problem) => format!("cannot be read: {problem}"),
    }
}

fn as_json(scheme: &Scheme, tools: usize, states: &[State]) -> Value {
    let texts: Vec<Value> = states
        .iter()
        .map(|state| {
            let held = state.held.as_ref().ok().and_then(Option::as_ref);
            json!({
                "text": state.slot.word.as_str(),
                "variable": state.slot.variable(),
                "set": held.is_some(),
                "from": held.map(|held| held.origin.to_string()),
                "ends": state.hint(),
                "problem": state.held.as_ref().err(),
            })
        })
        .collect();
    json!({ "scheme": scheme.name, "kind": scheme.describe(), "tools": tools, "texts": texts })
}

/// Puts what a scheme asks for into the vault.
fn set(local: &LocalSource, scheme: &'static Scheme, word: Option<&str>) -> Result<ExitCode, Failure> {
    let slots: Vec<Slot> = Slot::of(local.connector(), scheme).collect();
    let wanted: Vec<&Slot> = match word {
        Some(word) => slots.iter().filter(|slot| slot.word.as_str() == word).collect(),
        None => slots.iter().filter(|slot| slot.is_usual()).collect(),
    };
    if wanted.is_empty() {
        let words = slots.iter().map(|slot| slot.word.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("`{}` asks for {words}", scheme.name)));
    }
    let answers = Answers::open()?;
    let mut kept = Vec::new();
    for (number, slot) in wanted.iter().enumerate() {
        let question = format!("{} of {}", slot.word.as_str(), scheme.name);
        let Some(text) = answers.answer(&question, number, wanted.len())? else { continue };
        local.store().records().put(&slot.record(), &text).map_err(Failure::failed)?;
        kept.push(slot.word.as_str());
        if let Some(variable) = local.store().shadowed(slot) {
            tell(&format!("{variable} is set, and wins over the vault"));
        }
    }
    if kept.is_empty() {
        return Err(Failure::usage("nothing was given, and nothing was kept"));
    }
    print(&format!("kept in the vault: {} of {}", kept.join(" and "), scheme.name))
}

/// Forgets what the vault has for a scheme, or for all of them.
async fn logout(local: &LocalSource, scheme: Option<&str>) -> Result<ExitCode, Failure> {
    let schemes: Vec<&'static Scheme> = match scheme {
        Some(_) => vec![chosen(local, scheme, |_| true)?],
        None => local.connector().schemes.iter().collect(),
    };
    let mut text = String::new();
    for scheme in schemes {
        let mut forgotten = Vec::new();
        for slot in Slot::of(local.connector(), scheme) {
            if local.store().records().remove(&slot.record()).map_err(Failure::failed)? {
                forgotten.push(slot.word.as_str());
            }
            if let Some(variable) = local.store().shadowed(&slot) {
                tell(&format!("{variable} is still set: whoever set it has to unset it"));
            }
        }
        if forgotten.is_empty() {
            let _ = writeln!(text, "{}: nothing was in the vault", scheme.name);
        } else {
            let _ = writeln!(text, "{}: forgot {}", scheme.name, forgotten.join(" and "));
        }
    }
    print(&text)
}

/// Seals the vault, which all connectors share, with another key.
fn rotate(local: &LocalSource, to: Option<&str>) -> Result<ExitCode, Failure> {
    let key = match to {
        None => Key::Any,
        Some("keyring") => Key::Keyring,
        Some("file") => Key::Beside,
        Some("passphrase") => {
            let answers = Answers::open()?;
            let new = answers.answer("new passphrase of the vault", 0, 1)?;
            let new = new.ok_or_else(|| Failure::usage("no passphrase was given; the key is what it was"))?;
            if answers.is_person() && answers.answer("the same again", 0, 1)? != Some(new.clone()) {
                return Err(Failure::usage("these are not the same; the key is what it was"));
            }
            Key::passphrase(jackfield_vault::Secret::new(new.expose().to_owned()))
        }
        Some(path) if path.contains(std::path::is_separator) => Key::File(path.into()),
        Some(other) => {
            let text =
                format!("`{other}` is no kind of key: keyring, passphrase, file, or the path of a key file");
            return Err(Failure::usage(text));
        }
    };
    let is_passphrase = matches!(key, Key::Passphrase { .. });
    let Some(rotation) = local.vault().rotate(key).map_err(Failure::failed)? else {
        return print("There is no vault yet: nothing has been put away.");
    };
    for file in &rotation.unneeded {
        tell(&format!(
            "{} is not needed any more: remove it, unless copies of the vault are kept",
            file.display()
        ));
    }
    if let Some(error) = &rotation.left {
        tell(&format!("the old key is still there: {error}"));
    }
    print(match is_passphrase {
        true => "The vault has a new key. Set JACKFIELD_VAULT_PASSPHRASE to the new passphrase from now on.",
        false => "The vault has a new key.",
    })
}
