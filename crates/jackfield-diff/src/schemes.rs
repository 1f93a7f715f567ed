//! The differences between security schemes.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Client, Command, Connector, Flow, FlowKind, Scheme, SchemeKind, WireName, origin_of};

use crate::change::{Change, Changes};
use crate::lists::differing;
use crate::texts::text;
use crate::{Class, Kind, Phrase};

/// Compares the schemes by name.
pub(crate) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    let known: BTreeMap<&str, &Scheme> = old.schemes.iter().map(|one| (one.name.as_str(), one)).collect();
    let next: BTreeMap<&str, &Scheme> = new.schemes.iter().map(|one| (one.name.as_str(), one)).collect();
    for scheme in old.schemes.iter().filter(|one| !next.contains_key(one.name.as_str())) {
        let phrase = Phrase::of(["scheme ", scheme.name.as_str(), " removed"]);
        changes.add(Change::new(Class::Breaking, Kind::Scheme, phrase).about(scheme.name.as_str()));
    }
    for scheme in &new.schemes {
        match known.get(scheme.name.as_str()) {
            Some(before) => differences(before, scheme, changes),
            None => {
                let kind = words(&scheme.kind);
                let phrase = Phrase::of(["scheme ", scheme.name.as_str(), " added: ", &kind, ""]);
                changes.add(Change::new(Class::Security, Kind::Scheme, phrase).about(scheme.name.as_str()));
            }
        }
    }
    scopes(old, new, changes);
}

fn differences(old: &Scheme, new: &Scheme, changes: &mut Changes) {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let Scheme { name, place: _, kind, aliases, description, prefix, commands, flows, metadata, client } =
        old;
    let name = name.as_str();
    let mut add = |class, words: &str, before: Option<&str>, after: Option<&str>| {
        if before == after {
            return;
        }
        let mut phrase = Phrase::of(["scheme ", name, &format!(": {words}")]);
        phrase.from_to(before, after);
        changes.add(Change::new(class, Kind::Scheme, phrase).about(name).values(before, after));
    };
    let (before, after) = (words(kind), words(&new.kind));
    add(Class::Security, "kind", Some(&before), Some(&after));
    add(Class::Breaking, "prefix of the credential", prefix.as_deref(), new.prefix.as_deref());
    let by_field = |commands: &[Command]| -> BTreeMap<&'static str, String> {
        commands.iter().map(|one| (one.field.as_str(), one.program.join(" "))).collect()
    };
    let (programs, next_programs) = (by_field(commands), by_field(&new.commands));
    let fields: BTreeSet<&str> = programs.keys().chain(next_programs.keys()).copied().collect();
    for field in fields {
        let (before, after) = (programs.get(field), next_programs.get(field));
        let class = if after.is_some() { Class::Security } else { Class::Breaking };
        let words = format!("program that prints the {field}");
        add(class, &words, before.map(String::as_str), after.map(String::as_str));
    }
    // Tokens and client secrets are sent to these URLs.
    let address = |before: Option<&str>, after: Option<&str>| match (before, after) {
        (_, None) => Class::Breaking,
        (Some(before), Some(after)) if origin_of(before) == origin_of(after) => Class::Behaviour,
        _ => Class::Security,
    };
    let (before, after) = (metadata.as_deref(), new.metadata.as_deref());
    add(address(before, after), "metadata", before, after);
    for kind in FLOWS {
        let of = |flows: &'_ [Flow]| flows.iter().position(|flow| flow.kind == kind);
        let word = flow_word(kind);
        match (of(flows).map(|at| &flows[at]), of(&new.flows).map(|at| &new.flows[at])) {
            (None, None) => {}
            (Some(_), None) => add(Class::Breaking, "flow", Some(word), None),
            (None, Some(flow)) => {
                // If the origin of a new flow already receives tokens, the flow is only another way to log in.
                let origins =
                    |flow: &Flow| endpoints(flow).into_iter().filter_map(|(_, it)| origin_of(it?)).collect();
                let known: BTreeSet<String> =
                    flows.iter().flat_map(|flow| -> BTreeSet<String> { origins(flow) }).collect();
                let class = if origins(flow).is_subset(&known) { Class::Behaviour } else { Class::Security };
                add(class, "flow", None, Some(word));
            }
            (Some(before), Some(after)) => {
                for ((endpoint, before), (_, after)) in endpoints(before).into_iter().zip(endpoints(after)) {
                    add(address(before, after), &format!("{endpoint} endpoint"), before, after);
                }
                let (gone, come) = differing(&before.scopes, &after.scopes);
                for scope in gone {
                    add(Class::Behaviour, "available scope", Some(scope), None);
                }
                for scope in come {
                    add(Class::Behaviour, "available scope", None, Some(scope));
                }
            }
        }
    }
    let list = |names: &[WireName]| names.iter().map(WireName::as_str).collect::<Vec<_>>().join(", ");
    let (before, after) = (list(aliases), list(&new.aliases));
    add(Class::Behaviour, "other names", Some(&before), Some(&after));
    compare_clients(client, &new.client, &mut add);
    if let Some(change) = text("description of a credential", description, &new.description) {
        changes.add(change.about(name));
    }
}

