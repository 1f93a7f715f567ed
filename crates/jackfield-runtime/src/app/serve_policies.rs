//! The policies of a server, from its options.

use std::sync::Arc;

use super::output::{Failure, tell};
use super::serve_options::ServeOptions;
use crate::call::rows::Connector;
use crate::common::environment::Environment;
use crate::engine::approval::ask_first::AskFirst;
use crate::engine::policy::Policies;

/// The policies that these options ask for. `called` is the command that starts the connector.
///
/// # Errors
/// An option contradicts another, or a policy cannot start.
pub(super) fn policies(
    options: &ServeOptions,
    connector: &Connector<'_>,
    environment: &Environment,
    called: &str,
) -> Result<Policies, Failure> {
    let mode = options.ask_mode();
    if let Some(note) = mode.note(connector) {
        tell(note);
    }
    let mut ask = AskFirst::new(mode, connector.name, called);
    if let Some(time) = options.approval_time {
        ask = ask.with_lifetime(time);
    }
    stored(ask, options, connector, environment)
}

/// Keeps approvals in the store. A client over stdio that can ask its user needs none.
#[cfg(feature = "serve")]
fn stored(
    ask: AskFirst,
    options: &ServeOptions,
    connector: &Connector<'_>,
    environment: &Environment,
) -> Result<Policies, Failure> {
    use jackfield_recipe::Ask;

    use crate::control::store::folder::folder_of;
    use crate::control::store::sqlite::SqliteStore;
    use crate::engine::approval::ask_mode::AskMode;

    let always = || connector.tools().any(|tool| tool.ask == Ask::Always);
    if !options.is_http() && matches!(options.ask_mode(), AskMode::Auto | AskMode::Never) && !always() {
        return Ok(Policies::none().approval(Arc::new(ask)));
    }
    let store = folder_of(connector.name, environment).and_then(|folder| SqliteStore::open(&folder));
    let store = store.map_err(|error| Failure::failed(error.to_string()))?;
    let ask = ask.with_store(store.clone());
    Ok(Policies::none().approval(Arc::new(ask)).tasks(store))
}

#[cfg(not(feature = "serve"))]
#[allow(clippy::unnecessary_wraps, reason = "the store of the other build can fail")]
fn stored(ask: AskFirst, _: &ServeOptions, _: &Connector<'_>, _: &Environment) -> Result<Policies, Failure> {
    Ok(Policies::none().approval(Arc::new(ask)))
}
