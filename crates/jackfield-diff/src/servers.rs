//! The differences between base URLs.

use jackfield_model::{Connector, Operation, Server};

use crate::change::{Change, Changes};
use crate::texts::text;
use crate::{Class, Kind};

/// Compares the servers of the connector.
pub(crate) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    let most = old.servers.len().max(new.servers.len());
    for at in 0..most {
        let (before, after) = (old.servers.get(at), new.servers.get(at));
        let words = if most == 1 { "server".to_owned() } else { format!("server {}", at + 1) };
        let [addresses, next] = [before, after].map(|server| server.map(address));
        if addresses != next {
            changes.add(Change::value(
                Class::Behaviour,
                Kind::Server,
                &words,
                addresses.as_deref(),
                next.as_deref(),
            ));
        }
        let [before, after] = [before, after].map(|server| server.map(described).unwrap_or_default());
        if let Some(change) = text(&format!("description of {words}"), &before, &after) {
            changes.add(change);
        }
    }
}

/// Compares the servers of an operation. An operation without a server of its own uses the connector's servers.
pub(crate) fn compare_own(connectors: [&Connector; 2], operations: [&Operation; 2], found: &mut Vec<Change>) {
    let [old, new] = operations.map(|operation| operation.server.as_ref());
    if old == new {
        return;
    }
    let [before, after] = [old, new].map(|server| server.map(address));
    if before == after {
        let [before, after] = [old, new].map(|server| server.map(described).unwrap_or_default());
        found.extend(text("description of the server", &before, &after));
        return;
    }
    let origins = |at: usize, own: Option<&Server>| -> std::collections::BTreeSet<String> {
        match own {
            Some(own) => own.origins(),
            None => connectors[at].servers.iter().flat_map(Server::origins).collect(),
        }
    };
    let (known, next) = (origins(0, old), origins(1, new));
    let class = if next.is_subset(&known) { Class::Behaviour } else { Class::Security };
    let usual = "the connector's";
    let [before, after] = [before, after].map(|address| address.unwrap_or_else(|| usual.to_owned()));
    found.push(Change::value(class, Kind::Server, "server of this tool", Some(&before), Some(&after)));
}

/// Describes a server, as in `https://{region}.example.com region=eu (eu, us)`.
fn address(server: &Server) -> String {
    let mut text = server.url.clone();
    for variable in &server.variables {
        let default = variable.default.as_deref().unwrap_or("any");
        text.push_str(&format!(" {}={default}", variable.name));
        if !variable.allowed.is_empty() {
            text.push_str(&format!(" ({})", variable.allowed.join(", ")));
        }
    }
    text
}

fn described(server: &Server) -> String {
    [server.name.as_str(), server.description.as_str()].map(str::trim).join(" ").trim().to_owned()
}
