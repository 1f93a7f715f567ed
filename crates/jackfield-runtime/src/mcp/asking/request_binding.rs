//! Binds an encrypted state to the request for which it was created.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::common::caller::Caller;

/// The properties that a repeated request must have in common with the first request: principal, method, parameters and capabilities.
#[derive(Clone, Debug)]
pub(in crate::mcp) struct RequestBinding {
    caller: Caller,
    method: &'static str,
    name: String,
    arguments: Map<String, Value>,
}

impl RequestBinding {
    pub(in crate::mcp) fn new(
        caller: Caller,
        method: &'static str,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Self {
        Self { caller, method, name: name.to_owned(), arguments: arguments.clone() }
    }

    /// Returns a copy of the binding with another method.
    #[cfg(test)]
    pub(super) fn with_method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// Returns the key of the principal that sent the request.
    pub(super) fn principal(&self) -> String {
        self.caller.principal().to_string()
    }

    /// Returns the digest of these properties, which is authenticated together with the content of the state.
    pub(super) fn digest(&self) -> [u8; 32] {
        let capabilities = self.caller.capabilities();
        let mut text = json!([
            self.principal(),
            self.method,
            self.name,
            self.arguments,
            [
                capabilities.elicitation,
                capabilities.sampling,
                capabilities.roots,
                capabilities.addresses,
                capabilities.sampling_tools,
            ],
        ]);
        text.sort_all_objects();
        Sha256::digest(text.to_string()).into()
    }
}
