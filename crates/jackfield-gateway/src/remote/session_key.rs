//! The keys of sessions.

use jackfield_runtime::Principal;

/// Returns the key of a principal's session. It is empty for the session that all callers share.
pub(super) fn key_of(owner: Option<&Principal>) -> String {
    owner.map(ToString::to_string).unwrap_or_default()
}
