//! The policies of a server, from its options.

use std::sync::Arc;

use super::output::Failure;
use super::serve_options::ServeOptions;
use crate::auth::LocalSource;
use crate::engine::limits::call_limits::CallLimits;
use crate::engine::policy::Policies;
#[cfg(not(feature = "serve"))]
use crate::engine::policy::read_only::ReadOnly;

/// The limits on calls that connector.toml and these options set, and no other policy.
fn limited(options: &ServeOptions, local: &LocalSource) -> Policies {
    match CallLimits::of(local.connector(), options.limits) {
        Some(limits) => Policies::none().rate(Arc::new(limits)),
        None => Policies::none(),
    }
}

/// The policies that these options require.
///
/// # Errors
/// An option contradicts another, or a policy cannot start.
#[cfg(feature = "serve")]
pub(super) fn policies(options: &ServeOptions, local: &LocalSource) -> Result<Policies, Failure> {
    let mut policies = limited(options, local);
    if let Some(permit) = super::rights::permit(options, local)? {
        policies = policies.permit(permit);
    }
    if let Some(journal) = super::audit::journal(options, local)? {
        policies = policies.audit(Arc::new(journal));
    }
    Ok(policies)
}

#[cfg(not(feature = "serve"))]
pub(super) fn policies(options: &ServeOptions, local: &LocalSource) -> Result<Policies, Failure> {
    match options.needs_serve() {
        Some(flag) => Err(Failure::usage(format!(
            "`{flag}` is for servers that many people use: add `features = [\"serve\"]` to jackfield-runtime in Cargo.toml"
        ))),
        None => Ok(match options.read_only {
            true => limited(options, local).permit(Arc::new(ReadOnly(None))),
            false => limited(options, local),
        }),
    }
}
