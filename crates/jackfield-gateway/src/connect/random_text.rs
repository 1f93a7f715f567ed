//! Random text for secrets: ids of links, values of cookies.

use jackfield_runtime::random_id;

/// Returns 256 random bits as text. `None` if random numbers are unavailable.
pub(super) fn random_text() -> Option<String> {
    Some(format!("{}{}", random_id()?, random_id()?))
}
