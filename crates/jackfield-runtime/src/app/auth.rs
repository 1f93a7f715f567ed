//! The `auth` commands.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use jackfield_recipe::nearest;
use jackfield_vault::Key;
use serde_json::{Value, json};

use super::alternatives::Alternative;
use super::auth_command::Auth;
use super::browser;
use super::output::{Failure, print, print_data, tell};
use super::terminal::Answers;
use crate::auth::audience::{self, Audience};
use crate::auth::{
    CredentialSlot, Destination, LocalSource, LoggedOut, OAuthError, Provenance, State, Teller, TokenStatus,
    Way,
};
use crate::call::rows::Scheme;
use crate::common::clock::Clock;

pub(super) async fn run(command: Auth, local: &LocalSource) -> Result<ExitCode, Failure> {
    if local.connector().schemes.is_empty() {
        return print("The document declares no security schemes, so no credentials are needed.");
    }
    match command {
        Auth::Status { json } => status(local, json).await,
        Auth::Set { scheme, field, origins } => {
            let scheme = chosen(local, scheme.as_deref(), |scheme| !scheme.kind.fields().is_empty())?;
            set(local, scheme, field.as_deref(), &origins).await
        }
        Auth::Login { scheme, way, origins } => login(local, scheme.as_deref(), way, &origins).await,
        Auth::Logout { scheme } => logout(local, scheme.as_deref()).await,
        Auth::RotateKey { to } => rotate(local, to.as_deref()),
    }
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::failed(error.to_string())
}

/// Returns the scheme `name`. Without a name, returns the only scheme that supports the command.
fn chosen<'a>(
    local: &'a LocalSource,
    name: Option<&str>,
    fits: impl Fn(&Scheme<'_>) -> bool,
) -> Result<&'a Scheme<'a>, Failure> {
    let fitting: Vec<&Scheme<'_>> = local.connector().schemes.iter().filter(|scheme| fits(scheme)).collect();
    let names = || fitting.iter().map(|scheme| scheme.name).collect::<Vec<_>>().join(", ");
    match (name, fitting.as_slice()) {
        (_, []) => Err(Failure::usage("no security scheme here supports this command")),
        (None, [one]) => Ok(one),
        (None, _) => {
            Err(Failure::usage(format!("this connector has several schemes: name one of {}", names())))
        }
        (Some(name), _) => {
            let found = fitting.iter().find(|scheme| scheme.is_called(name)).copied();
            found.ok_or_else(|| {
                let near = nearest(name, fitting.iter().map(|scheme| scheme.name));
                let help = near.map_or_else(
                    || format!("choose one of {}", names()),
                    |near| format!("did you mean `{near}`?"),
                );
                Failure::usage(format!("this connector has no scheme `{name}`; {help}"))
            })
        }
    }
}

async fn status(local: &LocalSource, json: bool) -> Result<ExitCode, Failure> {
    let mut text = String::new();
    let mut list = Vec::new();
    let alternatives = Alternative::all(local.connector());
    for scheme in local.connector().schemes {
        let states = local.states(scheme).await;
        let tools = local.needed_by(scheme);
        let granted = match scheme.is_granted() {
            true => Some((local.wanted(scheme.name).unwrap_or_default(), local.status(scheme.name).await)),
            false => None,
        };
        if json {
            let mut value = as_json(scheme, tools, &states, granted.as_ref());
            value["alternatives"] = Alternative::json_of(&alternatives, scheme.name);
            list.push(value);
            continue;
        }
        let tools = if tools == 1 { "1 tool".to_owned() } else { format!("{tools} tools") };
        let _ = writeln!(text, "{}: {}, for {tools}", scheme.name, scheme.describe());
        if !scheme.description.is_empty() {
            let _ = writeln!(text, "  the document says: {}", scheme.description);
        }
        if !scheme.aliases.is_empty() {
            let _ = writeln!(text, "  also called {}", scheme.aliases.join(", "));
        }
        let width = states.iter().map(|state| state.slot.field.as_str().len()).max().unwrap_or(0);
        for state in &states {
            let _ = writeln!(text, "  {:width$}  {}", state.slot.field.as_str(), line(local, state));
        }
        if let Some((wanted, status)) = &granted {
            let _ = writeln!(text, "  {:width$}  {}", "scopes", listed(wanted));
            let how = local.way_to_be_granted(scheme);
            let _ = writeln!(text, "  {:width$}  {}", "granted", granted_line(status, &how));
        }
    }
    Alternative::print(&alternatives, &mut text);
    if json { print_data(&serde_json::to_string_pretty(&list).unwrap_or_default()) } else { print(&text) }
}

