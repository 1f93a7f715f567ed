//! The command of a connector's program, whose package was compared with its digest just now.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::config::ChildCommand;
use crate::package::ready::ready;
use crate::wire::link_fault::LinkFault;

/// How long a comparison counts. Several sessions that begin at once need only one.
const FRESH: Duration = Duration::from_secs(1);

/// The last command that was compared.
#[derive(Default)]
pub(super) struct ReadyCommand(Mutex<Option<(Instant, ChildCommand)>>);

impl ReadyCommand {
    /// Returns the command that starts a connector's program.
    ///
    /// # Errors
    /// Returns an error if the package was not fetched, or if its files have changed.
    pub(super) async fn get(&self, command: &ChildCommand) -> Result<ChildCommand, LinkFault> {
        if command.package.is_none() {
            return Ok(command.clone());
        }
        let mut known = self.0.lock().await;
        if let Some((when, ready)) = &*known
            && when.elapsed() < FRESH
        {
            return Ok(ready.clone());
        }
        let began = Instant::now();
        let command = command.clone();
        // All files of the package are read, which would delay the other tasks of this thread.
        let compared = tokio::task::spawn_blocking(move || ready(&command)).await;
        let compared = compared.map_err(|error| LinkFault::Unsent(error.to_string()))?;
        let ready = compared.map_err(|fault| LinkFault::Unsent(fault.to_string()))?;
        *known = Some((began, ready.clone()));
        Ok(ready)
    }
}
