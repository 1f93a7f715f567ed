//! The OAuth flows that a document declares.

use jackfield_model::text::toml_key;
use jackfield_model::{Code, Diagnostic, Flow, FlowKind, WireName};
use serde_json::Value;

use super::address;
use super::scope::scopes;
use crate::document::Node;

/// An invalid URL in a security scheme of the document. It is reported if an operation requires the scheme
/// and connector.toml does not replace the URL.
pub(crate) struct Lost {
    pub(super) scheme: WireName,
    /// The flow and the endpoint with the URL, or `None` for the metadata URL of the scheme.
    pub(super) of: Option<(FlowKind, Part)>,
    pub(super) finding: Diagnostic,
}

/// The endpoints of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Authorization,
    Device,
    Token,
    Refresh,
}

impl Part {
    pub(super) const ALL: [Self; 4] = [Self::Authorization, Self::Device, Self::Token, Self::Refresh];

    /// Returns the key in documents.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorizationUrl",
            Self::Device => "deviceAuthorizationUrl",
            Self::Token => "tokenUrl",
            Self::Refresh => "refreshUrl",
        }
    }

    /// Returns the key in connector.toml.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_url",
            Self::Device => "device_url",
            Self::Token => "token_url",
            Self::Refresh => "refresh_url",
        }
    }

    pub(super) const fn of(self, flow: &Flow) -> Option<&String> {
        match self {
            Self::Authorization => flow.authorization.as_ref(),
            Self::Device => flow.device.as_ref(),
            Self::Token => flow.token.as_ref(),
            Self::Refresh => flow.refresh.as_ref(),
        }
    }

    fn place(self, flow: &mut Flow) -> &mut Option<String> {
        match self {
            Self::Authorization => &mut flow.authorization,
            Self::Device => &mut flow.device,
            Self::Token => &mut flow.token,
            Self::Refresh => &mut flow.refresh,
        }
    }
}

/// Returns the endpoints that a flow requires.
pub(super) const fn needed(kind: FlowKind) -> &'static [Part] {
    match kind {
        FlowKind::AuthorizationCode => &[Part::Authorization, Part::Token],
        FlowKind::ClientCredentials => &[Part::Token],
        FlowKind::DeviceCode => &[Part::Device, Part::Token],
        FlowKind::Implicit | FlowKind::Password => &[],
    }
}

/// Parses the flows of one scheme, and collects findings.
pub(super) struct Reader<'r> {
    pub(super) scheme: &'r WireName,
    /// The URL against which relative URLs are resolved.
    pub(super) base: Option<&'r str>,
    pub(super) lost: &'r mut Vec<Lost>,
}

impl Reader<'_> {
    /// Returns the flows of a scheme: `flows` from 3.0 on, and `flow` in 2.0.
    pub(super) fn flows(&mut self, scheme: &Node<'_>) -> Vec<Flow> {
        let mut found = Vec::new();
        match (scheme.get("flows"), scheme.get("flow")) {
            (Some(flows), _) => {
                for (name, node) in flows.entries().filter(|(name, _)| !name.starts_with("x-")) {
                    match kind(name) {
                        Some(kind) => found.push(self.flow(kind, &node)),
                        None => self.unknown(&node, name),
                    }
                }
            }
            (None, Some(one)) => match one.value().as_str().and_then(kind) {
                Some(kind) => found.push(self.flow(kind, scheme)),
                None => self.unknown(&one, one.value().as_str().unwrap_or_else(|| one.kind())),
            },
            (None, None) => {}
        }
        found.sort_by_key(|flow| flow.kind);
        found.dedup_by_key(|flow| flow.kind);
        found
    }

    fn flow(&mut self, kind: FlowKind, node: &Node<'_>) -> Flow {
        let mut flow = Flow::new(kind);
        for part in Part::ALL {
            *part.place(&mut flow) = self.address(node, part.as_str(), part.key(), Some((kind, part)));
        }
        if let Some(declared) = node.get("scopes") {
            let names = declared.entries().map(|(name, _)| name).filter(|name| !name.starts_with("x-"));
            let listed = declared.value().as_array().into_iter().flatten().filter_map(Value::as_str);
            flow.scopes = scopes(names.chain(listed));
        }
        flow
    }

    /// Returns the URL under a key, if it is valid.
    pub(super) fn address(
        &mut self,
        node: &Node<'_>,
        name: &str,
        choice: &str,
        of: Option<(FlowKind, Part)>,
    ) -> Option<String> {
        let node = node.get(name)?;
        let text = node.value().as_str().unwrap_or_default().trim();
        if text.is_empty() {
            return None;
        }
        match address::from_document(text, self.base) {
            Ok(whole) => return Some(whole),
            Err(problem) => {
                let problem = format!("the `{name}` of `{}` is `{text}`, {problem}", self.scheme);
                let servers = if address::is_relative(text) {
                    ", or set the URL of the service with `servers`"
                } else {
                    ""
                };
                let remedy = format!(
                    "set the absolute URL with `{choice}` under [auth.schemes.{}] in connector.toml{servers}",
                    toml_key(self.scheme.as_str())
                );
                self.lose(of, Diagnostic::warning(Code::MalformedSecurity, node.place(), problem), &remedy);
            }
        }
        None
    }

    fn unknown(&mut self, node: &Node<'_>, name: &str) {
        let problem = format!("`{name}` is not an OAuth 2.0 flow");
        let finding = Diagnostic::warning(Code::MalformedSecurity, node.place(), problem);
        let remedy =
            "the flows are authorizationCode, clientCredentials, deviceAuthorization, implicit and password";
        self.lose(None, finding, remedy);
    }

    fn lose(&mut self, of: Option<(FlowKind, Part)>, finding: Diagnostic, remedy: &str) {
        let finding = finding.so("it is left out").help(remedy);
        self.lost.push(Lost { scheme: self.scheme.clone(), of, finding });
    }
}

/// Returns the kind of flow, by its name in OpenAPI 3 or in Swagger 2.0, which converted documents often keep.
fn kind(name: &str) -> Option<FlowKind> {
    Some(match name {
        "authorizationCode" | "accessCode" => FlowKind::AuthorizationCode,
        "clientCredentials" | "application" => FlowKind::ClientCredentials,
        "deviceAuthorization" => FlowKind::DeviceCode,
        "implicit" => FlowKind::Implicit,
        "password" => FlowKind::Password,
        _ => return None,
    })
}