fn line(local: &LocalSource, state: &State<'_>) -> String {
    match &state.held {
        Ok(Some(held)) => {
            let kept = Some(&held.from).filter(|from| **from == Provenance::Records);
            let audience = kept.and_then(|_| local.store().audience(&state.slot));
            let audience = audience.map(|audience| format!(", for {audience}"));
            let hint = state.hint().unwrap_or_else(|| "set".to_owned());
            format!("{hint}, {}{}", held.from, audience.unwrap_or_default())
        }
        Ok(None) if state.slot.is_optional() => format!("not set ({})", state.slot.variable()),
        Ok(None) => format!("not set: {}", local.ways_to_set(&state.slot)),
        Err(problem) => format!("cannot be read: {problem}"),
    }
}

/// Formats a list, or `none` if it is empty.
fn listed<T: AsRef<str>>(scopes: &[T]) -> String {
    if scopes.is_empty() {
        return "none".to_owned();
    }
    scopes.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

/// Describes the status of granted tokens.
fn granted_line(status: &Result<Option<TokenStatus>, OAuthError>, how: &str) -> String {
    match status {
        Err(error) => error.to_string(),
        Ok(None) => format!("nothing: {how}"),
        Ok(Some(status)) => {
            let mut text = status.expires_at.map_or_else(|| "without a known expiry".to_owned(), until);
            text.push_str(if status.renewable { ", renewed automatically" } else { ", not renewable" });
            if !status.scopes.is_empty() {
                let _ = write!(text, "; scopes {}", listed(&status.scopes));
            }
            if let Some(issuer) = &status.issuer {
                let _ = write!(text, "; by {issuer}");
            }
            if !status.origins.is_empty() {
                let _ = write!(text, "; for {}", audience::listed(&status.origins));
            }
            text
        }
    }
}

/// Formats a time as in `for 42 more minutes` or `ended 3 hours ago`.
fn until(seconds: u64) -> String {
    let now = Clock::of_machine().seconds();
    let left = seconds.abs_diff(now);
    let (amount, unit) = match left {
        0..=119 => (left, "seconds"),
        120..=7199 => (left / 60, "minutes"),
        7200..=172_799 => (left / 3600, "hours"),
        _ => (left / 86_400, "days"),
    };
    if seconds > now { format!("for {amount} more {unit}") } else { format!("ended {amount} {unit} ago") }
}

type Granted<'a> = (Vec<&'a str>, Result<Option<TokenStatus>, OAuthError>);

fn as_json(scheme: &Scheme<'_>, tools: usize, states: &[State<'_>], granted: Option<&Granted<'_>>) -> Value {
    let texts: Vec<Value> = states
        .iter()
        .map(|state| {
            let held = state.held.as_ref().ok().and_then(Option::as_ref);
            json!({
                "text": state.slot.field.as_str(),
                "variable": state.slot.variable(),
                "set": held.is_some(),
                "from": held.map(|held| held.from.to_string()),
                "ends": state.hint(),
                "problem": state.held.as_ref().err().map(ToString::to_string),
            })
        })
        .collect();
    let mut value =
        json!({ "scheme": scheme.name, "kind": scheme.describe(), "tools": tools, "texts": texts });
    if !scheme.description.is_empty() {
        value["description"] = json!(scheme.description);
    }
    if !scheme.aliases.is_empty() {
        value["aliases"] = json!(scheme.aliases);
    }
    if let Some((wanted, status)) = granted {
        value["scopes"] = json!(wanted);
        value["granted"] = match status {
            Err(error) => json!({ "problem": error.to_string() }),
            Ok(None) => Value::Null,
            Ok(Some(status)) => json!({
                "expires_at": status.expires_at,
                "scopes": status.scopes,
                "renewable": status.renewable,
                "issuer": status.issuer,
                "origins": status.origins,
            }),
        };
    }
    value
}

/// Stores the credential fields of a scheme in the vault.
async fn set(
    local: &LocalSource,
    scheme: &Scheme<'_>,
    field: Option<&str>,
    added: &[String],
) -> Result<ExitCode, Failure> {
    let slots: Vec<CredentialSlot<'_>> = CredentialSlot::of(local.connector(), scheme).collect();
    let wanted: Vec<&CredentialSlot<'_>> = match field {
        Some(field) => slots.iter().filter(|slot| slot.field.as_str() == field).collect(),
        None => slots.iter().filter(|slot| slot.is_usual()).collect(),
    };
    if wanted.is_empty() {
        let fields = slots.iter().map(|slot| slot.field.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("`{}` asks for {fields}", scheme.name)));
    }
    let added = added.iter().map(|origin| {
        let found = Destination::parse(origin).map(|origin| origin.to_string());
        found.ok_or_else(|| {
            Failure::usage(format!(
                "{origin:?} is not an origin: write an origin such as https://api.example.com"
            ))
        })
    });
    let added = added.collect::<Result<BTreeSet<_>, _>>()?;
    let audience = |slot: &CredentialSlot<'_>| {
        let mut audience = slot.audience(local.store().environment());
        added.iter().for_each(|origin| audience.allow(origin));
        audience
    };
    let mut all = Audience::default();
    for slot in &wanted {
        let audience = audience(slot);
        if audience.is_empty() {
            return Err(Failure::usage(format!(
                "the destination of the {} of `{}` is unknown: add --origin https://api.example.com, with the origin \
                 that may receive it",
                slot.field.as_str(),
                scheme.name
            )));
        }
        all.join(audience);
    }
    let answers = Answers::open()?;
    if answers.is_person() {
        tell(&format!("for {all}"));
    }
    let mut kept = Vec::new();
    for (number, slot) in wanted.iter().enumerate() {
        let question = format!("{} of {}", slot.field.as_str(), scheme.name);
        let Some(text) = answers.answer(&question, number, wanted.len())? else { continue };
        local.store().keep(slot, audience(slot), text).await.map_err(failed)?;
        kept.push(slot.field.as_str());
        if let Some(variable) = local.store().shadowed(slot) {
            tell(&format!("{variable} is set, and takes precedence over the vault"));
        }
    }
    if kept.is_empty() {
        return Err(Failure::usage("nothing was entered, so nothing was stored"));
    }
    print(&format!("stored in the vault: {} of {}, for {all}", kept.join(" and "), scheme.name))
}

