//! The names of schemes, which the user may choose, and of their environment variables.

use std::collections::BTreeMap;

use jackfield_model::{Code, Connector, Diagnostic, Scheme, WireName};

use crate::manifest::Manifest;

/// Renames schemes as the user chose, wherever they are used.
pub(super) fn rename(manifest: &Manifest, connector: &mut Connector) {
    let written: BTreeMap<&str, WireName> = manifest
        .auth
        .schemes
        .iter()
        .filter_map(|(name, choice)| Some((name.as_str(), WireName::new(choice.rename.clone()?).ok()?)))
        .collect();
    if written.is_empty() {
        return;
    }
    // A scheme can be renamed by any of its names. Its own name takes precedence over aliases.
    let chosen: BTreeMap<WireName, WireName> = connector
        .schemes
        .iter()
        .filter_map(|scheme| {
            let other = names(scheme).find_map(|name| written.get(name.as_str()))?;
            Some((scheme.name.clone(), other.clone()))
        })
        .collect();
    let settle = |name: &mut WireName| {
        if let Some(other) = chosen.get(name) {
            *name = other.clone();
        }
    };
    connector.schemes.iter_mut().for_each(|scheme| settle(&mut scheme.name));
    connector.schemes.sort_by(|a, b| a.name.cmp(&b.name));
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for requirement in operations.flat_map(|operation| &mut operation.security) {
        requirement.needs.iter_mut().for_each(|need| settle(&mut need.scheme));
        requirement.needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
    }
}

/// Findings about schemes that read the same variable. The value of this variable would be sent for both schemes.
pub(super) fn shared(connector: &Connector) -> Vec<Diagnostic> {
    let mut first: BTreeMap<String, &Scheme> = BTreeMap::new();
    let mut found = Vec::new();
    for scheme in &connector.schemes {
        let mut shared = None;
        for (name, field) in
            names(scheme).flat_map(|name| scheme.kind.fields().iter().map(move |field| (name, *field)))
        {
            let variable = connector.long_variable(name, field);
            let holder = *first.entry(variable.clone()).or_insert(scheme);
            // Two names of the same login may have the same variable.
            if holder.name != scheme.name {
                shared = shared.or(Some((variable, holder)));
            }
        }
        let Some((variable, other)) = shared else { continue };
        found.push(
            Diagnostic::warning(
                Code::SharedVariable,
                scheme.place.clone(),
                format!("`{}` and `{}` read the same variable, {variable}", other.name, scheme.name),
            )
            .so("the value of this variable is sent for both schemes")
            .help(format!(
                "if they are two credentials, rename one of the schemes in connector.toml: `rename = \"…\"` under [auth.schemes.{:?}]",
                scheme.name.as_str()
            )),
        );
    }
    found
}

/// Returns all names of a scheme: its own name, then its aliases.
fn names(scheme: &Scheme) -> impl Iterator<Item = &WireName> {
    [&scheme.name].into_iter().chain(&scheme.aliases)
}
