//! A call that is not made: the request as it would be sent.

use serde_json::{Map, Value};

use super::{Api, CallError, Composed};
use crate::auth::{fill_placeholders, permitted};
use crate::call::outgoing::Outgoing;
use crate::call::rows::Tool;
use crate::transport::destinations::Names;

/// The result of a dry run.
pub(crate) struct Rehearsed {
    /// The request, with placeholders for its credentials.
    pub(crate) outgoing: Outgoing,
    /// Parts of the call that the request does not show.
    pub(crate) notes: Vec<String>,
}

impl Api {
    /// The request of a call as it would be sent, with placeholders for credentials: no credential is looked up, no
    /// command is run, no name is resolved, and nobody is asked.
    ///
    /// # Errors
    /// Those of [`call`](Self::call) that are known before credentials are.
    pub(crate) async fn rehearse(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
    ) -> Result<Rehearsed, CallError> {
        let (scope, deadline) = (self.0.admission.scope(), self.0.client.deadline());
        let _stop = scope.stop_at_end();
        let Composed { mut outgoing, base, healed } =
            self.compose_within(tool, arguments, Names::Public, deadline, &scope).await?;
        let mut notes: Vec<String> = healed.into_iter().collect();
        match permitted(self.0.connector, &base, &self.0.environment) {
            Ok(()) => {
                let source = &*self.0.credentials;
                notes.extend(fill_placeholders(self.0.connector, tool, source, &self.1, &mut outgoing));
            }
            Err(why) if tool.is_open() => {
                notes.extend((!tool.security.is_empty()).then(|| why.to_string()));
            }
            Err(why) => return Err(CallError::Withheld(why)),
        }
        Ok(Rehearsed { outgoing, notes })
    }
}
