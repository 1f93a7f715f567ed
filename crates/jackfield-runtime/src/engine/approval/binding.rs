//! The digest of everything that an approval is bound to.

use sha2::{Digest as _, Sha256};

use super::ask_mode::AskMode;
use super::record::BindingDigest;
use crate::call::rows::Tool;
use crate::engine::policy::approval::Review;
use crate::engine::prepared::Prepared;

/// The facts to which an approval is bound, besides the call itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BindingFacts<'a> {
    pub(crate) principal: &'a str,
    pub(crate) connector: &'a str,
    pub(crate) mode: AskMode,
    /// The version of the caller's rights, if rights are stored.
    pub(crate) rights: Option<u64>,
    /// The number of seconds after which an approval expires.
    pub(crate) lifetime: u64,
    /// The digest of the files from which the connector is served. `None` for a compiled connector.
    pub(crate) files: Option<[u8; 32]>,
}

/// A digest of fields. Each field is preceded by its length, so that different fields cannot have the same
/// digest.
pub(crate) struct FieldDigest(Sha256);

impl FieldDigest {
    pub(crate) fn of(purpose: &str) -> Self {
        Self(Sha256::new()).field(purpose)
    }

    pub(crate) fn field(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Returns the digest of a reviewed call: the caller, the tool with everything that is known about it, the request byte for byte without
/// credentials, and the rules that ask for the approval.
pub(crate) fn digest(facts: &BindingFacts<'_>, review: &Review<'_>) -> BindingDigest {
    let BindingFacts { principal, connector, mode, rights, lifetime, files } = facts;
    let rules = FieldDigest::of("rules")
        .field(mode.as_str())
        .field(review.ask.as_str())
        .field(rights.map(u64::to_le_bytes).map(Vec::from).unwrap_or_default())
        .field(lifetime.to_le_bytes());
    let rules = files.iter().fold(rules, FieldDigest::field);
    FieldDigest::of("jackfield approval 1")
        .field(principal)
        .field(connector)
        .field(format!("{:?}", review.target.kind))
        .field(review.target.name)
        .field(format!("{:?}", review.target.effect))
        .field(request(review))
        .field(tool(review.prepared))
        .field(rules.finish())
        .finish()
}

/// Returns the digest of the request. Hand-written code may send any request, so its arguments are used instead.
fn request(review: &Review<'_>) -> [u8; 32] {
    match review.prepared {
        Prepared::Http(prepared) => {
            let digest = prepared.outgoing.digest();
            let Some(save) = &prepared.save else { return digest };
            let digest = FieldDigest::of("save").field(digest);
            save.facts().into_iter().fold(digest, FieldDigest::field).finish()
        }
        Prepared::Mcp(prepared) => FieldDigest::of("mcp")
            .field(&prepared.server)
            .field(format!("{:?}", prepared.request.target()))
            .field(review.arguments)
            .finish(),
        Prepared::Custom(_) => FieldDigest::of("code").field(review.arguments).finish(),
    }
}

/// Returns the digest of the tool: its table entry except for the mapping to a request, which the request itself represents.
fn tool(prepared: &Prepared) -> [u8; 32] {
    match prepared {
        Prepared::Http(prepared) => row(prepared.tool.get()),
        Prepared::Mcp(prepared) => FieldDigest::of("mcp").field(&prepared.server).finish(),
        Prepared::Custom(prepared) => {
            let digest = FieldDigest::of("code");
            let Some(tool) = &prepared.tool else { return digest.finish() };
            let texts = [&tool.name, &tool.title, &tool.description, &tool.input];
            let digest = texts.into_iter().fold(digest, |digest, text| digest.field(text));
            digest.field(format!("{:?}", tool.effect)).finish()
        }
    }
}

fn row(tool: &Tool<'_>) -> [u8; 32] {
    let Tool { name, method, path, title, description, input, output, accept, server, security, .. } = tool;
    let texts = [name, method, path, title, description, input, output, accept];
    let digest = texts.into_iter().fold(FieldDigest::of("row"), |digest, text| digest.field(text));
    digest.field(format!("{:?} {:?} {server:?} {security:?}", tool.effect, tool.idempotent)).finish()
}

#[cfg(test)]
mod tests;
