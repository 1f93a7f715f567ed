//! The differences that concern the whole connector.

use jackfield_model::Connector;

use crate::change::{Change, Changes};
use crate::texts::text;
use crate::tools::Paired;
use crate::{Class, Kind, contents, merges, patience, rates, reply_rules, servers, settings, surface};

/// Compares everything except tools, schemes and origins.
pub(crate) fn compare(old: &Connector, new: &Connector, paired: &Paired<'_>, changes: &mut Changes) {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let Connector {
        name,
        title,
        description,
        instructions,
        version,
        servers: _,
        schemes: _,
        headers: _,
        settings: _,
        origins: _,
        accepted: _,
        named: _,
        authorities: _,
        surface: _,
        promoted: _,
        rates: _,
        replies: _,
        prompts: _,
        documentation: _,
        timeouts: _,
        retry: _,
        merges: _,
        groups,
        pool: _,
    } = old;
    if name != &new.name {
        let (before, after) = (Some(name.as_str()), Some(new.name.as_str()));
        // The names of all environment variables begin with the connector's name.
        changes.add(Change::value(
            Class::Breaking,
            Kind::ConnectorName,
            "name of the connector",
            before,
            after,
        ));
    }
    for (words, before, after) in [
        ("title of the API", title, &new.title),
        ("description of the API", description, &new.description),
        ("instructions for models", instructions, &new.instructions),
        ("version of the API", version, &new.version),
    ] {
        if let Some(change) = text(words, before, after) {
            changes.add(change);
        }
    }
    for group in groups {
        let next = new.groups.iter().find(|next| next.tag == group.tag);
        let next = next.filter(|next| next.description != group.description);
        if let Some(change) = next.and_then(|next| {
            let change = text("description of a group", &group.description, &next.description)?;
            Some(change.about(group.tag.as_str()))
        }) {
            changes.add(change);
        }
    }
    servers::compare(old, new, changes);
    settings::compare(old, new, paired, changes);
    surface::compare(old, new, paired, changes);
    merges::compare(old, new, paired, changes);
    rates::compare(old, new, paired, changes);
    patience::compare(old, new, changes);
    reply_rules::compare(old, new, paired, changes);
    contents::compare(old, new, changes);
}
