//! Findings about security schemes, after the user's choices. Schemes that no operation requires are not reported.

use std::collections::BTreeSet;

use jackfield_model::text::{toml_key, toml_text};
use jackfield_model::{Code, Connector, Diagnostic, FlowKind, Scheme, SchemeKind, WireName};

use super::flow::{Lost, needed};
use super::prefix;
use crate::document::Node;

/// Reports the problems of required schemes.
pub(crate) fn check(
    connector: &Connector,
    lost: Vec<Lost>,
    logins: Vec<(WireName, Diagnostic)>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let used: BTreeSet<&WireName> = connector.needs().map(|need| &need.scheme).collect();
    diagnostics.extend(logins.into_iter().filter_map(|(name, it)| used.contains(&name).then_some(it)));
    let schemes = || connector.schemes.iter().filter(|scheme| used.contains(&scheme.name));
    for scheme in schemes() {
        diagnostics.extend(unsupported(scheme));
        diagnostics.extend(given_up(scheme));
        diagnostics.extend(prefix::missing(scheme));
        for flow in &scheme.flows {
            let missing = needed(flow.kind).iter().find(|part| part.of(flow).is_none());
            let told = || lost.iter().any(|lost| scheme.is_called(lost.scheme.as_str()) && lost.of.is_some());
            let Some(part) = missing.filter(|_| scheme.metadata.is_none() && !told()) else { continue };
            diagnostics.push(
                Diagnostic::warning(
                    Code::MalformedSecurity,
                    scheme.place.clone(),
                    format!("a flow of `{}` has no `{}`", scheme.name, part.as_str()),
                )
                .so("the connector cannot get a token with this flow; users can set a token that they got elsewhere")
                .help(format!(
                    "set the endpoint with `{}` under [auth.schemes.{}] in connector.toml",
                    part.key(),
                    toml_key(scheme.name.as_str())
                ))
                .help_many("set each endpoint under [auth.schemes.NAME] in connector.toml"),
            );
        }
    }
    diagnostics.extend(lost.into_iter().filter_map(|lost| {
        let scheme = schemes().find(|scheme| scheme.is_called(lost.scheme.as_str()))?;
        let is_known = match lost.of {
            None => scheme.metadata.is_some(),
            // Unsupported flows need no endpoints.
            Some((kind, _)) if kind.is_unsafe() => true,
            Some((kind, part)) => {
                let flow = scheme.flows.iter().find(|flow| flow.kind == kind);
                flow.is_none_or(|flow| part.of(flow).is_some())
            }
        };
        (!is_known).then_some(lost.finding)
    }));
}

/// Returns the note about declared schemes that no operation requires.
pub(crate) fn unused(root: &Node<'_>, connector: &Connector) -> Option<Diagnostic> {
    let first = connector.schemes.first()?;
    let says = |node: &Node<'_>| node.value().get("security").is_some();
    let paths = root.get("paths");
    let mut operations = paths
        .iter()
        .flat_map(Node::entries)
        .flat_map(|(_, item)| item.entries().map(|(_, it)| it).collect::<Vec<_>>());
    if connector.needs().next().is_some() || says(root) || operations.any(|operation| says(&operation)) {
        return None;
    }
    Some(
        Diagnostic::note(
            Code::UnusedSchemes,
            first.place.clone(),
            "the document declares security schemes, but no operation requires them",
        )
        .so("requests are sent without a credential")
        .help(format!(
            "if the service requires a credential, name its scheme in connector.toml:\n\n[auth]\nrequire = [{}]\n",
            toml_text(first.name.as_str())
        )),
    )
}

/// Returns the finding about a scheme that needs a signer. Calls that require it are refused before anything is sent.
fn unsupported(scheme: &Scheme) -> Option<Diagnostic> {
    let SchemeKind::Http(http) = &scheme.kind else { return None };
    let (what, help) = match http.as_str().to_ascii_lowercase().as_str() {
        "oauth" => (
            "signs requests as OAuth 1.0a does".to_owned(),
            "write a signer and pass it to the connector in src/main.rs, or declare another scheme if the service accepts one".to_owned(),
        ),
        "aws4-hmac-sha256" => (
            "signs requests as AWS does (SigV4)".to_owned(),
            "write a signer and pass it to the connector in src/main.rs, or declare another scheme if the service accepts one".to_owned(),
        ),
        _ => (
            format!("is the HTTP scheme `{http}`"),
            format!(
                "if the credential is a token after a prefix, declare it in connector.toml: `type = \"bearer\"` and `prefix = {}` under [auth.schemes.{}]; if the scheme signs requests, write a signer",
                toml_text(&format!("{http} ")),
                toml_key(scheme.name.as_str())
            ),
        ),
    };
    Some(
        Diagnostic::warning(
            Code::UnsupportedScheme,
            scheme.place.clone(),
            format!("`{}` {what}, which needs more than a credential", scheme.name),
        )
        .so("operations that have no other way to authenticate cannot be called: their calls are refused before anything is sent")
        .help(help),
    )
}

/// Returns the finding about flows that OAuth 2.1 removed. It is a note if the scheme has another flow.
fn given_up(scheme: &Scheme) -> Option<Diagnostic> {
    let unsafe_kind = scheme.flows.iter().map(|flow| flow.kind).find(|kind| kind.is_unsafe())?;
    let has_other = scheme.metadata.is_some() || scheme.flows.iter().any(|flow| !flow.kind.is_unsafe());
    let (what, instead) = match unsafe_kind {
        FlowKind::Password => (
            "the password flow, which gives a person's password to the connector",
            "if the service has the authorization code or the device flow, set the URLs of that flow",
        ),
        _ => (
            "the implicit flow, which gives tokens to browsers",
            "most services with this flow have the authorization code flow too: set its `token_url`, and its `authorization_url` if that differs from the URL of the implicit flow,",
        ),
    };
    let problem = format!("`{}` declares {what}", scheme.name);
    let place = scheme.place.clone();
    Some(if has_other {
        Diagnostic::note(Code::UnsafeFlow, place, problem)
            .so("the flow is ignored: another flow of the scheme is used")
            .help("no action is needed")
    } else {
        Diagnostic::warning(Code::UnsafeFlow, place, problem)
            .so("the flow is ignored, so the connector cannot get a token; users can set a token that they got elsewhere")
            .help(format!(
                "{instead} under [auth.schemes.{}] in connector.toml",
                toml_key(scheme.name.as_str())
            ))
            .help_many("under [auth.schemes.NAME] in connector.toml, set the keys that --all shows for each scheme")
    })
}
