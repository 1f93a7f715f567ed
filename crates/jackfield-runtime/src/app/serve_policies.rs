//! The policies of a server, from its options.

use super::output::Failure;
use super::serve_options::ServeOptions;
use crate::engine::policy::Policies;

/// The policies that these options require.
///
/// # Errors
/// Returns an error if an option contradicts another, or if a policy cannot start.
pub(super) fn policies(_options: &ServeOptions) -> Result<Policies, Failure> {
    Ok(Policies::none())
}
