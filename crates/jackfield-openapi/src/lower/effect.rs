//! What an operation does to the service.

use jackfield_model::{Effect, Method};

/// By its method: what HTTP calls safe reads, DELETE destroys, all else writes.
pub(crate) fn effect(method: &Method) -> Effect {
    if method.is_safe() {
        Effect::Read
    } else if method.as_str() == "DELETE" {
        Effect::Destroy
    } else {
        Effect::Write
    }
}
