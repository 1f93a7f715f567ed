//! Completions of arguments by hand-written code.

use std::future::Future;
use std::sync::Arc;

use super::api::Api;
use super::context::CallContext;
use super::error::CallError;
use super::pending::Pending;

/// A request for values that complete an argument.
#[derive(Debug)]
pub struct CompletionCall {
    /// The beginning of the value.
    pub value: String,
    /// The service, which can call every generated tool.
    pub api: Api,
    /// The caller.
    pub context: CallContext,
}

pub(crate) type Completer =
    Arc<dyn Fn(CompletionCall) -> Pending<'static, Result<Vec<String>, CallError>> + Send + Sync>;

/// Creates a completer from a function.
pub(crate) fn completer<F, R>(complete: F) -> Completer
where
    F: Fn(CompletionCall) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<String>, CallError>> + Send + 'static,
{
    Arc::new(move |call| Box::pin(complete(call)))
}
