//! Authentication of the callers of a server: access tokens of an authorization server, and named tokens.
//!
//! Every token is hostile until its signature and its claims, or its digest in the store, have been checked.

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
