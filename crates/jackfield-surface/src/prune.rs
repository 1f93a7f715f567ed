//! Removes schemas and schemes that no operation needs.

use std::collections::BTreeSet;

use jackfield_model::{Connector, Defs, Schema, WireName};

/// Removes the schemas to which no operation refers, and the schemes that no operation requires, so that
/// users are not asked for credentials that are never sent.
pub fn prune(connector: &mut Connector) {
    let needed: BTreeSet<WireName> = connector.needs().map(|need| need.scheme.clone()).collect();
    connector.schemes.retain(|scheme| needed.contains(&scheme.name));
    let sent = connector.operations().flat_map(|operation| operation.args.iter().map(|arg| &arg.schema));
    let send = closure(sent, &connector.pool.send);
    let received = connector
        .operations()
        .flat_map(|operation| operation.replies.iter().filter_map(|reply| reply.schema.as_ref()));
    let receive = closure(received, &connector.pool.receive);
    connector.pool.send.retain(|name, _| send.contains(name));
    connector.pool.receive.retain(|name, _| receive.contains(name));
}

/// Returns the names of all pool schemas to which these refer, directly or indirectly, sorted.
pub fn closure<'s>(roots: impl Iterator<Item = &'s Schema>, defs: &'s Defs) -> BTreeSet<String> {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut frontier: Vec<&str> = roots.flat_map(Schema::refs).collect();
    while let Some(name) = frontier.pop() {
        if !reached.contains(name) {
            reached.insert(name.to_owned());
            frontier.extend(defs.get(name).into_iter().flat_map(Schema::refs));
        }
    }
    reached
}
