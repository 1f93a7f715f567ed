//! What operations need.

use jackfield_model::{Code, Diagnostic, Location, Need, Requirement, Scheme, SchemeKind};
use serde_json::Value;

use super::{distinct, key, scopes};
use crate::document::Node;
use crate::lower::{Context, wire};

/// The alternatives that authenticate an operation: its own, else the document's, else those that the user chose.
pub(crate) fn requirements(operation: &Node<'_>, context: &mut Context<'_>) -> Vec<Requirement> {
    let Context { document, schemes, required, inherited, diagnostics, .. } = context;
    if let Some(own) = operation.get("security") {
        return alternatives(&own, schemes, diagnostics);
    }
    // Read once, so that what is wrong with it is told once.
    let inherited = inherited.get_or_insert_with(|| match document.root().get("security") {
        Some(list) => alternatives(&list, schemes, diagnostics),
        None => required.clone(),
    });
    inherited.clone()
}

fn alternatives(list: &Node<'_>, schemes: &[Scheme], diagnostics: &mut Vec<Diagnostic>) -> Vec<Requirement> {
    if list.value().as_array().is_none() {
        diagnostics.push(
            Diagnostic::warning(
                Code::MalformedSecurity,
                list.place(),
                format!("`security` is a list of alternatives, and this is {}", list.kind()),
            )
            .so("it counts as one alternative, as it stands")
            .help("put a `-` in front of it"),
        );
        return requirement(list, schemes, diagnostics).into_iter().collect();
    }
    let mut found: Vec<Requirement> = Vec::new();
    for node in list.items() {
        if let Some(requirement) = requirement(&node, schemes, diagnostics)
            && !found.contains(&requirement)
        {
            found.push(requirement);
        }
    }
    found
}

/// One alternative. What nothing declares cannot be sent, so it falls away; what is declared is needed all the same.
fn requirement(
    node: &Node<'_>,
    schemes: &[Scheme],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Requirement> {
    if let Some(name) =
        node.value().as_str().filter(|name| schemes.iter().any(|scheme| scheme.name.as_str() == *name))
    {
        // `- token` where `- token: []` was meant.
        return Some(Requirement { needs: vec![Need { scheme: wire(name), scopes: Vec::new() }] });
    }
    let Some(map) = node.as_object() else {
        diagnostics.push(
            Diagnostic::warning(
                Code::MalformedSecurity,
                node.place(),
                format!(
                    "a security requirement is a mapping of schemes to scopes, and this is {}",
                    node.kind()
                ),
            )
            .so("this alternative is left out; where none is left, requests go out without a credential")
            .help("write it as in `- apiKey: []`"),
        );
        return None;
    };
    let mut needs = Vec::new();
    for (name, asked) in map {
        let Some(scheme) = schemes.iter().find(|scheme| scheme.name.as_str() == name) else {
            diagnostics.push(
                Diagnostic::warning(
                    Code::UndefinedScheme,
                    node.place().child(name),
                    format!("no security scheme is called `{name}`"),
                )
                .so("nothing is sent for it; where nothing else is needed, requests go out without a credential")
                .help(format!(
                    "declare it under components/securitySchemes, or with a `type` under [auth.schemes.{}] in connector.toml",
                    key(name)
                )),
            );
            continue;
        };
        let written = asked.as_array().into_iter().flatten().filter_map(Value::as_str);
        let scopes = match scheme.kind {
            SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => scopes(written),
            // Roles, which only people read: they may be several words.
            _ => distinct(written.map(str::to_owned)),
        };
        needs.push(Need { scheme: wire(name), scopes });
    }
    needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
    diagnostics.extend(conflict(node, &needs, schemes));
    // An empty alternative says that nothing is needed, which is not what the document said here.
    (map.is_empty() || !needs.is_empty()).then_some(Requirement { needs })
}

/// A finding where schemes that are needed together want the same place. The runtime refuses such an alternative: it
/// would send one credential, and which one would be chance.
fn conflict(node: &Node<'_>, needs: &[Need], schemes: &[Scheme]) -> Option<Diagnostic> {
    let filled: Vec<(&str, (Location, String))> = needs
        .iter()
        .filter_map(|need| schemes.iter().find(|scheme| scheme.name == need.scheme))
        .filter_map(|scheme| Some((scheme.name.as_str(), scheme.kind.fills()?)))
        .collect();
    let (one, other, (location, wire)) = filled.iter().enumerate().find_map(|(at, (name, place))| {
        let (earlier, _) = filled[..at].iter().find(|(_, taken)| taken == place)?;
        Some((earlier, name, place))
    })?;
    let place = match location {
        Location::Header => format!("header `{wire}`"),
        Location::Query => format!("query parameter `{wire}`"),
        Location::Cookie => format!("cookie `{wire}`"),
        Location::Path => format!("path variable `{wire}`"),
    };
    Some(
        Diagnostic::warning(
            Code::ConflictingSchemes,
            node.place(),
            format!("`{one}` and `{other}` are needed together, and both want the {place}"),
        )
        .so("no call is authenticated this way; where there is no other, calls are refused and nothing is sent")
        .help("where either is enough, write two alternatives, each behind a `-` of its own; an overlay can do it"),
    )
}