/// Logs in: asks a person to consent to the scopes that the tools need.
async fn login(
    local: &LocalSource,
    scheme: Option<&str>,
    way: Way,
    origins: &[String],
) -> Result<ExitCode, Failure> {
    let scheme = chosen(local, scheme, |scheme| scheme.is_granted())?;
    let wanted = local.wanted(scheme.name).map_err(failed)?;
    tell(&format!("{} will be asked for these scopes: {}", scheme.name, listed(&wanted)));
    let status = local.login_for(scheme.name, way, origins, &AtTerminal).await.map_err(failed)?;
    print(&format!("{}: granted {}", scheme.name, granted_line(&Ok(Some(status)), "")))
}

/// Tells the person at the terminal what to do during a login.
struct AtTerminal;

impl Teller for AtTerminal {
    fn open(&self, address: &str) {
        let opened = browser::open(address);
        tell(if opened {
            "A browser was opened. If you do not see it, open this URL in a browser on this machine:"
        } else {
            "Open this URL in a browser on this machine:"
        });
        tell(&format!("\n  {address}\n\nThe command waits for five minutes; Ctrl-C ends it."));
    }

    fn enter(&self, code: &str, address: &str, complete: Option<&str>) {
        tell(&format!("Open {address} in any browser and enter this code:\n\n  {code}\n"));
        if let Some(complete) = complete {
            tell(&format!("This URL includes the code: {complete}"));
        }
    }
}

/// Removes the stored credentials of a scheme, or of all schemes.
async fn logout(local: &LocalSource, scheme: Option<&str>) -> Result<ExitCode, Failure> {
    let schemes: Vec<&Scheme<'_>> = match scheme {
        Some(_) => vec![chosen(local, scheme, |_| true)?],
        None => local.connector().schemes.iter().collect(),
    };
    let mut text = String::new();
    for scheme in schemes {
        let mut said = Vec::new();
        if scheme.is_granted() {
            let out = local.logout(scheme.name).await.map_err(failed)?;
            if out != LoggedOut::NothingKept {
                said.push(out.to_string());
            }
        }
        for slot in CredentialSlot::of(local.connector(), scheme) {
            if local.store().discard(&slot).await.map_err(failed)? {
                said.push(format!("forgot {}", slot.field.as_str()));
            }
            if let Some(variable) = local.store().shadowed(&slot) {
                tell(&format!("{variable} is still set: unset it to stop using it"));
            }
        }
        if said.is_empty() {
            said.push("nothing was in the vault".to_owned());
        }
        let _ = writeln!(text, "{}: {}", scheme.name, said.join("; "));
    }
    print(&text)
}

/// Encrypts the vault, which all connectors share, with a new key.
fn rotate(local: &LocalSource, to: Option<&str>) -> Result<ExitCode, Failure> {
    let key = match to {
        None => Key::Any,
        Some("keyring") => Key::Keyring,
        Some("file") => Key::Beside,
        Some("passphrase") => {
            let answers = Answers::open()?;
            let new = answers.answer("new passphrase of the vault", 0, 1)?;
            let new = new.ok_or_else(|| Failure::usage("no passphrase was given; the key is unchanged"))?;
            if answers.is_person() && answers.answer("the passphrase again", 0, 1)? != Some(new.clone()) {
                return Err(Failure::usage("the passphrases differ; the key is unchanged"));
            }
            Key::passphrase(new)
        }
        Some(path) if path.contains(std::path::is_separator) => Key::File(path.into()),
        Some(other) => {
            let text = format!(
                "`{other}` is not a kind of key: keyring, passphrase, file, or the path of a key file"
            );
            return Err(Failure::usage(text));
        }
    };
    let is_passphrase = matches!(key, Key::Passphrase { .. });
    let Some(rotation) = local.vault().rotate(key).map_err(failed)? else {
        return print("There is no vault yet: no credential has been stored.");
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
