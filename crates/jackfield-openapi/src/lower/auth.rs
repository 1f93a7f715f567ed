//! Schemes and requirements.

use jackfield_model::{Code, Diagnostic, Location, Need, Requirement, Scheme, SchemeKind};
use openapiv3::{APIKeyLocation, SecurityScheme};
use serde_json::Value;

use super::param::is_token;
use super::wire;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// The declared schemes, sorted by name.
pub(crate) fn schemes(root: &Node<'_>, dialect: Dialect, diagnostics: &mut Vec<Diagnostic>) -> Vec<Scheme> {
    let declared = match dialect {
        Dialect::Swagger2 => root.get("securityDefinitions"),
        _ => root.get("components").and_then(|components| components.get("securitySchemes")),
    };
    let mut schemes = Vec::new();
    for (name, node) in declared.iter().flat_map(Node::entries) {
        if name.starts_with("x-") {
            continue;
        }
        match scheme(&node, dialect) {
            Ok(kind) => {
                diagnostics.extend(unsupported(&node, &kind));
                schemes.push(Scheme { name: wire(name), kind });
            }
            Err(problem) => diagnostics.push(
                Diagnostic::warning(Code::MalformedSecurity, node.place(), problem)
                    .so("the scheme counts as not declared")
                    .help("write it as OpenAPI's Security Scheme Object"),
            ),
        }
    }
    schemes.sort_by(|a, b| a.name.cmp(&b.name));
    schemes
}

/// A finding for what cannot be answered yet. Calls that need it are refused before anything is sent.
fn unsupported(node: &Node<'_>, kind: &SchemeKind) -> Option<Diagnostic> {
    let what = match kind {
        SchemeKind::MutualTls => "client certificates are".to_owned(),
        SchemeKind::Digest => "HTTP digest is".to_owned(),
        SchemeKind::Http(other) => format!("the HTTP scheme `{other}` is"),
        _ => return None,
    };
    Some(
        Diagnostic::warning(Code::UnsupportedScheme, node.place(), format!("{what} not supported yet"))
            .so("calls that can be authenticated in no other way are refused, and nothing is sent")
            .help("declare another scheme where the service takes one"),
    )
}

fn scheme(node: &Node<'_>, dialect: Dialect) -> Result<SchemeKind, String> {
    let node = node.resolve().map_err(|dangling| dangling.problem)?;
    let Some(kind) = node.text("type") else {
        return Err("a security scheme has a `type`, and this has none".to_owned());
    };
    match kind {
        "mutualTLS" => return Ok(SchemeKind::MutualTls),
        // What is asked of these two at run time is a token; their flows concern whoever obtains it.
        "oauth2" => return Ok(SchemeKind::OAuth2),
        "openIdConnect" => return Ok(SchemeKind::OpenIdConnect),
        _ => {}
    }
    let written = match (dialect, node.as_object()) {
        (Dialect::Swagger2, Some(map)) => swagger2::scheme(map),
        _ => node.value().clone(),
    };
    let scheme: SecurityScheme =
        serde_json::from_value(written).map_err(|error| format!("this is no security scheme: {error}"))?;
    Ok(match scheme {
        SecurityScheme::APIKey {
            location: APIKeyLocation::Header | APIKeyLocation::Cookie, name, ..
        } if !is_token(&name) => {
            return Err(format!("{name:?} is no name that can be sent there"));
        }
        SecurityScheme::APIKey { location, name, .. } => SchemeKind::ApiKey {
            location: match location {
                APIKeyLocation::Query => Location::Query,
                APIKeyLocation::Header => Location::Header,
                APIKeyLocation::Cookie => Location::Cookie,
            },
            wire: wire(&name),
        },
        SecurityScheme::HTTP { scheme, .. } => match scheme.to_ascii_lowercase().as_str() {
            "bearer" => SchemeKind::Bearer,
            "basic" => SchemeKind::Basic,
            "digest" => SchemeKind::Digest,
            other => SchemeKind::Http(other.to_owned()),
        },
        SecurityScheme::OAuth2 { .. } => SchemeKind::OAuth2,
        SecurityScheme::OpenIDConnect { .. } => SchemeKind::OpenIdConnect,
    })
}

/// The alternatives that authenticate an operation: its own, else the document's.
pub(crate) fn requirements(
    root: &Node<'_>,
    operation: &Node<'_>,
    schemes: &[Scheme],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Requirement> {
    let Some(list) = operation.get("security").or_else(|| root.get("security")) else { return Vec::new() };
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
        return requirement(&list, schemes, diagnostics).into_iter().collect();
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
    for (name, scopes) in map {
        if !schemes.iter().any(|scheme| scheme.name.as_str() == name) {
            diagnostics.push(
                Diagnostic::warning(
                    Code::UndefinedScheme,
                    node.place().child(name),
                    format!("no security scheme is called `{name}`"),
                )
                .so("nothing is sent for it; where nothing else is needed, requests go out without a credential")
                .help("declare it under components/securitySchemes"),
            );
            continue;
        }
        let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let mut scopes: Vec<String> = scopes.collect();
        scopes.sort();
        scopes.dedup();
        needs.push(Need { scheme: wire(name), scopes });
    }
    needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
    // An empty alternative says that nothing is needed, which is not what the document said here.
    (map.is_empty() || !needs.is_empty()).then_some(Requirement { needs })
}
