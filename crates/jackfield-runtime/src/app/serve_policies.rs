//! The policies of a server, from its options.

use super::output::Failure;
use super::serve_options::ServeOptions;
use crate::auth::LocalSource;
use crate::engine::policy::Policies;

/// The policies that these options require.
///
/// # Errors
/// An option contradicts another, or a policy cannot start.
#[cfg(feature = "serve")]
pub(super) fn policies(options: &ServeOptions, local: &LocalSource) -> Result<Policies, Failure> {
    use std::sync::Arc;

    use crate::control::metrics::Metrics;
    use crate::control::readiness::WritableFolder;

    let mut policies = Policies::none();
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
pub(super) fn policies(options: &ServeOptions, _: &LocalSource) -> Result<Policies, Failure> {
    match options.needs_serve() {
        Some(flag) => Err(Failure::usage(format!(
            "`{flag}` is for servers that many people use: add `features = [\"serve\"]` to jackfield-runtime in Cargo.toml"
        ))),
        None => Ok(Policies::none()),
    }
}
