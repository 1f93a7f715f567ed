//! The authorization server of a scheme: as the flows of the document have it, as its own metadata have it, or both.

use std::sync::Arc;

use super::endpoint::{Endpoint, EndpointUnavailable};
use super::metadata::Metadata;
use crate::call::rows::{Flow, FlowKind, Scheme};

/// Where the tokens of a scheme come from.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) scheme: &'static Scheme,
    pub(crate) metadata: Option<Arc<Metadata>>,
}

type Address = Result<Option<Endpoint>, EndpointUnavailable>;

impl Scheme {
    /// The way to a token of that kind, where the document has it.
    pub(crate) fn flow(&self, kind: FlowKind) -> Option<&'static Flow> {
        self.flows.iter().find(|flow| flow.kind == kind)
    }

    /// What names the server that gives tokens in that way: what is granted elsewhere is never sent there.
    pub(crate) fn names_server(&self, kind: FlowKind) -> Option<&'static str> {
        self.flow(kind).and_then(|flow| flow.token).or(self.metadata)
    }

    /// Whether a person may consent to something.
    pub(crate) fn has_login(&self) -> bool {
        let by_person = |flow: &Flow| matches!(flow.kind, FlowKind::AuthorizationCode | FlowKind::DeviceCode);
        // A server that describes itself may offer what the document leaves out.
        let may_offer = self.metadata.is_some() && self.flow(FlowKind::ClientCredentials).is_none();
        may_offer || self.flows.iter().any(by_person)
    }
}

impl Server {
    /// Where tokens are given out.
    pub(crate) fn token(&self, kind: FlowKind) -> Address {
        self.address(self.scheme.flow(kind).and_then(|flow| flow.token), "token_endpoint")
    }

    /// Where they are refreshed.
    pub(crate) fn refresh(&self, kind: FlowKind) -> Address {
        match self.scheme.flow(kind).and_then(|flow| flow.refresh) {
            Some(address) => self.address(Some(address), "token_endpoint"),
            None => self.token(kind),
        }
    }

    /// Where a person consents.
    pub(crate) fn authorization(&self) -> Address {
        let flow = self.scheme.flow(FlowKind::AuthorizationCode);
        self.address(flow.and_then(|flow| flow.authorization), "authorization_endpoint")
    }

    /// Where a device asks for its codes.
    pub(crate) fn device(&self) -> Address {
        let flow = self.scheme.flow(FlowKind::DeviceCode);
        self.address(flow.and_then(|flow| flow.device), "device_authorization_endpoint")
    }

    /// Where tokens are given back.
    pub(crate) fn revocation(&self) -> Address {
        self.address(None, "revocation_endpoint")
    }

    /// Where clients make themselves known.
    pub(crate) fn registration(&self) -> Address {
        self.address(None, "registration_endpoint")
    }

    /// By what name the server goes, where it has told.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.metadata.as_ref().map(|metadata| metadata.issuer.as_str())
    }

    /// The address of the document, else that of the server's metadata.
    fn address(&self, written: Option<&str>, name: &'static str) -> Address {
        match (written, &self.metadata) {
            (Some(address), _) => Endpoint::parse(address)
                .map(Some)
                .map_err(|why| EndpointUnavailable::OfDocument { name, scheme: self.scheme.name, why }),
            (None, Some(metadata)) => metadata.endpoint(name),
            (None, None) => Ok(None),
        }
    }
}
