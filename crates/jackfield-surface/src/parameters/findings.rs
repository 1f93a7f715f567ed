//! The findings about parameters that are not arguments, and about arguments that should perhaps be settings or credentials. A document
//! gets one finding of each kind.

use std::fmt::Write as _;

use jackfield_model::text::{toml_key, toml_text};
use jackfield_model::{
    Code, Connector, Diagnostic, Location, ParameterSetting, Place, Setting, WireName, WireSlot,
};

/// The maximum number of parameters that a finding names.
const MOST_NAMED: usize = 5;

/// A parameter that a credential sets.
pub(super) struct Filled {
    pub(super) scheme: WireName,
    pub(super) location: Location,
    pub(super) wire: String,
    pub(super) is_declared: bool,
    pub(super) operations: usize,
}

/// An argument with the name of a secret.
pub(super) struct SecretArgument {
    /// None if the argument is a field of the body.
    pub(super) location: Option<Location>,
    pub(super) wire: String,
    pub(super) tools: usize,
}

/// Returns the note about settings that the document suggests. Each setting has the place of its first operation.
pub(super) fn settings(connector: &Connector, made: &[(ParameterSetting, Place)]) -> Option<Diagnostic> {
    let (first, place) = made.first()?;
    let named = made.iter().map(|(setting, _)| {
        let value = match &setting.value {
            Some(value) => format!("sent as {value:?}"),
            None => "not sent".to_owned(),
        };
        format!("the {} `{}` ({value})", place_of(setting.location), setting.wire)
    });
    let (named, verb) = (listed(named.collect()), if made.len() == 1 { "is" } else { "are" });
    let variable = Setting::parameter_variable(connector.name.as_str(), first.location, first.wire.as_str());
    let problem = format!("{named} {verb} the same for nearly all operations");
    Some(
        Diagnostic::note(Code::ConnectorSetting, place.clone(), problem)
            .so("it is not an argument of any tool, but a setting of the connector")
            .help(format!(
                "to change a value, set a variable such as {variable}, or write it under [{}] in connector.toml; to keep an \
                 argument, list it there:\n\nask_for = [{}]\n",
                if first.location == Location::Header { "headers" } else { "query" },
                toml_text(first.wire.as_str()),
            )),
    )
}

/// Returns the note about parameters that credentials set.
pub(super) fn credentials(connector: &Connector, filled: &[Filled], place: Place) -> Option<Diagnostic> {
    let first = filled.first()?;
    let named = filled.iter().map(|it| {
        let what = if it.is_declared {
            "the credential of a declared scheme"
        } else {
            "it has the name of a secret"
        };
        format!("the {} `{}` of {} ({what})", place_of(it.location), it.wire, operations(it.operations))
    });
    let verb = if filled.len() == 1 { "is a credential" } else { "are credentials" };
    let scheme = connector.schemes.iter().find(|scheme| scheme.name == first.scheme);
    let variable = scheme.and_then(|scheme| Some(connector.variable(scheme, *scheme.kind.fields().first()?)));
    let variable = variable.unwrap_or_default();
    // `Authorization` is never an argument.
    let kept = filled.iter().find(|it| !it.wire.eq_ignore_ascii_case(WireSlot::AUTHORIZATION));
    let help = match kept {
        None => "no change is needed".to_owned(),
        Some(it) => format!(
            "no change is needed; to keep a parameter as an argument, list it in connector.toml:\n\nask_for = [{}]\n",
            toml_text(&it.wire)
        ),
    };
    let problem = format!("{} {verb}", listed(named.collect()));
    Some(
        Diagnostic::note(Code::CredentialParameter, place, problem)
            .so(format!("it is not an argument of any tool: its value is a credential, such as {variable}"))
            .help(help),
    )
}

/// Returns the note about arguments with the names of secrets.
pub(super) fn secrets(found: &[SecretArgument], place: Place) -> Option<Diagnostic> {
    found.first()?;
    let named = found.iter().map(|it| {
        let place = it.location.map_or("body field", place_of);
        format!("the {place} `{}` of {}", it.wire, operations(it.tools))
    });
    let verb = if found.len() == 1 { "is" } else { "are" };
    let help = match found.iter().find(|it| it.location.is_some()) {
        None => "no change is needed if the argument is part of the data".to_owned(),
        Some(it) => format!(
            "if it is the user's credential, declare it in connector.toml, so that authentication sets it:\n\n\
             [auth.schemes.{}]\ntype = \"api_key\"\nin = \"{}\"\nname = {}\n",
            toml_key(&it.wire),
            it.location.map_or("header", key_of),
            toml_text(&it.wire)
        ),
    };
    Some(
        Diagnostic::note(
            Code::SecretArgument,
            place,
            format!("{} {verb} named like a secret", listed(named.collect())),
        )
        .so("a model has to provide it")
        .help(help),
    )
}

const fn place_of(location: Location) -> &'static str {
    match location {
        Location::Path => "path variable",
        Location::Query => "query parameter",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

const fn key_of(location: Location) -> &'static str {
    match location {
        Location::Query => "query",
        Location::Cookie => "cookie",
        Location::Path | Location::Header => "header",
    }
}

fn operations(number: usize) -> String {
    if number == 1 { "1 operation".to_owned() } else { format!("{number} operations") }
}

/// Joins names for a message: `a`, `a and b`, or the first few and the number of further names.
fn listed(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    let mut text = names.join(", ");
    match names.pop() {
        Some(last) if more == 0 && !names.is_empty() => text = format!("{} and {last}", names.join(", ")),
        _ => {}
    }
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}
