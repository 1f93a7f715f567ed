//! Creates the policies of a server from its options.

use std::sync::Arc;

use super::output::{Failure, tell};
use super::serve_options::ServeOptions;
#[cfg(feature = "serve")]
use super::state;
use crate::auth::LocalSource;
#[cfg(feature = "serve")]
use crate::call::rows::Connector;
use crate::engine::approval::ask_first::AskFirst;
use crate::engine::limits::call_limits::CallLimits;
use crate::engine::policy::Policies;
#[cfg(not(feature = "serve"))]
use crate::engine::policy::read_only::ReadOnly;
#[cfg(feature = "serve")]
use crate::engine::service::Service;

/// The facts on which the policies depend, apart from the options and the connector.
#[cfg(feature = "serve")]
#[derive(Clone, Copy, Default)]
pub(super) struct Surroundings<'a> {
    /// The digest of the files of the connector, if it is served from files.
    pub(super) files: Option<[u8; 32]>,
    /// The service that the new service replaces. Its audit, metrics and limits stay in use. Messages to the user are not repeated.
    pub(super) earlier: Option<&'a Service>,
}

/// Adds the call limits that connector.toml and `options` set.
fn limited(policies: Policies, options: &ServeOptions, local: &LocalSource) -> Policies {
    match CallLimits::of(local.connector(), options.limits) {
        Some(limits) => policies.rate(Arc::new(limits)),
        None => policies,
    }
}

/// Reuses the call counts of the earlier service, if its limits are the same.
#[cfg(feature = "serve")]
fn still_limited(policies: Policies, earlier: &Service, local: &LocalSource) -> Option<Policies> {
    let rates = |connector: &Connector<'_>| format!("{:?}", connector.rates);
    let are_equal = rates(earlier.connector()) == rates(local.connector());
    are_equal.then(|| match &earlier.policies().rate {
        Some(rate) => policies.rate(Arc::clone(rate)),
        None => policies,
    })
}

/// Creates the policies that `options` require. `called` is the command that starts the connector.
///
/// # Errors
/// Returns an error if two options contradict each other, or if a policy cannot start.
#[cfg(feature = "serve")]
pub(super) fn policies(
    options: &ServeOptions,
    local: &LocalSource,
    called: &str,
    surroundings: Surroundings<'_>,
) -> Result<Policies, Failure> {
    use crate::control::metrics::Metrics;
    use crate::control::readiness::WritableFolder;
    use crate::engine::approval::approvers::RightsApprovers;

    let Surroundings { files, earlier } = surroundings;
    let permit = super::rights::permit(options, local, earlier.is_none())?;
    let mut ask = ask_first(options, local, called, earlier.is_none()).with_files(files);
    if let Some(permit) = &permit {
        // The rights decide who may approve, so a change of the rights invalidates approvals.
        ask = ask.with_rights(Arc::clone(permit));
        ask = ask.with_approvers(Arc::new(RightsApprovers(Arc::clone(permit))));
    }
    let policies = stored(ask, options, local)?;
    let kept = earlier.and_then(|earlier| still_limited(policies.clone(), earlier, local));
    let mut policies = kept.unwrap_or_else(|| limited(policies, options, local));
    if let Some(permit) = permit {
        policies = policies.permit(permit);
    }
    if let Some(earlier) = earlier {
        return Ok(policies.continuing(earlier.policies()));
    }
    if let Some(journal) = super::audit::journal(options, local)? {
        let folder = WritableFolder::new("audit", journal.folder().to_owned());
        policies = policies.audit(Arc::new(journal)).readiness(Arc::new(folder));
    }
    if options.http().is_some() {
        policies = policies.observe(Arc::new(Metrics::default()));
    }
    Ok(policies)
}

#[cfg(not(feature = "serve"))]
pub(super) fn policies(
    options: &ServeOptions,
    local: &LocalSource,
    called: &str,
) -> Result<Policies, Failure> {
    let policies = Policies::none().approval(Arc::new(ask_first(options, local, called, true)));
    let policies = limited(policies, options, local);
    Ok(if options.read_only { policies.permit(Arc::new(ReadOnly(None))) } else { policies })
}

/// Creates the policy that asks a person about the calls that the options select.
fn ask_first(options: &ServeOptions, local: &LocalSource, called: &str, tells: bool) -> AskFirst {
    let (mode, connector) = (options.ask_mode(), local.connector());
    if let Some(note) = mode.note(connector).filter(|_| tells) {
        tell(note);
    }
    let ask = AskFirst::new(mode, connector.name, called);
    match options.approval_time {
        Some(time) => ask.with_lifetime(time),
        None => ask,
    }
}

/// Adds the store of approvals. A client that connects over stdio and supports elicitation needs no store.
#[cfg(feature = "serve")]
fn stored(ask: AskFirst, options: &ServeOptions, local: &LocalSource) -> Result<Policies, Failure> {
    use jackfield_recipe::Ask;

    use crate::control::readiness::WritableFolder;
    use crate::engine::approval::ask_mode::AskMode;

    let always = || local.connector().tools().any(|tool| tool.ask == Ask::Always);
    if !options.is_http() && matches!(options.ask_mode(), AskMode::Auto | AskMode::Never) && !always() {
        return Ok(Policies::none().approval(Arc::new(ask)));
    }
    let store = state::store(local)?;
    let ask = ask.with_store(store.clone());
    let folder = WritableFolder::new("store", state::folder(local)?);
    Ok(Policies::none().approval(Arc::new(ask)).tasks(store).readiness(Arc::new(folder)))
}
