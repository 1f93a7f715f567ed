//! Runs async code in a command.

use crate::failure::Failure;

/// Runs a future to completion.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.map_err(|error| Failure(format!("no threads can be started: {error}")))?.block_on(future))
}
