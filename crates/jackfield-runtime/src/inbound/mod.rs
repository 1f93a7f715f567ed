//! Authenticates the callers of a server by access tokens of an authorization server, or by named tokens.
//!
//! A token is not trusted until its signature and claims, or its digest in the store, have been checked.

pub(crate) mod access_token;
mod algorithm;
mod challenge;
pub(crate) mod claims;
pub(crate) mod flood;
pub(crate) mod issuer_keys;
pub(crate) mod issuer_server;
mod jws;
mod key_set;
pub(crate) mod named_token;
pub(crate) mod refusal;
pub(crate) mod resource_server;
mod strict_json;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod token_digest;
mod verified;
