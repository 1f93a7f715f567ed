//! Dry runs, which show the request of a call and do not send it.

use serde_json::{Map, Value};

use super::Api;
use super::prepare::Composed;
use crate::auth::fill_placeholders;
use crate::call::held_rows::ToolHandle;
use crate::call::outgoing::Outgoing;
use crate::common::caller::{Caller, Channel};
use crate::engine::error::CallError;
use crate::transport::destinations::Names;

/// The result of a dry run.
pub(crate) struct Rehearsed {
    /// The request, with placeholders for its credentials.
    pub(crate) outgoing: Outgoing,
    /// Parts of the call that the request does not show.
    pub(crate) notes: Vec<String>,
}

impl Api {
    /// Returns the request of a call with placeholders for credentials. It does not look up credentials, run
    /// commands, resolve names or contact servers.
    ///
    /// # Errors
    /// Returns the errors of [`call`](Self::call) that occur before credentials are looked up.
    pub(crate) async fn rehearse(
        &self,
        tool: impl Into<ToolHandle>,
        arguments: Map<String, Value>,
    ) -> Result<Rehearsed, CallError> {
        let tool = tool.into();
        let (scope, deadline) = (self.executor.admission().scope(), self.executor.deadline());
        let (_stop, caller) = (scope.stop_at_end(), Caller::local(Channel::CommandLine));
        let Composed { mut outgoing, coerced, route, fields: _, save } =
            self.compose_within(&tool, arguments, Names::Public, deadline, &scope, &caller).await?;
        let mut notes: Vec<String> = coerced.into_iter().collect();
        notes.extend(save.map(|save| format!("The reply would be stored in {}.", save.path().display())));
        match &route.withheld {
            None => {
                let source = &*self.inner.credentials;
                let (connector, tool) = (self.connector(), tool.get());
                notes.extend(fill_placeholders(connector, tool, source, &self.signers, &mut outgoing));
            }
            Some(why) => notes.extend((!tool.get().security.is_empty()).then(|| why.to_string())),
        }
        Ok(Rehearsed { outgoing, notes })
    }
}
