//! The credentials that a connector needs, and the variables that contain them.
#![allow(clippy::print_stdout, reason = "this command prints a table")]

use std::collections::BTreeSet;

use anstream::println;
use jackfield_build::model::{
    Connector, Destinations, FlowKind, Location, Requirement, Scheme, SchemeKind, visible_line,
};
use serde_json::{Value, json};

use crate::paint::{BOLD, DIM};

/// The width of a terminal.
const WIDTH: usize = 80;

/// The schemes that tools need, and the destinations of credentials.
#[derive(Debug)]
pub struct Authentication {
    /// The schemes, sorted by name.
    pub schemes: Vec<Asked>,
    /// The origins of the servers, and the origins in connector.toml.
    pub origins: Vec<String>,
}

/// A scheme.
#[derive(Debug)]
pub struct Asked {
    /// The name that security requirements use.
    pub name: String,
    /// The names of other schemes for which the same login is used.
    pub aliases: Vec<String>,
    /// The document's description of the credential, in one sentence.
    pub description: String,
    /// `bearer`, `api_key`, `oauth2`, …
    pub kind: String,
    /// The name of the header, query parameter or cookie of an API key.
    pub place: Option<String>,
    /// The environment variables with credentials for the scheme.
    pub variables: Vec<String>,
    /// The supported flows.
    pub flows: Vec<&'static str>,
    /// The scopes that are requested, for the tools and because of connector.toml.
    pub scopes: Vec<String>,
    /// The number of tools that can use the scheme.
    pub tools: usize,
}

/// Returns the schemes and origins that the operations of a connector need.
pub(super) fn authentication(connector: &Connector) -> Authentication {
    let origins = Destinations::of(connector).requests.into_keys().collect();
    Authentication {
        schemes: connector.schemes.iter().map(|scheme| asked(connector, scheme)).collect(),
        origins,
    }
}

fn asked(connector: &Connector, scheme: &Scheme) -> Asked {
    let needs = connector.needs().filter(|need| need.scheme == scheme.name);
    let scopes: BTreeSet<String> =
        needs.flat_map(|need| &need.scopes).chain(&scheme.client.scopes).cloned().collect();
    let is_needed = |one: &Requirement| one.needs.iter().any(|need| need.scheme == scheme.name);
    let (kind, place) = match &scheme.kind {
        SchemeKind::Http(other) => (format!("http {other}"), None),
        SchemeKind::ApiKey { location, wire } => {
            let location = match location {
                Location::Header => "header",
                Location::Query => "query",
                Location::Cookie => "cookie",
                Location::Path => "path",
            };
            ("api_key".to_owned(), Some(format!("{location} {wire}")))
        }
        kind => (kind.as_str().unwrap_or_default().to_owned(), None),
    };
    Asked {
        name: scheme.name.to_string(),
        aliases: scheme.aliases.iter().map(ToString::to_string).collect(),
        description: scheme.description.clone(),
        kind,
        place,
        variables: scheme.kind.fields().iter().map(|field| connector.variable(scheme, *field)).collect(),
        flows: scheme.flows.iter().filter_map(|flow| way(flow.kind)).collect(),
        scopes: scopes.into_iter().collect(),
        tools: connector.operations().filter(|operation| operation.security.iter().any(is_needed)).count(),
    }
}

/// Returns the name of the flow in connector.toml, or None for an unsupported flow.
const fn way(kind: FlowKind) -> Option<&'static str> {
    match kind {
        FlowKind::AuthorizationCode => Some("authorization_code"),
        FlowKind::ClientCredentials => Some("client_credentials"),
        FlowKind::DeviceCode => Some("device_code"),
        FlowKind::Implicit | FlowKind::Password => None,
    }
}

/// Formats a requirement, as in `account(read write)+key` or `none`.
pub(super) fn alternative(requirement: &Requirement) -> String {
    let needs = requirement.needs.iter().map(|need| match need.scopes.as_slice() {
        [] => need.scheme.to_string(),
        scopes => format!("{}({})", need.scheme, scopes.join(" ")),
    });
    let needs: Vec<String> = needs.collect();
    if needs.is_empty() { "none".to_owned() } else { needs.join("+") }
}

impl Authentication {
    pub(super) fn json(&self) -> (Value, Value) {
        let schemes = self.schemes.iter().map(|scheme| {
            json!({
                "name": scheme.name, "kind": scheme.kind, "place": scheme.place, "variables": scheme.variables,
                "flows": scheme.flows, "scopes": scheme.scopes, "tools": scheme.tools, "aliases": scheme.aliases,
                "description": scheme.description,
            })
        });
        (schemes.collect(), json!(self.origins))
    }

    pub(super) fn print(&self) {
        if self.schemes.is_empty() {
            return;
        }
        println!("\n{BOLD}Authentication{BOLD:#} {DIM}(a tool needs one of its alternatives){DIM:#}");
        for scheme in &self.schemes {
            let place = scheme.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
            let tools =
                if scheme.tools == 1 { "1 tool".to_owned() } else { format!("{} tools", scheme.tools) };
            let (name, what) = (visible_line(&scheme.name), format!("{}{place}", scheme.kind));
            println!("{name} {DIM}{}, {tools}{DIM:#}", visible_line(&what));
            lines("  also called", &scheme.aliases);
            if !scheme.description.is_empty() {
                lines("  described as", std::slice::from_ref(&scheme.description));
            }
            for (what, values) in [("  reads", &scheme.variables), ("  asks for", &scheme.scopes)] {
                lines(what, values);
            }
            lines("  by", &scheme.flows.iter().map(|&flow| flow.to_owned()).collect::<Vec<_>>());
        }
        lines("credentials go to", &self.origins);
    }
}

/// Prints a label and its values, wrapped to the width of a terminal.
fn lines(what: &str, values: &[String]) {
    let mut line = what.to_owned();
    let margin = line.chars().count();
    for (at, value) in values.iter().map(|value| visible_line(value)).enumerate() {
        if at > 0 && line.chars().count() + 1 + value.chars().count() > WIDTH {
            println!("{line}");
            line = " ".repeat(margin);
        }
        line.push(' ');
        line.push_str(&value);
    }
    if !values.is_empty() {
        println!("{line}");
    }
}
