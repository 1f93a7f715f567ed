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
                .so("no token can be got this way; one that was got elsewhere can be set")
                .help(format!(
                    "name it with `{}` under [auth.schemes.{}] in connector.toml",
                    part.key(),
                    toml_key(scheme.name.as_str())
                ))
                .help_many("name each under [auth.schemes.NAME] in connector.toml"),
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

/// The note about schemes that are declared and that no operation mentions.
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
            "the document declares security schemes, and no operation requires them",
        )
        .so("requests go out without a credential")
        .help(format!(
            "if the service wants one, say which in connector.toml:\n\n[auth]\nrequire = [{}]\n",
            toml_text(first.name.as_str())
        )),
    )
}

/// The finding about a scheme that needs a signer. Calls that require it are refused before anything is sent.
fn unsupported(scheme: &Scheme) -> Option<Diagnostic> {
    let SchemeKind::Http(http) = &scheme.kind else { return None };
    let (what, help) = match http.as_str().to_ascii_lowercase().as_str() {
        "oauth" => (
            "signs requests as OAuth 1.0a does".to_owned(),
            "write a signer, and hand it to the connector in src/main.rs; or declare another scheme where the service takes one".to_owned(),
        ),
        "aws4-hmac-sha256" => (
            "signs requests as AWS does (SigV4)".to_owned(),
            "write a signer, and hand it to the connector in src/main.rs; or declare another scheme where the service takes one".to_owned(),
        ),
        _ => (
            format!("is the HTTP scheme `{http}`"),
            format!(
                "where it is a token behind a word, say so in connector.toml: `type = \"bearer\"` and `prefix = {}` under [auth.schemes.{}]; where it signs requests, write a signer",
                toml_text(&format!("{http} ")),
                toml_key(scheme.name.as_str())
            ),
        ),
    };
    Some(
        Diagnostic::warning(
            Code::UnsupportedScheme,
            scheme.place.clone(),
            format!("`{}` {what}, and that takes more than a credential", scheme.name),
        )
        .so("calls that can be authenticated in no other way are refused, and nothing is sent")
        .help(help),
    )
}

/// The finding about flows that OAuth 2.1 removed: a note if the scheme has another flow.
fn given_up(scheme: &Scheme) -> Option<Diagnostic> {
    let unsafe_kind = scheme.flows.iter().map(|flow| flow.kind).find(|kind| kind.is_unsafe())?;
    let has_other = scheme.metadata.is_some() || scheme.flows.iter().any(|flow| !flow.kind.is_unsafe());
    let (what, instead) = match unsafe_kind {
        FlowKind::Password => (
            "the password flow, which hands a person's password to the connector",
            "where the service has the authorization code or the device flow, name its addresses",
        ),
        _ => (
            "the implicit flow, which hands tokens to browsers",
            "most services with this flow have the authorization code flow too: name its `token_url`, and `authorization_url` where it is another,",
        ),
    };
    let problem = format!("`{}` declares {what}", scheme.name);
    let place = scheme.place.clone();
    Some(if has_other {
        Diagnostic::note(Code::UnsafeFlow, place, problem)
            .so("it is not taken: another flow of the scheme is")
            .help("nothing has to be done")
    } else {
        Diagnostic::warning(Code::UnsafeFlow, place, problem)
            .so("it is not taken: no token can be got by the connector; one that was got elsewhere can be set")
            .help(format!("{instead} under [auth.schemes.{}] in connector.toml", toml_key(scheme.name.as_str())))
            .help_many("choose for each what --all says of it, under [auth.schemes.NAME] in connector.toml")
    })
}