fn compare_clients(
    old: &Client,
    new: &Client,
    add: &mut impl FnMut(Class, &str, Option<&str>, Option<&str>),
) {
    let Client { id, authentication, redirect_port, resource, audience, scopes } = old;
    add(Class::Behaviour, "client id", id.as_deref(), new.id.as_deref());
    let [before, after] = [authentication, &new.authentication].map(|it| format!("{it:?}").to_lowercase());
    add(Class::Behaviour, "client authentication", Some(&before), Some(&after));
    let [before, after] = [redirect_port, &new.redirect_port].map(|port| port.map(|port| port.to_string()));
    add(Class::Behaviour, "redirect port", before.as_deref(), after.as_deref());
    add(Class::Security, "resource of tokens", resource.as_deref(), new.resource.as_deref());
    add(Class::Security, "audience of tokens", audience.as_deref(), new.audience.as_deref());
    let (gone, come) = differing(scopes, &new.scopes);
    for scope in come {
        add(Class::Security, "additional scope", None, Some(scope));
    }
    for scope in gone {
        add(Class::Behaviour, "additional scope", Some(scope), None);
    }
}

/// Compares the scopes that a login requests for all tools together.
fn scopes(old: &Connector, new: &Connector, changes: &mut Changes) {
    let all = |connector: &Connector| {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for need in connector.needs() {
            all.entry(need.scheme.to_string()).or_default().extend(need.scopes.iter().cloned());
        }
        all
    };
    let (before, after) = (all(old), all(new));
    for (scheme, next) in &after {
        let Some(known) = before.get(scheme) else { continue };
        let scopes: Vec<&str> = next.difference(known).map(String::as_str).collect();
        if !scopes.is_empty() {
            let mut phrase =
                Phrase::of(["scheme ", scheme, ": tools need a scope that no tool needed before: "]);
            phrase.list(scopes.iter().copied(), 5);
            let change = Change::new(Class::Security, Kind::Scopes, phrase).about(scheme);
            changes.add(change.values(None, Some(&scopes.join(", "))));
        }
    }
}

const FLOWS: [FlowKind; 5] = [
    FlowKind::AuthorizationCode,
    FlowKind::ClientCredentials,
    FlowKind::DeviceCode,
    FlowKind::Implicit,
    FlowKind::Password,
];

const fn flow_word(kind: FlowKind) -> &'static str {
    match kind {
        FlowKind::AuthorizationCode => "authorization code",
        FlowKind::ClientCredentials => "client credentials",
        FlowKind::DeviceCode => "device code",
        FlowKind::Implicit => "implicit",
        FlowKind::Password => "password",
    }
}

fn endpoints(flow: &Flow) -> [(&'static str, Option<&str>); 4] {
    let Flow { kind: _, authorization, device, token, refresh, scopes: _ } = flow;
    [
        ("authorization", authorization.as_deref()),
        ("device", device.as_deref()),
        ("token", token.as_deref()),
        ("refresh", refresh.as_deref()),
    ]
}

fn words(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::Http(name) => format!("HTTP {name}"),
        // The slot already contains backticks around names.
        kind => format!("{} in the {}", kind.as_str().unwrap_or("http"), kind.slot()).replace('`', ""),
    }
}
