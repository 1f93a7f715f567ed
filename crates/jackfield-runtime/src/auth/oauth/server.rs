//! The authorization server of a scheme, described by the flows in the document, by the server's metadata, or
//! by both.

use std::sync::Arc;

use super::endpoint::{Endpoint, EndpointUnavailable};
use super::metadata::Metadata;
use crate::call::held_rows::SchemeHandle;
use crate::call::rows::{Flow, FlowKind, Scheme};

/// The authorization server of a scheme.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) row: SchemeHandle,
    pub(crate) metadata: Option<Arc<Metadata>>,
}

type Address = Result<Option<Endpoint>, EndpointUnavailable>;

impl<'a> Scheme<'a> {
    /// Returns the flow `kind`, if the document declares it.
    pub(crate) fn flow(&self, kind: FlowKind) -> Option<&'a Flow<'a>> {
        self.flows.iter().find(|flow| flow.kind == kind)
    }

    /// Returns the URL that identifies the server of the flow `kind`. Tokens of one server are never sent to
    /// another.
    pub(crate) fn server_address(&self, kind: FlowKind) -> Option<&'a str> {
        self.flow(kind).and_then(|flow| flow.token).or(self.metadata)
    }

    /// Whether a person can log in.
    pub(crate) fn has_login(&self) -> bool {
        let by_person =
            |flow: &Flow<'_>| matches!(flow.kind, FlowKind::AuthorizationCode | FlowKind::DeviceCode);
        // A server with metadata may offer flows that the document omits.
        let may_offer = self.metadata.is_some() && self.flow(FlowKind::ClientCredentials).is_none();
        may_offer || self.flows.iter().any(by_person)
    }
}

impl Server {
    /// Returns the scheme whose tokens the server issues.
    pub(crate) fn scheme(&self) -> &Scheme<'_> {
        self.row.get()
    }

    /// Returns the token endpoint.
    pub(crate) fn token(&self, kind: FlowKind) -> Address {
        self.address(self.scheme().flow(kind).and_then(|flow| flow.token), "token_endpoint")
    }

    /// Returns the refresh endpoint.
    pub(crate) fn refresh(&self, kind: FlowKind) -> Address {
        match self.scheme().flow(kind).and_then(|flow| flow.refresh) {
            Some(address) => self.address(Some(address), "token_endpoint"),
            None => self.token(kind),
        }
    }

    /// Returns the authorization endpoint.
    pub(crate) fn authorization(&self) -> Address {
        let flow = self.scheme().flow(FlowKind::AuthorizationCode);
        self.address(flow.and_then(|flow| flow.authorization), "authorization_endpoint")
    }

    /// Returns the device authorization endpoint.
    pub(crate) fn device(&self) -> Address {
        let flow = self.scheme().flow(FlowKind::DeviceCode);
        self.address(flow.and_then(|flow| flow.device), "device_authorization_endpoint")
    }

    /// Returns the revocation endpoint.
    pub(crate) fn revocation(&self) -> Address {
        self.address(None, "revocation_endpoint")
    }

    /// Returns the registration endpoint.
    pub(crate) fn registration(&self) -> Address {
        self.address(None, "registration_endpoint")
    }

    /// Returns the issuer, if the server's metadata is known.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.metadata.as_ref().map(|metadata| metadata.issuer.as_str())
    }

    /// Returns the URL in the document, or else the URL in the server's metadata.
    fn address(&self, written: Option<&str>, name: &'static str) -> Address {
        match (written, &self.metadata) {
            (Some(address), _) => Endpoint::parse(address).map(Some).map_err(|why| {
                EndpointUnavailable::OfDocument { name, scheme: self.scheme().name.to_owned(), why }
            }),
            (None, Some(metadata)) => metadata.endpoint(name),
            (None, None) => Ok(None),
        }
    }
}
