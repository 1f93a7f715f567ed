//! Binds the tokens of a login to the endpoints that may receive a refresh token or a client secret, and to the origins that may receive
//! the access token.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jackfield_recipe::origin_of;
use serde_json::{Map, Value};

use super::endpoint::Endpoint;
use super::server::Server;
use crate::call::rows::{FlowKind, Scheme};

/// The metadata members with the URLs of endpoints that receive secrets.
const DISCOVERED: [&str; 5] = [
    "token_endpoint",
    "device_authorization_endpoint",
    "revocation_endpoint",
    "registration_endpoint",
    "introspection_endpoint",
];

/// The endpoints and origins that a grant is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The URLs of the endpoints that the document or connector.toml declares, by name.
    declared: BTreeMap<String, String>,
    /// The origins that the endpoints in the server's metadata had when the tokens were granted.
    discovered: BTreeMap<String, String>,
    /// The origins of the API, to which the tokens may be sent. Some may be patterns.
    pub(crate) origins: BTreeSet<String>,
}

impl Binding {
    /// Creates the binding of a new grant.
    pub(crate) fn of(server: &Server, kind: FlowKind, origins: BTreeSet<String>) -> Self {
        let owned = |(name, address): (&str, &str)| (name.to_owned(), address.to_owned());
        let discovered = |name: &&str| {
            let endpoint = server.metadata.as_ref()?.endpoint(name).ok()??;
            Some(((*name).to_owned(), origin_of(&endpoint.to_string())?))
        };
        Self {
            declared: server.scheme().declared(kind).into_iter().map(owned).collect(),
            discovered: DISCOVERED.iter().filter_map(discovered).collect(),
            origins,
        }
    }

    /// Describes the first endpoint whose declared URL has changed since the grant. Returns `None` if no URL has
    /// changed.
    pub(crate) fn change(&self, scheme: &Scheme<'_>, kind: FlowKind) -> Option<String> {
        let now = scheme.declared(kind);
        let names = self.declared.keys().map(String::as_str).chain(now.keys().copied());
        let names: BTreeSet<&str> = names.collect();
        names.into_iter().find_map(|name| {
            match (self.declared.get(name).map(String::as_str), now.get(name).copied()) {
                (Some(then), Some(now)) if then == now => None,
                (Some(then), Some(now)) => Some(format!("the {name} endpoint changed from {then} to {now}")),
                (None, Some(now)) => Some(format!("the {name} endpoint {now} was added")),
                (Some(then), None) => Some(format!("the {name} endpoint {then} was removed")),
                (None, None) => None,
            }
        })
    }

    /// Checks the origin of an endpoint in the current metadata. It has to be the origin that the endpoint had when the tokens were
    /// granted, or the origin of the token endpoint.
    ///
    /// # Errors
    /// Returns an error if the endpoint has another origin.
    pub(crate) fn check_discovered(
        &self,
        name: &str,
        at: &Endpoint,
        token_endpoint: &str,
    ) -> Result<(), EndpointChanged> {
        let then = self.discovered.get(name).cloned().or_else(|| origin_of(token_endpoint));
        let now = origin_of(&at.to_string());
        if now.is_some() && then == now {
            return Ok(());
        }
        Err(EndpointChanged { name: name.to_owned(), then: then.unwrap_or_default(), now: at.to_string() })
    }

    pub(crate) fn to_fields(&self) -> [(&'static str, Value); 3] {
        let map = |map: &BTreeMap<String, String>| {
            map.iter().map(|(name, text)| (name.clone(), Value::String(text.clone()))).collect()
        };
        let origins = self.origins.iter().map(|origin| Value::String(origin.clone()));
        [
            ("declared", Value::Object(map(&self.declared))),
            ("discovered", Value::Object(map(&self.discovered))),
            ("origins", Value::Array(origins.collect())),
        ]
    }

    /// Reads a binding from the fields of a record. Returns `None` if an earlier version wrote the record.
    pub(crate) fn of_fields(fields: &Map<String, Value>) -> Option<Self> {
        let map = |name: &str| {
            let map = fields.get(name)?.as_object()?;
            let pair = |(name, text): (&String, &Value)| Some((name.clone(), text.as_str()?.to_owned()));
            map.iter().map(pair).collect::<Option<BTreeMap<_, _>>>()
        };
        let origins = fields.get("origins")?.as_array()?.iter();
        Some(Self {
            declared: map("declared")?,
            discovered: map("discovered")?,
            origins: origins.map(|origin| origin.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        })
    }
}

impl<'a> Scheme<'a> {
    /// Returns the endpoints that the document or connector.toml declares for the flow `kind` and that receive a secret in this flow.
    pub(crate) fn declared(&self, kind: FlowKind) -> BTreeMap<&'static str, &'a str> {
        let flow = self.flow(kind);
        let token = flow.and_then(|flow| flow.token);
        // If no refresh URL is declared, tokens are refreshed at the token endpoint.
        let refresh = flow.and_then(|flow| flow.refresh).or(token);
        let named = [
            ("token", token),
            ("refresh", refresh),
            ("device", flow.and_then(|flow| flow.device)),
            ("metadata", self.metadata),
        ];
        named.into_iter().filter_map(|(name, address)| Some((name, address?))).collect()
    }
}

/// A metadata endpoint whose origin has changed since the grant was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndpointChanged {
    name: String,
    /// The origin when the tokens were granted.
    then: String,
    /// The current URL.
    now: String,
}

impl fmt::Display for EndpointChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, then, now } = self;
        write!(f, "the {} changed from {then} to {now}", name.replace('_', " "))
    }
}

impl std::error::Error for EndpointChanged {}
